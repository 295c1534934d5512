"""History done again by real workers; only the engine is a small one that can be changed."""

import json
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from app import UsageError, coding, custody
from app.assembly import Intake, Problem
from app.batch import Recipe
from app.coding import Job
from app.custody import Config, Wanted
from app.replay import Again, replay, summary
from app.replay import row as as_json
from app.settings import load
from audit import Actor, ActorKind, AuditError, Places, Store
from audit.disposal import Custody
from audit.governance import Role
from audit.staff import Staff
from pipeline.engine import EngineSettings, config_digest
from pipeline.model import Encounter, Note, Route, Scope
from taxonomy import Releases
from tests.app.conftest import Run

FACTORY = """
    import hashlib, json
    from pathlib import Path
    from pipeline.model import (
        Candidate, Channel, CodingResult, EvidenceSpan, Mention, Provenance, Route, Scope,
        Suggestion, Support, Verdict,
    )

    def plain(*, scope, sex_advisory, report):
        today = json.loads(Path(__file__).with_name("today.json").read_text())
        config = repr(sorted({"scope": scope, "sex_advisory": sex_advisory}.items()))
        provenance = Provenance(
            code_version=today["version"], release="FY2026", taxonomy_digest="", model_digest="",
            index_digest="", rules_digest="", scope=scope,
            config_digest=hashlib.sha256(config.encode()).hexdigest(),
        )

        def code(encounter):
            if encounter.notes[0].text == today.get("fails"):
                raise ValueError("Mr Secret has gout")
            note = encounter.notes[0]
            span = EvidenceSpan(note_id=note.note_id, start=0, end=4)
            lane = Route(today["lane"])
            return CodingResult(
                encounter_id=encounter.encounter_id, setting=encounter.setting, traces=(),
                suggestions=tuple(
                    Suggestion(
                        code=code, evidence=(Mention(span=span, section="assessment"),),
                        candidates=(Candidate(code=code, score=1.0, channels=(Channel.LEXICAL,)),),
                        verdict=Verdict(support=Support.SUPPORTED), findings=(), confidence=0.5,
                        route=lane,
                    )
                    for code in today["codes"]
                ),
                excluded=(), findings=(), lane=lane, lane_reasons=("sign-off-needed",),
                provenance=provenance,
            )
        return code
"""

FIRST = {"version": "1", "codes": ["M10.9", "I10"], "lane": "confirm"}


@dataclass(frozen=True, slots=True)
class Past:
    """A store with two cases coded, and the file that says what the engine does today."""

    job: Job
    today: Path

    def engine(self, **changes: object) -> None:
        self.today.write_text(json.dumps({**FIRST, **changes}))

    def replay(self, wanted: Wanted | None = None, config: Config | None = None) -> list[Again]:
        return list(
            replay(
                self.job.store,
                wanted or Wanted(),
                config=config or Config(),
                recipe=self.job.recipe,
                prompts=Path("none"),
                workers=1,
            )
        )


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, built_in: Releases) -> Iterator[Past]:
    module = tmp_path / "module"
    module.mkdir()
    (module / "factory_for_replay.py").write_text(textwrap.dedent(FACTORY))
    monkeypatch.syspath_prepend(module)
    places = Places(state=tmp_path / "state", config=tmp_path / "config")
    actor = Actor(kind=ActorKind.PERSON, id="ada")
    with Store.create_or_open(tmp_path / "store", places=places, actor=actor) as store:
        recipe = Recipe(
            factory="factory_for_replay:plain",
            options={"scope": Scope.REPORTABLE, "sex_advisory": False},
        )
        job = Job(store=store, releases=built_in, recipe=recipe, scope=Scope.REPORTABLE, workers=1)
        past = Past(job=job, today=module / "today.json")
        past.engine()
        refused = Problem(source="b.txt", sentence="b.txt is blank.", encounter_id="two")
        list(coding.code(Intake(encounters=(of("one"), of("two")), problems=(refused,)), job))
        yield past


def of(name: str) -> Encounter:
    note = Note(note_id=name, text=f"Gout, {name}.", sha256="0" * 64)
    return Encounter(encounter_id=name, notes=(note,), service_date=date(2026, 1, 5))


def test_the_small_engine_names_its_settings_as_the_real_one_does(history: Past) -> None:
    digest = config_digest(EngineSettings(scope=Scope.REPORTABLE))
    assert history.replay()[0].past.result.provenance.config_digest == digest


def test_the_same_engine_gives_the_same_and_only_that_it_was_asked_is_recorded(
    history: Past,
) -> None:
    before = len(history.job.store.events())
    rows = history.replay()
    assert [(row.past.encounter.encounter_id, row.difference and row.difference.same)
            for row in rows] == [("one", True), ("two", True)]  # fmt: skip
    events = history.job.store.events()[before:]
    assert [event.kind for event in events] == ["history.replayed"]
    assert dict(events[0].data) == {
        "config": "recorded",
        "passes": 2,
        "same": 2,
        "changed": 0,
        "not_replayed": 0,
    }


