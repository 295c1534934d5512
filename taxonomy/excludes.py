"""Which type 1 excludes note keeps two codes apart (guideline I.A.12.a).

The notes expand to 11.5 million pairs of codes, so they are never expanded: each note that
applies to one code is asked whether its ranges cover the other.
"""

from taxonomy.model import INSTRUCTION_KINDS, Excludes1
from taxonomy.places import Place, Places
from taxonomy.tables import NODE


def find_excludes1(places: Places, a: Place, b: Place) -> Excludes1 | None:
    """Return the nearest note that excludes either code from the other; None for no such note."""
    for holder, excluded in ((a, b), (b, a)):
        note = _excluding(places, holder, excluded)
        if note is not None:
            return Excludes1(
                note=places.note(note), holder=places.code(holder), excluded=places.code(excluded)
            )
    return None


def _excluding(places: Places, holder: Place, excluded: Place) -> int | None:
    order = places.order(excluded)
    if not places.reach[holder.node].covers(order):
        return None
    for note in places.excluding[holder.node]:
        if not places.targets[note].covers(order):
            continue
        level, at = places.tables.levels[note], places.tables.holders[note]
        low, high = places.spans[level][at]
        # D72 excludes its own D72.824: a note does not speak of what it stands above.
        if low <= order <= high or _asked_for(places, holder, excluded, note):
            continue
        return note
    return None


def _asked_for(places: Places, a: Place, b: Place, excludes: int) -> bool:
    """Say whether a more specific note asks for the two codes together.

    The classification contradicts itself in a few places: M62 excludes G72.-, but M62.84 says to
    code G72.- first. The note nearer to the codes knows more.
    """
    limit = _specificity(places, excludes)
    return any(
        places.tables.kinds[note] in INSTRUCTION_KINDS
        and places.targets[note].covers(places.order(other))
        and _specificity(places, note) > limit
        for one, other in ((a, b), (b, a))
        for note in places.inherited[one.node]
    )


def _specificity(places: Places, note: int) -> int:
    """Rank a note's node: chapter, section, then codes by their length."""
    level, holder = places.tables.levels[note], places.tables.holders[note]
    return level if level != NODE else NODE + len(places.tables.codes[holder])
