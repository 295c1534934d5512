"""Look through XML before it is parsed: which file it is, whether it is whole and harmless.

Entities, document types and nesting beyond any official file are refused here, in one pass that
builds nothing, so that a hostile file costs neither memory nor stack.
"""

from collections import Counter
from dataclasses import dataclass, field
from xml.parsers import expat

from taxonomy.importing.refusal import ImportRefusedError

_DEEPEST = 40
_MOST_ATTRIBUTES = 20


@dataclass(slots=True, kw_only=True)
class Outline:
    """What one pass over an XML file saw.

    `promised` are the ids that section indexes name, `sections` the ids of the sections there.
    """

    root: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    promised: set[str] = field(default_factory=set)
    sections: list[str] = field(default_factory=list)


class _Refused(Exception):  # noqa: N818 - leaves the parser and nothing else
    """Carries the reason out of a parser callback."""


def outline(name: str, data: bytes) -> Outline:
    """Return what stands in an XML file; ImportRefusedError where it is damaged or hostile."""
    seen = Outline()
    depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST or len(attributes) > _MOST_ATTRIBUTES:
            raise _Refused("is nested deeper than any official file")
        if depth == 1:
            seen.root, seen.attributes = tag, dict(attributes)
        seen.counts[tag] += 1
        if tag == "sectionRef":
            seen.promised.add(attributes.get("id", ""))
        elif tag == "section":
            seen.sections.append(attributes.get("id", ""))

    def end(_tag: str) -> None:
        nonlocal depth
        depth -= 1

    def refuse(*_: object) -> None:
        raise _Refused("declares a document type or entities, which no official file does")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(data, True)  # noqa: FBT003 - the C function has no keyword
    except _Refused as error:
        raise ImportRefusedError(f"{name} {error}; import the file as published.") from None
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise ImportRefusedError(
            f"{name} is damaged or cut short (XML: {error}); download it again."
        ) from error
    return seen
