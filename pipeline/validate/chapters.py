"""Rules of single chapters that need more than two sets of codes (C07, C18, C19, C22, V21)."""

from collections import defaultdict
from collections.abc import Sequence
from types import MappingProxyType

from pipeline.model import Severity
from pipeline.validate.context import Context

_LEVELS = MappingProxyType({"9": 0, "1": 1, "2": 2})
_LEVEL_PLACE = 4
_SUBSTANCES = tuple(f"F{number}" for number in (10, 11, 12, 13, 14, 15, 16, 18, 19))
_EXTERNAL_SITES = ("T20", "T21", "T22", "T23", "T24", "T25")
_DEGREES = MappingProxyType({"1": 1, "5": 1, "2": 2, "6": 2, "3": 3, "7": 3})
_FULL_LENGTH = 8
_ACTIVE = frozenset("ABC")
_SUPERFICIAL = frozenset(f"S{region}0" for region in range(10))
_PLACES = ("Y92", "Y93", "Y99")
_CATACLYSMS = ("X34", "X35", "X36", "X37", "X38", "X39")
_ULCER_LENGTH = 7
_TRIMESTERS = ("first trimester", "second trimester", "third trimester")
_SECOND, _THIRD = 14, 28
_SCORES = ("R40.21", "R40.22", "R40.23")


def run(context: Context) -> None:
    """Ask the rules of this family."""
    codes = [found.code for found in context.facts]
    _substances(context, codes)
    _burns(context, codes)
    _superficial(context, codes)
    _coma_scale(context, codes)
    _ulcer_stages(context, codes)
    _trimesters(context)
    external = [code for code in codes if code[0] in "VWXY"]
    if external:
        _episodes(context, codes, external)
        _external_order(context, external)


def _substances(context: Context, codes: Sequence[str]) -> None:
    """Let dependence stand for abuse and use, and abuse for use, of one substance (I.C.5.b.2)."""
    by_substance: dict[str, list[str]] = defaultdict(list)
    for code in codes:
        if code.startswith(_SUBSTANCES) and code[_LEVEL_PLACE : _LEVEL_PLACE + 1] in _LEVELS:
            by_substance[code[:3]].append(code)
    for found in by_substance.values():
        context.ledger.look("substance-level.C07", len(found))
        highest = max(found, key=lambda code: _LEVELS[code[_LEVEL_PLACE]])
        for code in found:
            if _LEVELS[code[_LEVEL_PLACE]] < _LEVELS[highest[_LEVEL_PLACE]]:
                context.say(
                    "substance-level.C07",
                    Severity.ERROR,
                    (code, highest),
                    "guideline I.C.5.b.2",
                    f"keep={highest}",
                )


def _burns(context: Context, codes: Sequence[str]) -> None:
    """Code each site by its highest degree, and the highest degree first (I.C.19.d.1-2)."""
    burns = [
        code
        for code in codes
        if code.startswith(_EXTERNAL_SITES)
        and code[_LEVEL_PLACE] in _DEGREES
        and code[-1] in "AD"
        and len(code) == _FULL_LENGTH
    ]
    if not burns:
        return
    context.ledger.look("burn-degree.C19", len(burns))

    def degree(code: str) -> int:
        return _DEGREES[code[_LEVEL_PLACE]]

    by_site: dict[tuple[str, str, bool], list[str]] = defaultdict(list)
    for code in burns:
        by_site[code[:3], code[5:7], code[_LEVEL_PLACE] in "567"].append(code)
    for found in by_site.values():
        deepest = max(found, key=degree)
        for code in found:
            if degree(code) < degree(deepest):
                pair, keep = (code, deepest), f"keep={deepest}"
                source = "guideline I.C.19.d.2"
                context.say("burn-degree.C19", Severity.WARNING, pair, source, keep)
    deepest = max(burns, key=degree)
    if context.place and degree(burns[0]) < degree(deepest):
        pair, lead = (burns[0], deepest), f"first={deepest}"
        context.say("burn-order.C19", Severity.WARNING, pair, "guideline I.C.19.d.1", lead)


def _superficial(context: Context, codes: Sequence[str]) -> None:
    """Remind that a superficial injury is not coded beside a graver one there (I.C.19.b.1)."""
    for code in codes:
        if code[:3] not in _SUPERFICIAL:
            continue
        context.ledger.look("superficial-injury.C18", 1)
        graver = next(
            (o for o in codes if o[:2] == code[:2] and o[0] == "S" and o[2] not in "01"), None
        )
        if graver is not None:
            context.say(
                "superficial-injury.C18",
                Severity.INFO,
                (code, graver),
                "guideline I.C.19.b.1",
                f"keep={graver}",
            )


