"""The use case of `chartproof evaluate`: code gold documents and score them; rank gold pairs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app import UsageError, engine, families, gold, intervals, losses, probes, report, runs, scores
from app.batch import LoadReport, Recipe, run
from app.canonical import printable
from app.gold import GoldDocument, Pair
from app.runs import Run
from app.scores import Figures, Scored
from pipeline.engine import Engine
from pipeline.model import Scope, Setting
from taxonomy import Code, Taxonomy

DEPTH = 50
_SEVEN = len("S52.501A")

Counter = Callable[[str, int], Callable[[], None]]
"""Makes a progress bar of a name and a length; what it returns moves the bar on by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What is evaluated, read in full; `problems` are sentences about lines that were left out."""

    dataset: str
    documents: tuple[GoldDocument, ...]
    pairs: tuple[Pair, ...]
    earlier: Run | None
    probed: tuple[GoldDocument, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What an evaluation is made with: the engine's recipe, its cache, how progress is told."""

    taxonomy: Taxonomy
    recipe: Recipe
    cache: Path
    library: Path
    scope: Scope
    workers: int
    report: LoadReport
    counter: Counter
    steps: Callable[[str, int], None]


def read(
    *,
    dataset: Path | None,
    mentions: Path | None,
    compare: Path | None,
    broken: Path | None,
    setting: Setting | None,
    written: Sequence[Path],
) -> Inputs:
    """Read all that is evaluated, and refuse what cannot work before any note is coded.

    Raises:
        UsageError: there is nothing to evaluate, a file cannot be used, or one of those to be
            written has no place.
    """
    if dataset is None and mentions is None and broken is None:
        raise UsageError(
            "Nothing to evaluate; name a DATASET.jsonl, --mentions PAIRS.jsonl or "
            "--probes DATASET.jsonl."
        )
    if dataset is None and (written or compare):
        raise UsageError("--html, --save and --compare are about documents; name a DATASET.jsonl.")
    for path in written:
        runs.require_place(path)
    earlier = runs.read(compare) if compare else None
    documents, problems = gold.read_documents(dataset, setting=setting) if dataset else ((), ())
    pairs, unusable = gold.read_pairs(mentions) if mentions else ((), ())
    probed, left_out = gold.read_documents(broken, setting=setting) if broken else ((), ())
    return Inputs(
        dataset=printable(dataset.name) if dataset else "",
        documents=documents,
        pairs=pairs,
        earlier=earlier,
        probed=probed,
        problems=problems + unusable + left_out,
    )


def evaluate(
    inputs: Inputs,
    tools: Tools,
    *,
    html: Path | None = None,
    save: Path | None = None,
    probe_count: int = probes.COUNT,
    seed: int = probes.SEED,
) -> Figures:
    """Code, rank and break what was read; write the page and the run; return the figures."""
    found: Figures = {}
    provenance: Mapping[str, str] = {}
    if inputs.documents:
        scored, times = documents(
            inputs.documents,
            recipe=tools.recipe,
            workers=tools.workers,
            report=tools.report,
            advance=tools.counter("Coding", len(inputs.documents)),
        )
        found = figures(scored, times, taxonomy=tools.taxonomy, scope=tools.scope)
        release = tools.taxonomy.release.label
        now = runs.of(scored, dataset=inputs.dataset, scope=tools.scope, release=release)
        provenance = now.provenance
        if save:
            runs.write(save, now)
        if inputs.earlier:
            found["comparison"] = runs.compare(inputs.earlier, now)
    if inputs.pairs:
        found["mentions"] = mentions(
            inputs.pairs,
            engine=engine.load(
                cache=tools.cache, library=tools.library, scope=tools.scope, report=tools.report
            ),
            taxonomy=tools.taxonomy,
            advance=tools.counter("Ranking", len(inputs.pairs)),
        )
    if inputs.probed:
        found["probes"] = probes.figures(
            probes.run(
                inputs.probed,
                recipe=tools.recipe,
                taxonomy=tools.taxonomy,
                scope=tools.scope,
                workers=tools.workers,
                count=probe_count,
                seed=seed,
                report=tools.report,
                advance=tools.steps,
            )
        )
    if html:
        page = report.page(found, dataset=inputs.dataset, provenance=provenance)
        runs.write_text(html, page)
    return found


def documents(
    coded: Sequence[GoldDocument],
    *,
    recipe: Recipe,
    workers: int,
    report: LoadReport | None = None,
    advance: Callable[[], None] = lambda: None,
) -> tuple[list[Scored], list[float]]:
    """Code every document; return each with its result, and the seconds each took.

    `advance` is called once a document. A document whose analysis failed has no result: it counts
    as coded with nothing.
    """
    scored: list[Scored] = []
    times: list[float] = []
    encounters = [document.encounter for document in coded]
    for document, outcome in zip(
        coded, run(encounters, recipe=recipe, workers=workers, report=report), strict=True
    ):
        scored.append(Scored(gold=document, result=outcome.result))
        times.append(outcome.seconds)
        advance()
    return scored, times


def figures(
    scored: Sequence[Scored], times: Sequence[float], *, taxonomy: Taxonomy, scope: Scope
) -> Figures:
    """Return the figures `evaluate --json` prints of coded documents; see each function.

    The keys are a promise: they are added to, never renamed.
    """
    base = base_of(taxonomy)
    fates = losses.fates(scored, taxonomy, base)
    return {
        "schema": 1,
        "scope": scope,
        "release": taxonomy.release.label,
        "documents": len(scored),
        "failed": sum(each.result is None for each in scored),
        "exact": scores.codes(scored, scores.exact),
        "category": scores.codes(scored, scores.category),
        "without_symptom_chapter": scores.codes(scored, scores.without_symptoms),
        "intervals": intervals.micro(intervals.counts(scored)),
        "partial": families.partial(scored, taxonomy),
        "evidence": scores.evidence(scored),
        "stages": scores.stages(scored, base),
        "losses": losses.funnel(fates),
        "chapters": losses.chapters(scored, taxonomy),
        "sections": losses.sections(scored, fates),
        "blind_spots": losses.blind_spots(fates, taxonomy),
        "confusion": families.confusion(scored),
        "calibration": {**scores.calibration(scored), **intervals.gap(scored)},
        "auto": scores.automatic(scored),
        "seconds": scores.seconds(times),
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
