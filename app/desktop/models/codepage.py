"""A code's page and a line of the index as rich text, with an address behind every code.

Addresses are `code:E11.65` and `line:index:1234`; who shows the text decides what they do. The
words come from the classification and are escaped; nothing of a note is shown here.
"""

from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby

from app.desktop.sizes import scaled
from app.desktop.theme import Palette
from app.wording import count, say
from taxonomy import Code, CodePage, Hit, IndexLine, Lead, LineRef, Link, PageNote

_MOST_TARGETS = 8
_FIRST_COLUMN = 104
_TONES = {"excludes1": "bad", "excludes2": "warn"} | dict.fromkeys(
    ("code_first", "use_additional", "code_also"), "accent"
)


def style(palette: Palette) -> str:
    """Return the style sheet of the text in the colours of `palette`."""
    return scaled(f"""
        body {{ color: {palette.text}; }}
        a {{ color: {palette.accent}; text-decoration: none; }}
        p {{ margin: 0; }}
        .small {{ color: {palette.muted}; font-size: 8.5pt; }}
        .title {{ font-size: 11pt; font-weight: 600; }}
        .eyebrow {{ color: {palette.muted}; font-size: 8.25pt; font-weight: 600; }}
        .kind {{ color: {palette.muted}; font-size: 8.5pt; font-weight: 600; }}
        .bad {{ color: {palette.bad}; }}
        .warn {{ color: {palette.warn}; }}
        .accent {{ color: {palette.accent}; }}
        .muted {{ color: {palette.muted}; }}
    """)


def page_html(page: CodePage, found: Hit | None = None) -> str:
    """Return the page of a code; `found` says through which line of the index it was reached."""
    code, release = page.code, page.release
    steps = [
        _code_link(step.node)
        if step.level == "code"
        else say("levels", step.level, value=step.node)
        for step in page.trail
    ]
    state = (
        say("pages", page.incomplete)
        if page.incomplete
        else f"<span class='muted'>{say('places', 'billable').capitalize()}</span>"
    )
    known = [f"{release.label}, in force {release.effective_from} to {release.effective_to}"]
    known += ["provisional"] if release.provisional else []
    known += [f"valid from {page.valid_from}"] if page.valid_from else []
    last = f" · <span class='bad'>valid until {page.valid_to}</span>" if page.valid_to else ""
    tone = "warn" if page.incomplete else "muted"
    parts = [
        f"<p class='small'>{' › '.join(steps)}</p>",
        _gap(4),
        f"<p class='title'>{escape(code.code)} &nbsp;{escape(code.title)}</p>",
        f"<p class='small'><span class='{tone}'>{state}</span> · {' · '.join(known)}{last}</p>",
    ]
    if found is not None and found.line is not None and found.code in {code.code, code.base}:
        parts += [_gap(6), _way(found)]
    own = [note for note in page.notes if note.own]
    if own:
        parts += [_gap(8), _notes(own)]
    if page.children and not page.sevenths:
        parts += [_gap(8), _heading(say("places", "below")), _codes(page.children)]
    inherited = [note for note in page.notes if not note.own]
    for place, notes in groupby(inherited, key=lambda note: note.place):
        parts += [_gap(8), _heading(f"From {place}"), _notes(list(notes))]
    beside = [each for each in page.siblings if each.code != code.code]
    if beside and code.code == code.base:
        parts += [_gap(8), _heading(say("places", "beside")), _codes(beside)]
    return _body(parts)


def line_html(line: IndexLine) -> str:
    """Return a line of the index: its way, its codes, where it sends, and the lines below."""
    source = line.source
    year = f", FY{source.year}" if source.year else ""
    here = line.line
    way = [_line_link(ref, ref.path[-1]) for ref in line.above]
    parts = [
        f"<p class='small'>{say('indexes', source.kind)}{year}</p>",
        _gap(4),
        f"<p class='small'>{' › '.join((*way, ''))}</p>" if way else "",
        f"<p class='title'>{escape(here.path[-1])}</p>",
        f"<p class='small'>{escape(here.modifiers)}</p>" if here.modifiers else "",
    ]
    rows = [
        (
            say("line_roles", each.role),
            f"{_code_link(each.code, each.printed)} &nbsp;{escape(each.title)}"
            if each.code
            else f"{escape(each.printed)} &nbsp;<span class='warn'>"
            f"{say('places', 'no-title')}</span>",
        )
        for each in line.codes
    ]
    rows += [
        (say("line_roles", "see" if lead.mandatory else "see-also"), _lead(lead))
        for lead in line.leads
    ]
    if rows:
        parts += [_gap(8), _table(rows)]
    if line.below:
        parts += [_gap(8), _heading(say("places", "subterms")), *map(_below, line.below)]
    return _body(parts)