def _ulcer_stages(context: Context, codes: Sequence[str]) -> None:
    """Ask about two stages of a pressure ulcer of one site (I.C.12.a.2, I.C.12.a.6)."""
    by_site: dict[str, list[str]] = defaultdict(list)
    for code in codes:
        if code.startswith("L89") and len(code) == _ULCER_LENGTH:
            by_site[code[:-1]].append(code)
    for found in by_site.values():
        context.ledger.look("ulcer-stages.C15", len(found))
        if len(found) > 1:
            source = "guideline I.C.12.a.6"
            context.say("ulcer-stages.C15", Severity.WARNING, tuple(found), source)


def _trimesters(context: Context) -> None:
    """Hold the trimester of obstetric codes against the weeks of gestation (I.C.15.a.3).

    The first ends before 14 weeks 0 days, the second before 28 (beginning of chapter 15).
    """
    weeks = next((f.code for f in context.facts if f.code.startswith("Z3A.")), "")
    number = int(weeks[4:]) if weeks[4:].isdecimal() else 0
    for found in context.facts:
        if found.code[0] != "O" or "trimester" not in found.title:
            continue
        if "unspecified trimester" in found.title:
            source = "guideline I.C.15.a.6"
            context.say("trimester-open.C17", Severity.INFO, (found.code,), source)
            continue
        named = next((n for n, word in enumerate(_TRIMESTERS) if word in found.title), None)
        if not number or named is None:
            continue
        context.ledger.look("trimester-weeks.C17", 1)
        if (number >= _SECOND) + (number >= _THIRD) != named:
            pair, said = (found.code, weeks), f"weeks={number}"
            source = "guideline I.C.15.a.3"
            context.say("trimester-weeks.C17", Severity.WARNING, pair, source, said)


def _coma_scale(context: Context, codes: Sequence[str]) -> None:
    """Let the scores of the coma scale be of one time: their 7th characters match (I.C.18.e.1)."""
    scores = [code for code in codes if code.startswith(_SCORES)]
    context.ledger.look("coma-scale-time.V21", len(scores))
    times = [{code[-1] for code in scores if code.startswith(part)} for part in _SCORES]
    given = [each for each in times if each]
    if any(each != given[0] for each in given):
        source = "guideline I.C.18.e.1"
        context.say("coma-scale-time.V21", Severity.WARNING, tuple(scores), source)


def _episode(code: str) -> str:
    return "A" if code[-1] in _ACTIVE else "S" if code[-1] == "S" else "D"


def _episodes(context: Context, codes: Sequence[str], external: Sequence[str]) -> None:
    """Match the 7th character of a cause with its injury's (I.C.20.a.2, I.C.20.b, c, k)."""
    injuries = [code for code in codes if code[0] in "ST" and len(code) == _FULL_LENGTH]
    episodes = {_episode(code) for code in injuries}
    for code in external:
        if len(code) == _FULL_LENGTH and code[-1] in "ADS" and episodes:
            context.ledger.look("external-cause-episode.C18", 1)
            if _episode(code) not in episodes:
                pair, source = (code, injuries[0]), "guideline I.C.20.a.2"
                context.say("external-cause-episode.C18", Severity.WARNING, pair, source)
        elif code.startswith(_PLACES) and episodes:
            context.ledger.look("place-at-first-visit.C22", 1)
            if "A" not in episodes:
                pair, source = (code, injuries[0]), "guideline I.C.20.b"
                context.say("place-at-first-visit.C22", Severity.WARNING, pair, source)


def _external_order(context: Context, external: Sequence[str]) -> None:
    """Hold the order of external causes: the graver kind first, place and activity last.

    Abuse, terrorism, cataclysm, transport, others; then place, activity, status (I.C.20.d, f).
    """
    if not context.place:
        return
    context.ledger.look("external-cause-order.C22", len(external))
    abuse = any(code.startswith("Y07") for code in external)
    ranks = [_rank(code, abuse=abuse) for code in external]
    for before, after in zip(range(len(ranks)), range(1, len(ranks)), strict=False):
        if ranks[before] > ranks[after]:
            pair = (external[before], external[after])
            lead = f"first={external[after]}"
            source = "guideline I.C.20.f"
            context.say("external-cause-order.C22", Severity.WARNING, pair, source, lead)
            return


def _rank(code: str, *, abuse: bool) -> int:
    if code.startswith(_PLACES):
        return 5
    if abuse and "X92" <= code[:3] <= "Y09":
        return 0
    if code.startswith("Y38"):
        return 1
    if code.startswith(_CATACLYSMS):
        return 2
    return 3 if code[0] == "V" else 4
