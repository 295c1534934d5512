"""Rules that the tabular list states in its notes: excludes, code first, use additional, also.

An Excludes1 note asks and never decides: the two codes may be right where the conditions are
unrelated (I.A.12.a). A list that follows "such as" gives examples, so that a missing cause is at
most a warning.
"""

from bisect import bisect_right
from collections.abc import Sequence

from pipeline.model import Finding, Severity
from pipeline.validate.context import Context, Facts, facts
from pipeline.validate.notes import OWN_LEVELS, Pointing
from taxonomy import Taxonomy

IDS = {"excludes1": "V06"}
_MANIFESTATION = ("in diseases classified elsewhere", "in other diseases classified elsewhere")
_NO_CAUSE = ("R", "Z", "V", "W", "X", "Y")


def excludes1(codes: Sequence[str], taxonomy: Taxonomy) -> list[Finding]:
    """Return a finding for each pair that a type 1 excludes note keeps apart (I.A.12.a).

    `detail` says which of the two the note sends its words to, and why both might be right.
    """
    known = [found for code in codes if (found := facts(code, taxonomy)) is not None]
    findings = []
    kept_apart = {
        frozenset((one.code, other.code)): (one, other)
        for one in known
        if (bounds := one.notes.excluded)
        for other in known
        if bounds[0] <= other.order < bounds[-1]
        and bisect_right(bounds, other.order) % 2
        and one is not other
    }
    for one, other in kept_apart.values():
        hit = taxonomy.excludes1(one.code, other.code)
        if hit is not None:
            findings.append(
                Finding(
                    rule="excludes1",
                    severity=Severity.WARNING,
                    codes=(hit.holder, hit.excluded),
                    source=f"tabular {hit.note.node} excludes1 {hit.note.number}",
                    release=taxonomy.release.label,
                    detail=(f"same-condition={hit.excluded}", "unrelated=both"),
                )
            )
    return findings


def run(context: Context) -> None:
    """Ask what the notes of each code say of the others."""
    for found in context.facts:
        if found.notes.code_first:
            _code_first(context, found)
        if found.notes.use_additional:
            _use_additional(context, found)
        if found.notes.code_also:
            _code_also(context, found)
    _excludes2(context)


def is_manifestation(found: Facts) -> bool:
    """Say whether a code is a manifestation by its title and a code-first note (I.A.13)."""
    named = any(note.level in OWN_LEVELS for note in found.notes.code_first)
    return named and any(words in found.title for words in _MANIFESTATION)


def cause_of(context: Context, code: str) -> tuple[str, str] | None:
    """Return a code of the set that a code-first note puts before this one, and the note."""
    found = next(each for each in context.facts if each.code == code)
    named = _named(found.notes.code_first, context, found)
    return (named[0][0].code, named[0][1].source) if named else None


def _covers(bounds: Sequence[int], order: int) -> bool:
    return bounds[0] <= order < bounds[-1] and bisect_right(bounds, order) % 2 == 1


def _named(notes: Sequence[Pointing], context: Context, of: Facts) -> list[tuple[Facts, Pointing]]:
    """Return the other codes of the set that these notes name, in the order of the claim."""
    return [
        (other, note)
        for other in context.facts
        if other.code != of.code
        for note in notes
        if _covers(note.bounds, other.order)
    ]


def _code_first(context: Context, found: Facts) -> None:
    causes = _named(found.notes.code_first, context, found)
    if not is_manifestation(found):
        if causes:
            context.ledger.look("code-first.V09", 1)
            _in_order(context, found, causes, "code-first.V09", Severity.WARNING)
        return
    context.ledger.look("manifestation.V08", 1)
    if context.first is found:
        named = tuple(f"first={cause.code}" for cause, _ in causes[:1])
        context.say(
            "manifestation-first.V08",
            Severity.ERROR,
            (found.code,),
            "guideline I.A.13",
            *named,
        )
    elif causes:
        _in_order(context, found, causes, "manifestation-order.V08", Severity.ERROR)
    else:
        # The notes give examples, so that another disease of the set may be the cause.
        others = [other for other in context.facts if other.code[0] not in _NO_CAUSE]
        alone = len(others) <= 1
        rule = "manifestation-alone.V08" if alone else "manifestation-cause.V08"
        severity = Severity.ERROR if alone else Severity.WARNING
        context.say(rule, severity, (found.code,), found.notes.code_first[0].source)


def _in_order(
    context: Context,
    found: Facts,
    causes: Sequence[tuple[Facts, Pointing]],
    rule: str,
    severity: Severity,
) -> None:
    place = context.place
    if not place or any(place[cause.code] < place[found.code] for cause, _ in causes):
        return
    cause, note = causes[0]
    context.say(rule, severity, (found.code, cause.code), note.source, f"first={cause.code}")


def _use_additional(context: Context, found: Facts) -> None:
    notes = [note for note in found.notes.use_additional if note.level in OWN_LEVELS]
    if not notes:
        return
    context.ledger.look("use-additional.V10", 1)
    named = _named(notes, context, found)
    leading = context.first
    for other, note in named:
        # Only the first place says that the additional code was taken for the reason.
        if other is leading and not _asks_back(other, found):
            codes = (other.code, found.code)
            detail = f"first={found.code}"
            context.say("use-additional.V10", Severity.WARNING, codes, note.source, detail)
    asked = [note for note in notes if note.level == "code" and not note.optional]
    if asked and not named:
        context.say("additional-missing.V10", Severity.INFO, (found.code,), asked[0].source)


def _asks_back(other: Facts, found: Facts) -> bool:
    """Say whether the other code asks for this one as well, so that neither must lead."""
    return any(_covers(note.bounds, found.order) for note in other.notes.use_additional)


def _code_also(context: Context, found: Facts) -> None:
    """Remind of a second code that may be needed, in either order (I.A.17)."""
    notes = [note for note in found.notes.code_also if note.level in OWN_LEVELS]
    if not notes:
        return
    context.ledger.look("code-also.V11", 1)
    asked = [note for note in notes if not note.optional]
    if asked and not _named(notes, context, found):
        context.say("code-also.V11", Severity.INFO, (found.code,), asked[0].source)


def _excludes2(context: Context) -> None:
    """Say where a type 2 note parts two codes: both stand where both are documented (I.A.12.b)."""
    told: set[frozenset[str]] = set()
    for found in context.facts:
        allowed = found.notes.allowed
        if not allowed:
            continue
        context.ledger.look("excludes2.V07", 1)
        low, high = allowed[0], allowed[-1]
        for other in context.facts:
            # Most codes lie outside all that the notes name.
            if not low <= other.order < high or not _covers(allowed, other.order):
                continue
            if other is found:
                continue
            pair = frozenset((found.code, other.code))
            if pair in told:
                continue
            told.add(pair)
            note = next(
                each
                for each in found.notes.excludes2
                if each.level in OWN_LEVELS and _covers(each.bounds, other.order)
            )
            codes = (found.code, other.code)
            context.say("excludes2.V07", Severity.INFO, codes, note.source, "documented=both")
