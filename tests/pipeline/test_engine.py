"""Provenance names everything that decides a result, and changes when any of it does."""

from pathlib import Path

from pipeline.engine import Engine, EngineSettings, code_version, load
from pipeline.model import Scope
from taxonomy import Taxonomy


def test_provenance_names_release_model_index_rules_and_code(engine: Engine) -> None:
    found = engine.provenance
    assert found.release == "FY2026"
    for digest in (
        found.taxonomy_digest,
        found.model_digest,
        found.index_digest,
        found.rules_digest,
        found.config_digest,
    ):
        assert len(digest) == 64
        assert set(digest) <= set("0123456789abcdef")
    assert found.code_version == code_version()
    assert dict(found.libraries).keys() >= {"spacy", "hnswlib", "rapidfuzz"}
    assert found.chat_model == "silent"


def test_the_scope_is_part_of_the_provenance(
    built: Path, taxonomy: Taxonomy, engine: Engine
) -> None:
    other = load(built, taxonomy=taxonomy, settings=EngineSettings(scope=Scope.DOCUMENTED))
    assert other.provenance.scope is Scope.DOCUMENTED
    assert other.provenance.config_digest != engine.provenance.config_digest
    assert other.provenance.index_digest == engine.provenance.index_digest
