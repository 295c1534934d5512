"""The use case of `chartproof evaluate`: code gold documents and score them; rank gold pairs."""

from collections.abc import Callable, Sequence

from app import scores
from app.batch import LoadReport, Outcome, Recipe, run
from app.gold import GoldDocument, Pair
from app.scores import Figures, Scored
from pipeline.engine import Engine
from pipeline.model import Scope
from taxonomy import Code, Taxonomy

DEPTH = 50
_SEVEN = len("S52.501A")


def documents(
    gold: Sequence[GoldDocument],
    *,
    recipe: Recipe,
    taxonomy: Taxonomy,
    scope: Scope,
    workers: int,
    report: LoadReport | None = None,
    advance: Callable[[], None] = lambda: None,
) -> Figures:
    """Code every document and return the figures `evaluate --json` prints.

    `advance` is called once a document. Documents whose analysis failed count as coded with
    nothing, and are counted in `failed`.
    """
    outcomes: list[Outcome] = []
    encounters = [document.encounter for document in gold]
    for outcome in run(encounters, recipe=recipe, workers=workers, report=report):
        outcomes.append(outcome)
        advance()
    scored = [
        Scored(gold=document, result=outcome.result)
        for document, outcome in zip(gold, outcomes, strict=True)
    ]
    return {
        "schema": 1,
        "scope": scope,
        "release": taxonomy.release.label,
        "documents": len(scored),
        "failed": sum(each.result is None for each in scored),
        "exact": scores.codes(scored, scores.exact),
        "category": scores.codes(scored, scores.category),
        "without_symptom_chapter": scores.codes(scored, scores.without_symptoms),
        "evidence": scores.evidence(scored),
        "stages": scores.stages(scored, base_of(taxonomy)),
        "calibration": scores.calibration(scored),
        "auto": scores.automatic(scored),
        "seconds": scores.seconds([each.seconds for each in outcomes]),
    }


def mentions(
    pairs: Sequence[Pair], *, engine: Engine, taxonomy: Taxonomy, advance: Callable[[], None]
) -> Figures:
    """Rank the code of each pair by retrieval alone, both without their 7th character.

    `header_gold` counts pairs whose code is a header of the release (it can only be found where
    retrieval offers headers), `unknown_gold` those whose code the release does not have.
    """
    base = base_of(taxonomy)
    ranks: list[int | None] = []
    headers = unknown = 0
    for pair in pairs:
        found = dict.fromkeys(base(c.code) for c in engine.retriever.lookup(pair.mention, DEPTH))
        order = {code: rank for rank, code in enumerate(found, start=1)}
        ranks.append(order.get(base(pair.code)))
        known = taxonomy.get(pair.code)
        unknown += known is None
        headers += known is not None and _is_header(known, base, taxonomy)
        advance()
    return {**scores.ranking(ranks), "header_gold": headers, "unknown_gold": unknown}


def _is_header(code: Code, base: Callable[[str], str], taxonomy: Taxonomy) -> bool:
    """Tell a header from a code that is only short of its 7th character."""
    return any(base(child) != code.code for child in taxonomy.children(code.code))


def base_of(taxonomy: Taxonomy) -> Callable[[str], str]:
    """Return the function that takes the 7th character off a code, placeholders included.

    A code the release does not have is cut by its form: seven characters lose the last.
    """

    def base(code: str) -> str:
        known = taxonomy.get(code)
        if known:
            return known.base
        return code[:-1].rstrip("X").rstrip(".") if len(code) == _SEVEN else code

    return base
