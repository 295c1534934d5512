"""The engine: every stage with its rules and learned files loaded, and their provenance.

An `Engine` codes in one release. `Engines` has one for each release that an encounter asks for by
its date: all share rules, learned files and vectors, and each has the terms, the tabular list and
the imported lists of its release.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from pathlib import Path

from pipeline.chat import ChatModel, SilentChat
from pipeline.extract import Extractor
from pipeline.model import Encounter, Progress, Provenance, Report, Scope
from pipeline.retrieve import Retriever
from pipeline.route import Router
from pipeline.terms import build, learned, lexicon
from pipeline.validate import Options, Validator, lists_of
from pipeline.verify import Verifier
from taxonomy import Releases, Supplements, Taxonomy
from taxonomy.importing.parts import DECIDING, TABULAR

_LIBRARIES = ("hnswlib", "numpy", "rapidfuzz", "spacy", "tokenizers")


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings:
    """What a person chose for the engine; part of the provenance.

    `sex_advisory` compares codes with the sex given, as advice; Medicare's own sex edit is no
    longer in force.
    """

    scope: Scope = Scope.REPORTABLE
    sex_advisory: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Everything `pipeline.run.analyse` needs; never changes after `load`."""

    taxonomy: Taxonomy
    extractor: Extractor
    retriever: Retriever
    verifier: Verifier
    validator: Validator
    router: Router
    chat: ChatModel
    provenance: Provenance


def load(
    cache: Path,
    *,
    taxonomy: Taxonomy,
    settings: EngineSettings,
    supplements: Supplements | None = None,
    chat: ChatModel | None = None,
    report: Report | None = None,
) -> Engine:
    """Load the stages; builds the vector index into `cache` where it is absent or does not fit.

    `supplements` are what was imported for the release beside its list.

    Raises `PipelineError` where a learned file is missing or is not the one its manifest names.
    """
    step = report or _silent
    model = chat or SilentChat()
    step(Progress(stage="Collecting terms", done=0, total=1))
    terms = build(taxonomy, (*lexicon(), *learned()))
    step(Progress(stage="Collecting terms", done=1, total=1))
    with as_file(files("resources").joinpath("models")) as models:
        retriever = Retriever.load(
            taxonomy, terms, models=models, cache=cache, scope=settings.scope, report=step
        )
    return Engine(
        taxonomy=taxonomy,
        extractor=Extractor.read(terms),
        retriever=retriever,
        verifier=Verifier.read(),
        validator=Validator.read(
            lists=lists_of(supplements), options=Options(sex=settings.sex_advisory)
        ),
        router=Router.read(settings.scope),
        chat=model,
        provenance=Provenance(
            code_version=code_version(),
            release=taxonomy.release.label,
            taxonomy_digest=taxonomy.release.digest,
            model_digest=_digest(_files("models", ".bin", ".json", ".safetensors", ".tsv")),
            index_digest=retriever.dense.digest,
            rules_digest=_digest(_files("rules", ".json", ".csv")),
            config_digest=config_digest(settings),
            scope=settings.scope,
            chat_model=model.name,
            sources=(*_sources(taxonomy, supplements), *model.sources),
            libraries=tuple((name, version(name)) for name in _LIBRARIES),
        ),
    )


def over(engine: Engine, taxonomy: Taxonomy, supplements: Supplements | None = None) -> Engine:
    """Return an engine for another release, which shares what does not depend on one."""
    terms = build(taxonomy, (*lexicon(), *learned()))
    retriever = engine.retriever.over(taxonomy, terms)
    return replace(
        engine,
        taxonomy=taxonomy,
        extractor=replace(engine.extractor, terms=terms),
        retriever=retriever,
        validator=replace(engine.validator, lists=lists_of(supplements)),
        provenance=replace(
            engine.provenance,
            release=taxonomy.release.label,
            taxonomy_digest=taxonomy.release.digest,
            index_digest=retriever.dense.digest,
            sources=(*_sources(taxonomy, supplements), *engine.chat.sources),
        ),
    )


class Engines:
    """The engine of each release, made when an encounter first asks for it."""

    def __init__(
        self,
        releases: Releases,
        cache: Path,
        *,
        settings: EngineSettings,
        chat: ChatModel | None = None,
        report: Report | None = None,
    ) -> None:
        """Load the engine of the newest complete release, as `load` does."""
        self._releases = releases
        self._report = report or _silent
        newest = releases.newest()
        self.newest = load(
            cache,
            taxonomy=newest,
            settings=settings,
            supplements=releases.supplements(newest.release.label),
            chat=chat,
            report=report,
        )
        self._engines = {newest.release.label: self.newest}

    def of(self, encounter: Encounter) -> Engine:
        """Return the engine of the release in force on the day that decides, or of the nearest."""
        codes, _ = self._releases.for_date(encounter.decisive_day)
        label = codes.release.label
        if label not in self._engines:
            stage = f"Collecting terms of {label}"
            self._report(Progress(stage=stage, done=0, total=1))
            self._engines[label] = over(self.newest, codes, self._releases.supplements(label))
            self._report(Progress(stage=stage, done=1, total=1))
        return self._engines[label]


def _sources(taxonomy: Taxonomy, supplements: Supplements | None) -> tuple[tuple[str, str], ...]:
    digests = {} if supplements is None else supplements.digests()
    asked = [kind for kind in DECIDING if kind in digests and kind != TABULAR]
    found = [(kind, digests[kind]) for kind in asked]
    if taxonomy.before is not None:
        found.append((f"compared-with {taxonomy.before.label}", taxonomy.before.digest))
    return tuple(found)


def config_digest(settings: EngineSettings) -> str:
    """Return the SHA-256 by which a provenance names what a person chose for the engine."""
    return hashlib.sha256(repr(sorted(asdict(settings).items())).encode()).hexdigest()


def code_version() -> str:
    """Return the version of the program and the digest of the code that decides results.

    The digest keeps a work tree apart from the release it grew from: other code is other
    provenance, whatever the version says.
    """
    sources = [*_walk(files("pipeline"), ".py"), *_walk(files("taxonomy"), ".py")]
    return f"{version('chartproof')}+{_digest(sources)[:12]}"


def _files(folder: str, *endings: str) -> list[Traversable]:
    return list(_walk(files("resources").joinpath(folder), *endings))


def _walk(folder: Traversable, *endings: str) -> Iterable[Traversable]:
    for item in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if item.is_dir():
            yield from _walk(item, *endings)
        elif item.name.endswith(endings):
            yield item


def _digest(items: Iterable[Traversable]) -> str:
    total = hashlib.sha256()
    for item in items:
        total.update(f"{item.name}\0".encode())
        total.update(hashlib.sha256(item.read_bytes()).digest())
    return total.hexdigest()


def _silent(_step: Progress) -> None:
    """Report to nobody."""
