"""What a code leaves open, and the codes beside it that say it: side, detail, 7th character.

Read off the titles of the codes on the same step: those that differ in the side alone, and, where a
title says "unspecified", those that name what it leaves open. A header among them gives way to its
default code, whose own detail is asked for next.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from taxonomy import Code, Taxonomy

MOST = 8
"""Choices of one kind; with more the digits run out, and the tabular page is the better place."""

_SIDES = re.compile(r"\b(right|left|bilateral|unspecified side|both)\b", re.IGNORECASE)
_OPEN = "unspecified"
_PLAIN = re.compile(r"[a-z0-9]+")
_USUAL = ("A", "D", "S")
_ORDINALS = frozenset({"first", "second", "third"})
_FILLER = frozenset({"of", "the", "and", "with", "in", "to", "for"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Finer:
    """A code that says more than another: `kind` is side, detail or seventh, `label` the words."""

    kind: str
    label: str
    code: str
    title: str


def finer(taxonomy: Taxonomy, code: str) -> tuple[Finer, ...]:
    """Return the choices of a billable code by kind: sides, then details, then 7th characters.

    Empty for a code the release does not have, and for one that leaves nothing open.
    """
    own = taxonomy.get(code)
    if own is None or not own.billable:
        return ()
    beside = tuple(_beside(taxonomy, own, own.base)) if own.depth else ()
    return (*_sides(own, beside), *_details(taxonomy, own, beside), *_sevenths(taxonomy, own))


def _beside(taxonomy: Taxonomy, own: Code, node: str) -> Iterator[Code]:
    """Yield the billable codes on the step of a node, with the 7th character of the code."""
    char = own.code[-1] if own.code != own.base else ""
    for base in taxonomy.siblings(node):
        full = taxonomy.with_seventh(base, char) if char else base
        found = taxonomy.get(full) if full is not None else None
        if found is not None and not found.billable:
            default = taxonomy.default_leaf(found.code)
            found = taxonomy.get(default) if default is not None else None
        if found is not None and found.billable and found.code != own.code:
            yield found


def _sides(own: Code, beside: tuple[Code, ...]) -> tuple[Finer, ...]:
    mine = _without_side(own.title)
    found = []
    for other in beside:
        side = _SIDES.search(other.title)
        label = side[1].lower() if side is not None else ""
        theirs = _without_side(other.title)
        # "Bilateral" goes without the word for the organ: "otitis media, bilateral".
        if (label in {"right", "left"} and theirs == mine) or (
            label == "bilateral" and theirs <= mine and len(mine - theirs) <= 1
        ):
            found.append(Finer(kind="side", label=label, code=other.code, title=other.title))
    return tuple(found[:MOST])


def _without_side(title: str) -> frozenset[str]:
    """Return the words of a title but those that name a side or leave it open."""
    words = _PLAIN.findall(_SIDES.sub(" ", title.lower()))
    return frozenset(word.rstrip("s") for word in words if word != _OPEN)


def _details(taxonomy: Taxonomy, own: Code, beside: tuple[Code, ...]) -> tuple[Finer, ...]:
    """Return what may be said in the place of "unspecified", from the nearest step that says it."""
    if _OPEN not in own.title.lower():
        return ()
    found = _named(own, beside)
    for above in taxonomy.ancestors(own.base)[:-1]:
        found = found or _named(own, tuple(_beside(taxonomy, own, above)))
    return found[:MOST]


def _named(own: Code, beside: tuple[Code, ...]) -> tuple[Finer, ...]:
    said = set(_PLAIN.findall(own.title.lower())) - {_OPEN} - _FILLER
    found = []
    for other in beside:
        words = set(_PLAIN.findall(other.title.lower()))
        label = _label(own.title, other.title)
        keeps = all(any(word in longer for longer in words) for word in said)
        if keeps and label and _without_side(other.title) != _without_side(own.title):
            found.append(Finer(kind="detail", label=label, code=other.code, title=other.title))
    return tuple(found)


def _label(title: str, other: str) -> str:
    """Return the words of another title that are not in this one, in their order.

    A number takes the word before it along, an ordinal the one after ("stage 3a", "first
    trimester"), "without" what it denies; single words between them stay.
    """
    said = set(_PLAIN.findall(title.lower())) | {_OPEN}
    words = other.replace(",", " ").split()
    new = [at for at, word in enumerate(words) if not set(_PLAIN.findall(word.lower())) <= said]
    if len(new) == 1 and words[new[0]][0].isdecimal() and new[0]:
        new = [new[0] - 1, *new]
    elif len(new) == 1 and words[new[0]].lower() in _ORDINALS and new[0] + 1 < len(words):
        new = [*new, new[0] + 1]
    if new and new[0] and words[new[0] - 1].lower() in {"with", "without"}:
        new = [new[0] - 1, *new]
    between = [at + 1 for at, after in pairwise(new) if after == at + 2]
    kept = [words[at] for at in sorted((*new, *between))]
    while kept and kept[0].lower() in _FILLER - {"with"}:
        kept = kept[1:]
    while kept and kept[-1].lower() in _FILLER:
        kept = kept[:-1]
    label = " ".join(kept)
    return "" if label.lower() in {"other", "other specified"} else label


def _sevenths(taxonomy: Taxonomy, own: Code) -> tuple[Finer, ...]:
    chars = taxonomy.seventh_characters(own.code)
    if own.code == own.base or not chars:
        return ()
    wanted = [char for char in _USUAL if char in chars] or list(chars)[:3]
    choices = ((char, taxonomy.with_seventh(own.base, char)) for char in wanted)
    return tuple(
        Finer(kind="seventh", label=chars[char], code=full, title=found.title)
        for char, full in choices
        if full is not None and full != own.code and (found := taxonomy.get(full)) is not None
    )
