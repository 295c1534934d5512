"""Read the official tabular XML into plain values: chapters, sections, codes, notes.

Nothing is interpreted here beyond the structure of the file: 7th characters are spread by
`sevenths`, references in notes by `references`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from taxonomy.model import TaxonomyError

_ROOT = "ICD10CM.tabular"
_KINDS = {
    "includes": "includes",
    "inclusionTerm": "inclusion_term",
    "excludes1": "excludes1",
    "excludes2": "excludes2",
    "codeFirst": "code_first",
    "useAdditionalCode": "use_additional",
    "codeAlso": "code_also",
    "notes": "notes",
}


@dataclass(slots=True, kw_only=True)
class Node:
    """A `diag` element: a code as it stands in the XML, before 7th characters are added.

    `parent` is a position in `Tabular.nodes`, -1 for a category; `sevenths` are the (character,
    meaning) pairs defined on this very node, None where it defines none.
    """

    code: str
    title: str
    parent: int
    section: int
    notes: list[tuple[str, str]]
    sevenths: tuple[tuple[str, str], ...] | None


@dataclass(slots=True, kw_only=True)
class Heading:
    """A chapter or a section; `chapter` is the position of a section's chapter."""

    name: str
    title: str
    chapter: int
    notes: list[tuple[str, str]]


@dataclass(slots=True, kw_only=True)
class Tabular:
    """The whole file, everything in document order (which is the tabular order)."""

    version: str
    chapters: list[Heading] = field(default_factory=list)
    sections: list[Heading] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)


def parse(data: bytes) -> Tabular:
    """Read tabular XML of any year; TaxonomyError where it is not such a file.

    Document types, entities and external references are refused.
    """
    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise TaxonomyError(
            f"The ICD-10-CM tabular list is not readable XML ({error}); import the official file."
        ) from error
    if root.tag != _ROOT:
        raise TaxonomyError(
            f"The file is no ICD-10-CM tabular list: its root is <{root.tag}>, not <{_ROOT}>."
        )
    tabular = Tabular(version=_text(root, "version"))
    for chapter in root.iterfind("chapter"):
        tabular.chapters.append(
            Heading(
                name=_text(chapter, "name"),
                title=_text(chapter, "desc"),
                chapter=len(tabular.chapters),
                notes=_notes(chapter),
            )
        )
        for section in chapter.iterfind("section"):
            tabular.sections.append(
                Heading(
                    name=(section.get("id") or "").strip(),
                    title=_text(section, "desc"),
                    chapter=len(tabular.chapters) - 1,
                    notes=_notes(section),
                )
            )
            for diag in section.iterfind("diag"):
                _walk(diag, -1, tabular)
    return tabular


def _walk(diag: Element, parent: int, tabular: Tabular) -> None:
    here = len(tabular.nodes)
    tabular.nodes.append(
        Node(
            code=_text(diag, "name"),
            title=_text(diag, "desc"),
            parent=parent,
            section=len(tabular.sections) - 1,
            notes=_notes(diag),
            sevenths=_sevenths(diag),
        )
    )
    for child in diag.iterfind("diag"):
        _walk(child, here, tabular)


def _text(element: Element, tag: str) -> str:
    text = (element.findtext(tag) or "").strip()
    if not text:
        raise TaxonomyError(
            f"The ICD-10-CM tabular list is damaged: a <{element.tag}> has no <{tag}>; "
            "import the official file."
        )
    return text


def _notes(element: Element) -> list[tuple[str, str]]:
    return list(_each_note(element))


def _each_note(element: Element) -> Iterator[tuple[str, str]]:
    # A node can carry the same group twice (35 nodes have two useAdditionalCode).
    for group in element:
        kind = _KINDS.get(group.tag)
        if kind is not None:
            for note in group.iterfind("note"):
                yield kind, (note.text or "").strip()


def _sevenths(diag: Element) -> tuple[tuple[str, str], ...] | None:
    # A <note> among the extensions is an inclusion note of the one before it, not a value.
    definitions = [
        ((extension.get("char") or "").strip(), (extension.text or "").strip())
        for definition in diag.iterfind("sevenChrDef")
        for extension in definition.iterfind("extension")
    ]
    return tuple(definitions) or None
