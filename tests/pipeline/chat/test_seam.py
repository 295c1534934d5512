"""The seam: silence changes nothing."""

from pipeline.chat import SILENT, Question, SilentChat, Task
from pipeline.model import Encounter, Provenance, Scope

PROVENANCE = Provenance(
    code_version="1",
    release="FY2026",
    taxonomy_digest="",
    model_digest="",
    index_digest="",
    rules_digest="",
    config_digest="",
    scope=Scope.REPORTABLE,
)


def test_silence_answers_nothing_and_says_its_name() -> None:
    silent = SilentChat()
    talk = silent.about(Encounter(encounter_id="e1", notes=()), PROVENANCE)
    assert talk is SILENT
    assert not any(talk.asks(task) for task in Task)
    (answer,) = talk.ask([Question(task=Task.VERIFY, passage="Gout.")])
    assert (answer.fault, dict(answer.fields)) == ("silent", {})
    assert (silent.name, silent.sources, dict(talk.outcomes)) == ("silent", (), {})
