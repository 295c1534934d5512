"""Rules on how two codes of one disease go together (V14, V16, V18, V20, V23, V24, Q04)."""

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

from pipeline.model import Severity
from pipeline.validate.combine import Combination
from pipeline.validate.context import Context, Facts
from resources import read_json
from taxonomy import Taxonomy

Integral = Mapping[str, list[tuple[tuple[str, ...], tuple[str, ...]]]]
_BURNS = ("T20", "T21", "T22", "T23", "T24", "T25", "T26", "T27", "T28")
_FULL_LENGTH = 8
_SIDE_WORDS = frozenset({"right", "unilateral", "bilateral", "eye", "ear", "of", "both"})
_CACHED_CODES = 20_000
_LINKED = (("I.C.9.a", "hypertension-linked.C10"), ("I.C.9.b", "angina-linked.C11"))


@cache
def _integral() -> Integral:
    """Read which disease explains which symptom, by the beginning of the symptoms' codes."""
    data = read_json("rules/integral.json")
    table: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
    for row in data["rows"]:
        diagnoses, symptoms = tuple(row["diagnoses"]), tuple(row["symptoms"])
        for category in {symptom[:3] for symptom in symptoms}:
            table.setdefault(category, []).append((diagnoses, symptoms))
    return table


def explained(symptom: str, codes: Sequence[str]) -> str | None:
    """Return a code of the set that explains a symptom; None where none does (I.B.5)."""
    for diagnoses, symptoms in _integral().get(symptom[:3], ()):
        if symptom.startswith(symptoms):
            for code in codes:
                if code != symptom and code.startswith(diagnoses):
                    return code
    return None


def run(context: Context, combinations: Sequence[Combination]) -> None:
    """Ask the rules of this family."""
    _symptoms(context)
    _combinations(context, combinations)
    _sides(context)
    _multiple(context)
    _sequela(context)
    _less_specific(context)


def _symptoms(context: Context) -> None:
    codes = [found.code for found in context.facts]
    leading = context.first
    for found in context.facts:
        cause = explained(found.code, codes)
        context.ledger.look("integral-symptom.V24", 1)
        if cause is None:
            continue
        detail = f"keep={cause}"
        pair = (found.code, cause)
        context.say("integral-symptom.V24", Severity.WARNING, pair, "guideline I.B.5", detail)
        if found is leading and found.code[0] == "R":
            inpatient = context.given.takes_poa
            source = "guideline II.A" if inpatient else "guideline I.C.18.b"
            context.say("symptom-first.Q04", Severity.WARNING, pair, source, f"first={cause}")


def _combinations(context: Context, combinations: Sequence[Combination]) -> None:
    codes = [found.code for found in context.facts]
    context.ledger.look("combination-missed.V16", len(codes))
    replaced: set[str] = set()
    for row in combinations:
        parts = [next((c for c in codes if c.startswith(any_of)), None) for any_of in row.needs]
        named = [part for part in parts if part is not None]
        if len(named) < len(parts) or replaced.intersection(named):
            continue
        if not row.replaces and row.gives in codes:  # one more beside its parts, and it is there
            continue
        replaced.update(code for code in named if code.startswith(row.replaces))
        detail = f"use={row.gives}"
        rule = next(
            (name for part, name in _LINKED if part in row.source), "combination-missed.V16"
        )
        context.say(rule, Severity.WARNING, tuple(named), row.source, detail)


def _sides(context: Context) -> None:
    """Ask for the bilateral code where both sides are coded, and for the side (I.B.13)."""
    by_title = {found.title: found for found in context.facts}
    source = "guideline I.B.13"
    both_sides: dict[str, list[Facts]] = {}
    for found in context.facts:
        if "bilateral" in found.title:
            both_sides.setdefault(found.code[:3], []).append(found)
    for found in context.facts:
        if found.code[:3] in both_sides:
            _side_within(context, found, both_sides[found.code[:3]])
        if "unspecified" in found.title and _has_sides(found.base, context.taxonomy):
            context.say("side-unspecified.V20", Severity.INFO, (found.code,), source)
        if "right" not in found.title:
            continue
        context.ledger.look("bilateral.V20", 1)
        other = by_title.get(found.title.replace("right", "left"))
        both = None if other is None else _bilateral(found.base, context.taxonomy)
        if other is None or both is None:
            continue
        if found.base != found.code:
            both = context.taxonomy.with_seventh(both, found.code[-1]) or both
        pair = (found.code, other.code)
        context.say("bilateral.V20", Severity.WARNING, pair, source, f"use={both}")


