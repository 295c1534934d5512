"""What the encoder found, as JSON: hits, the page of a code, a line of the index.

Keys are only ever added; `schema` would rise if one had to go.
"""

from collections.abc import Mapping
from dataclasses import asdict

from taxonomy import Code, CodePage, Encoder, Hit, PageNote, Release

Json = dict[str, object]


def answer(encoder: Encoder, text: str, found: tuple[Hit, ...], page: CodePage | None) -> Json:
    """Return the answer to one search; `page` is that of the code the text names, if it does."""
    return {
        "schema": 1,
        "text": text,
        "release": _release(encoder.release),
        "indexes": list(encoder.indexes),
        "hits": [hit_json(hit) for hit in found],
        "page": None if page is None else page_json(page),
    }


def hit_json(hit: Hit) -> Json:
    """Return one code found, with the way through the index to it where one was found."""
    return {**asdict(hit), "path": list(hit.path)}


def page_json(page: CodePage) -> Json:
    """Return the page of a code with every note, link and 7th character."""
    return {
        **_code(page.code),
        "incomplete": page.incomplete,
        "base": page.code.base,
        "order": page.code.order,
        "default": page.default,
        "valid_from": _day(page.valid_from),
        "valid_to": _day(page.valid_to),
        "trail": [asdict(step) for step in page.trail],
        "notes": [_note(note) for note in page.notes],
        "children": [_code(code) for code in page.children],
        "siblings": [_code(code) for code in page.siblings],
        "sevenths": [asdict(seventh) for seventh in page.sevenths],
    }


def _release(release: Release) -> Mapping[str, object]:
    return {
        "label": release.label,
        "effective_from": release.effective_from.isoformat(),
        "effective_to": release.effective_to.isoformat(),
        "provisional": release.provisional,
    }


def _code(code: Code) -> Json:
    return {"code": code.code, "title": code.title, "billable": code.billable}


def _note(found: PageNote) -> Json:
    note = found.note
    return {
        "kind": note.kind,
        "node": note.node,
        "level": note.level,
        "number": note.number,
        "own": found.own,
        "place": found.place,
        "text": note.text,
        "links": [asdict(link) for link in found.links],
        "targets": [asdict(target) for target in found.targets],
        "unresolved": found.unresolved,
    }


def _day(day: object) -> str | None:
    return None if day is None else str(day)
