"""The engine: every stage with its rules and learned files loaded, and their provenance."""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from pathlib import Path

from pipeline.chat import ChatModel, SilentChat
from pipeline.extract import Extractor
from pipeline.model import Progress, Provenance, Report, Scope
from pipeline.retrieve import Retriever
from pipeline.route import Router
from pipeline.terms import build, learned, lexicon
from pipeline.validate import Validator
from pipeline.verify import Verifier
from taxonomy import Taxonomy

_LIBRARIES = ("hnswlib", "numpy", "rapidfuzz", "spacy", "tokenizers")


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings:
    """What a person chose for the engine; part of the provenance."""

    scope: Scope = Scope.REPORTABLE


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
    chat: ChatModel | None = None,
    report: Report | None = None,
) -> Engine:
    """Load the stages; builds the vector index into `cache` where it is absent or does not fit.

    Raises `PipelineError` where a learned file is missing or is not the one its manifest names.
    """
    step = report or _silent
    model = chat or SilentChat()
    step(Progress(stage="Collecting terms", done=0, total=1))
    terms = build(taxonomy, (*lexicon(), *learned()))
    step(Progress(stage="Collecting terms", done=1, total=1))
    with as_file(files("resources").joinpath("models")) as models:
        retriever = Retriever.load(taxonomy, terms, models=models, cache=cache, report=step)
    return Engine(
        taxonomy=taxonomy,
        extractor=Extractor.read(terms),
        retriever=retriever,
        verifier=Verifier.read(),
        validator=Validator.read(),
        router=Router.read(settings.scope),
        chat=model,
        provenance=Provenance(
            code_version=code_version(),
            release=taxonomy.release.label,
            taxonomy_digest=taxonomy.release.digest,
            model_digest=_digest(_files("models", ".bin", ".json", ".safetensors", ".tsv")),
            index_digest=retriever.dense.digest,
            rules_digest=_digest(_files("rules", ".json", ".csv")),
            config_digest=hashlib.sha256(
                repr(sorted(asdict(settings).items())).encode()
            ).hexdigest(),
            scope=settings.scope,
            chat_model=model.name,
            libraries=tuple((name, version(name)) for name in _LIBRARIES),
        ),
    )


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