def _way(found: Hit) -> str:
    address = f"line:{found.index}:{found.line}"
    words = escape(" › ".join(found.path))
    see = f" · see {escape(found.see)}" if found.see else ""
    name = escape(say("indexes", found.index))
    return f"<p><span class='kind'>{name}</span> &nbsp;<a href='{address}'>{words}</a>{see}</p>"


def _notes(notes: Sequence[PageNote]) -> str:
    """Return the notes of one place, the name of their kind before the first of each."""
    rows = []
    for kind, same in groupby(notes, key=lambda note: note.note.kind):
        name = f"<span class='{_TONES.get(kind, 'muted')}'>{say('note_kinds', kind)}</span>"
        for at, note in enumerate(same):
            rows.append(("" if at else name, _note(note)))
    return _table(rows)


def _note(found: PageNote) -> str:
    # "Code also" goes on with ", if applicable": the comma belongs to the line before.
    text = _linked(found.note.text, found.links).lstrip(", ")
    if found.to_read:
        text += f" <span class='warn'>({say('places', 'read-manually')})</span>"
    named = {link.code for link in found.links}
    beyond = [target.first for target in found.targets if target.first not in named]
    if beyond:
        links = ", ".join(map(_code_link, beyond[:_MOST_TARGETS]))
        more = len(beyond) - _MOST_TARGETS
        text += f" → {links}" + (f" and {count(more, 'more', 'more')}" if more > 0 else "")
    return text


def _linked(text: str, links: Iterable[Link]) -> str:
    parts, at = [], 0
    for link in links:
        parts += [escape(text[at : link.start]), _code_link(link.code)]
        at = link.end
    return "".join((*parts, escape(text[at:])))


def _lead(lead: Lead) -> str:
    words = _linked(lead.text, lead.links)
    if len(lead.lines) == 1:
        words = _line_link(lead.lines[0], lead.text)
    elif lead.lines:
        words += ": " + "; ".join(_line_link(ref, " › ".join(ref.path)) for ref in lead.lines)
    if lead.column:
        words += f" <span class='muted'>({escape(lead.column)})</span>"
    if lead.rest and not lead.links:
        words += f" <span class='warn'>({say('places', 'read-manually')})</span>"
    return words


def _below(ref: LineRef) -> str:
    modifiers = f" <span class='muted'>{escape(ref.modifiers)}</span>" if ref.modifiers else ""
    codes = f" &nbsp;<b>{escape(' '.join(ref.codes))}</b>" if ref.codes else ""
    see = f" <span class='muted'>see {escape(ref.see)}</span>" if ref.see else ""
    return f"<p>{_line_link(ref, ref.path[-1])}{modifiers}{codes}{see}</p>"


def _codes(codes: Iterable[Code]) -> str:
    return _table([(_code_link(code.code), escape(code.title)) for code in codes])


def _table(rows: Sequence[tuple[str, str]]) -> str:
    cells = "".join(
        f"<tr><td class='kind' width='{_FIRST_COLUMN}'>{name}</td><td>{text}</td></tr>"
        for name, text in rows
    )
    return f"<table width='100%' cellspacing='0' cellpadding='1'>{cells}</table>"


def _heading(words: str) -> str:
    return f"<p class='eyebrow'>{escape(words)}</p>"


def _gap(height: int) -> str:
    return f"<p style='font-size: 1px; line-height: {height}px'>&nbsp;</p>"


def _code_link(code: str, shown: str = "") -> str:
    return f"<a href='code:{escape(code)}'>{escape(shown or code)}</a>"


def _line_link(ref: LineRef, shown: str) -> str:
    return f"<a href='line:{ref.index}:{ref.line}'>{escape(shown)}</a>"


def _body(parts: Iterable[str]) -> str:
    return f"<body>{''.join(parts)}</body>"