def _side_within(context: Context, found: Facts, both_sides: Sequence[Facts]) -> None:
    """Ask about one side that is coded beside the code for both."""
    if "left" not in found.title and "right" not in found.title:
        return
    both = _bilateral(found.base, context.taxonomy)
    other = next((each for each in both_sides if each.base == both), None)
    if other is not None:
        pair, keep = (found.code, other.code), f"keep={other.code}"
        context.say("side-within-both.V20", Severity.WARNING, pair, "guideline I.B.13", keep)


@lru_cache(maxsize=_CACHED_CODES)
def _has_sides(base: str, taxonomy: Taxonomy) -> bool:
    """Say whether a code of an unspecified side has a neighbour for the right one."""
    start, _, end = taxonomy.title(base).lower().rpartition("unspecified")
    right = f"{start}right{end}"
    return any(right in _titles_below(up, taxonomy) for up in taxonomy.ancestors(base)[:1])


@lru_cache(maxsize=_CACHED_CODES)
def _titles_below(node: str, taxonomy: Taxonomy) -> frozenset[str]:
    return frozenset(taxonomy.title(below).lower() for below in taxonomy.children(node))


@lru_cache(maxsize=_CACHED_CODES)
def _bilateral(base: str, taxonomy: Taxonomy) -> str | None:
    """Return the code for both sides beside a code for the right one, by the words of its title."""
    wanted = _words(taxonomy.title(base)) - _SIDE_WORDS
    for above in taxonomy.ancestors(base)[:2]:
        for near in taxonomy.children(above):
            words = _words(taxonomy.title(near))
            if "bilateral" in words and words - _SIDE_WORDS == wanted:
                return near
    return None


def _words(title: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z0-9]+", title.lower()))


def _multiple(context: Context) -> None:
    """Ask about a code for multiple sites beside one of its sites (I.B.20)."""
    for found in context.facts:
        if "multiple sites" not in found.title:
            continue
        context.ledger.look("multiple-sites.V23", 1)
        stem = found.code[:-1]
        site = next((o for o in context.facts if o is not found and o.code.startswith(stem)), None)
        if site is not None:
            pair = (found.code, site.code)
            context.say(
                "multiple-sites.V23",
                Severity.WARNING,
                pair,
                "guideline I.B.20",
                f"keep={site.code}",
            )


def _sequela(context: Context) -> None:
    """Ask about an injury that is both acute and the cause of a sequela (I.B.10).

    Burns do not heal at one rate and may be both (I.C.19.d.8).
    """
    full = [f for f in context.facts if len(f.code) == _FULL_LENGTH and f.code[0] in "ST"]
    for found in full:
        if found.code[-1] != "S" or found.code.startswith(_BURNS):
            continue
        context.ledger.look("acute-with-sequela.V18", 1)
        acute = next((o for o in full if o.base == found.base and o is not found), None)
        if acute is not None:
            context.say(
                "acute-with-sequela.V18",
                Severity.WARNING,
                (acute.code, found.code),
                "guideline I.B.10",
            )


def _less_specific(context: Context) -> None:
    """Remind of a more telling code of the same category (I.B.2, I.B.18)."""
    for found in context.facts:
        if not found.title.endswith("unspecified"):
            continue
        context.ledger.look("less-specific.V14", 1)
        better = next(
            (
                other
                for other in context.facts
                if other.parent == found.parent
                and other is not found
                and "unspecified" not in other.title
            ),
            None,
        )
        if better is not None:
            context.say(
                "less-specific.V14",
                Severity.INFO,
                (found.code, better.code),
                "guideline I.B.18",
                f"keep={better.code}",
            )
