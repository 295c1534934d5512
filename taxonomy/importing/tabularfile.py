"""Find a tabular list whole, beyond being readable."""

import re

from taxonomy.importing.xmlfiles import Outline
from taxonomy.rows import Rows
from taxonomy.sevenths import assign
from taxonomy.tabular import Tabular

_CODE = re.compile(r"[A-Z][0-9A-Z]{2}(?:\.[0-9A-Z]{1,4})?")
_CATEGORY = 3


def check_tabular(tabular: Tabular, seen: Outline) -> tuple[int, int]:
    """Return the rows and the billable codes of a list; ValueError where it is not whole.

    Chapters count from 1 without a gap, each section that a chapter announces is there once,
    each code stands below a beginning of itself, and none stands twice.
    """
    names = [chapter.name for chapter in tabular.chapters]
    if names != [str(number) for number in range(1, len(names) + 1)]:
        raise ValueError("its chapters are not complete and in order")
    missing = seen.promised - set(seen.sections)
    if missing or len(set(seen.sections)) < len(seen.sections):
        raise ValueError(f"a section is missing or twice ({min(missing, default='twice')})")
    if seen.counts["diag"] != len(tabular.nodes) or not tabular.nodes:
        raise ValueError("codes stand in it where none belong")
    for node in tabular.nodes:
        above = tabular.nodes[node.parent].code if node.parent >= 0 else ""
        right = node.code.startswith(above) and (len(node.code) > _CATEGORY) == bool(above)
        if not _CODE.fullmatch(node.code) or not right or node.code == above:
            raise ValueError(f"{node.code[:20]!r} is no code, or stands in the wrong place")
    assigned, extensions = assign(tabular.nodes)
    chars = ["".join(char for char, _ in pairs) for pairs in extensions]
    for each in chars:
        if len(set(each)) < len(each) or not re.fullmatch(r"[0-9A-Z]+", each):
            raise ValueError(f"its 7th characters {each[:20]!r} are not distinct characters")
    rows = Rows.spread(
        [node.code for node in tabular.nodes],
        [node.parent for node in tabular.nodes],
        [chars[number] if number >= 0 else "" for number in assigned],
    )
    if len(rows.index) < len(rows.codes):
        raise ValueError("a code stands in it twice")
    billable = sum(len(each) or leaf for each, leaf in zip(rows.chars, rows.leaf, strict=True))
    return rows.last[-1], billable