def test_what_todays_engine_would_have_said_is_named_and_counted(history: Past) -> None:
    history.engine(version="2", codes=["M10.9", "E11.9"], lane="review")
    rows = history.replay(config=Config(name="today"))
    figures = summary(rows, config=Config(name="today"))
    assert figures["changed_codes"] == 2
    assert (figures["gained"], figures["lost"]) == ({"E11.9": 2}, {"I10": 2})
    assert figures["lanes"] == {"confirm → review": 1}, "the other was in review for its note"
    assert figures["provenance"] == {"code_version": 2}
    assert (figures["unexplained"], figures["same"]) == (0, 0)
    assert as_json(rows[0])["provenance"] == [["code_version", "1", "2"]]
    assert as_json(rows[0])["lane"] == ["confirm", "review"]


def test_another_result_of_the_same_engine_is_unexplained(history: Past) -> None:
    history.engine(codes=["M10.9"])
    figures = summary(history.replay(), config=Config())
    assert (figures["unexplained"], figures["lost"]) == (2, {"I10": 2})


def test_other_settings_of_a_file_are_used_and_named(history: Past, tmp_path: Path) -> None:
    file = tmp_path / "other.toml"
    file.write_text('scope = "documented"\nsex_advisory = true\n')
    config = custody.replay_config(load({}), str(file))
    rows = history.replay(config=config)
    names = {name for row in rows if row.difference for name, _, _ in row.difference.provenance}
    assert names == {"scope", "config_digest"}
    assert all(row.difference is not None and row.difference.same for row in rows)
    with pytest.raises(UsageError, match="There is no file"):
        custody.replay_config(load({}), str(tmp_path / "nowhere.toml"))


def test_what_cannot_be_done_again_is_said_and_the_rest_goes_on(history: Past) -> None:
    store = history.job.store
    one, two = custody.case_ids(store, ["one", "two"])
    Custody(store).dispose([one], today=date(2026, 5, 4), early=True, reason="asked for")
    history.engine(fails="Gout, two.")
    rows = history.replay()
    assert {(row.past.case_id, row.reason) for row in rows} == {
        (one, "texts-destroyed"),
        (two, "failed"),
    }
    told = [sentence for row in rows for sentence in row.errors]
    assert "ValueError" in told[0]
    assert "Secret" not in told[0]
    assert summary(rows, config=Config())["not_replayed"] == {"texts-destroyed": 1, "failed": 1}


def test_part_of_history_is_chosen_by_case_lane_and_day(history: Past) -> None:
    store = history.job.store
    one, two = custody.case_ids(store, ["one", "two"])
    history.engine(version="2")
    list(coding.code(Intake(encounters=(of("one"),)), history.job))

    def numbers(wanted: Wanted) -> list[tuple[str, int]]:
        return [(row.past.case_id, row.past.number) for row in history.replay(wanted)]

    assert numbers(Wanted()) == [(one, 2), (two, 1)]
    assert numbers(Wanted(cases=(one,))) == [(one, 1), (one, 2)]
    assert numbers(Wanted(lane=Route.REVIEW)) == [(two, 1)]
    store.view(two)
    assert numbers(Wanted(coder="ada")) == [(two, 1)]
    assert numbers(Wanted(coder="nobody")) == []
    assert numbers(Wanted(last_day="2020-01-01")) == []
    assert numbers(Wanted(first_day="2999-01-01")) == []
    assert custody.case_ids(store, ["two", one, "two"]) == (two, one)
    with pytest.raises(UsageError, match="no case or encounter 'three'"):
        custody.case_ids(store, ["three"])
    refused = replace(of("bad"), notes=())
    store.record_failure(refused, source="bad.txt", errors=["No."])
    with pytest.raises(AuditError, match="nothing to replay"):
        numbers(Wanted(cases=custody.case_ids(store, ["bad"])))


def test_who_may_not_replay_is_told_before_the_work(history: Past) -> None:
    Staff(history.job.store).assign("ada", [Role.ADMIN, Role.CODER])
    before = len(history.job.store.events())
    with pytest.raises(AuditError, match="`replay` needs one of: compliance"):
        history.replay()
    assert len(history.job.store.events()) == before


def test_the_real_engine_gives_what_it_gave_and_says_what_another_scope_would(
    run: Run, tmp_path: Path
) -> None:
    note = "Assessment and plan:\n1. Gout of the left foot, start colchicine.\nHeadache, mild.\n"
    (tmp_path / "a.txt").write_text(note)
    assert run("code", "a.txt", "--store", "s").code == 0
    done = run("audit", "replay", "a.txt", "--store", "s", "--json")
    assert (done.code, done.err) == (0, "")
    (figures,) = done.objects
    assert (figures["passes"], figures["same"], figures["unexplained"]) == (1, 1, 0)
    assert figures["rows"][0]["provenance"] == []
    (tmp_path / "wide.toml").write_text('scope = "documented"\n')
    wide = run("audit", "replay", "--store", "s", "--with", "wide.toml", "--json")
    assert wide.code == 0
    assert {name for name, _, _ in wide.objects[0]["rows"][0]["provenance"]} >= {"scope"}
    shown = run("audit", "replay", "--store", "s", "--with", "wide.toml")
    assert shown.code == 0
    assert "passes" in shown.out
    wrong = run("audit", "replay", "--store", "s", "--from", "yesterday")
    assert (wrong.code, wrong.err) == (
        2,
        "'yesterday' is not a day; write it as YYYY-MM-DD.\n",
    )
