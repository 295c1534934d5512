"""Real worker processes with small factories in place of the engine."""

import textwrap
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.batch import BatchError, Outcome, Recipe, run
from pipeline.model import Encounter, Note

FACTORY = """
    import os, signal, time
    from pathlib import Path
    from pipeline.model import CodingResult, Provenance, Route, Scope

    PROVENANCE = Provenance(
        code_version="1", release="FY2026", taxonomy_digest="", model_digest="", index_digest="",
        rules_digest="", config_digest="", scope=Scope.REPORTABLE,
    )

    def result(encounter):
        return CodingResult(
            encounter_id=encounter.encounter_id, setting=encounter.setting, traces=(),
            suggestions=(), excluded=(), findings=(), lane=Route.REVIEW,
            lane_reasons=(str(len(encounter.notes[0].text)),), provenance=PROVENANCE,
        )

    def plain(*, folder, report):
        report("Loading", 1, 1)
        (Path(folder) / str(os.getpid())).touch()
        def code(encounter):
            text = encounter.notes[0].text
            if text == "die":
                os.kill(os.getpid(), signal.SIGSEGV)
            if text == "die once" and not (Path(folder) / "died").exists():
                (Path(folder) / "died").touch()
                os._exit(3)
            if text == "fail":
                raise ValueError("Mr Secret has asthma")
            if text == "hang":
                time.sleep(1000)
            if text == "print":
                print("noise from a library", flush=True)
                os.write(1, b"noise from native code")
            return result(encounter)
        return code

    def asks(*, call, report):
        from concurrent.futures import ThreadPoolExecutor
        def code(encounter):
            with ThreadPoolExecutor(16) as pool:
                said = list(pool.map(call, range(16)))
            return result(encounter) if said == [2 * n for n in range(16)] else None
        return code

    def second_dies(*, folder, report):
        code = plain(folder=folder, report=report)
        if len(list(Path(folder).iterdir())) > 1:
            os._exit(9)
        return code

    def aging(*, folder, call, report):
        from dataclasses import replace
        plain(folder=folder, report=report)
        ours = replace(PROVENANCE, code_version=str(len(list(Path(folder).iterdir()))))
        def code(encounter):
            if encounter.notes[0].text == "die":
                os.kill(os.getpid(), signal.SIGSEGV)
            return None if call(ours) else result(encounter)
        return code

    def dies(*, report):
        os._exit(9)

    def refuses(*, report):
        from taxonomy import TaxonomyError
        raise TaxonomyError("The tabular list is missing; install it.")

    def fails(*, report):
        raise KeyError("Mr Secret")
"""


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recipe:
    (tmp_path / "module").mkdir()
    (tmp_path / "module" / "factory_for_batch.py").write_text(textwrap.dedent(FACTORY))
    monkeypatch.syspath_prepend(tmp_path / "module")  # spawned processes get our path
    (tmp_path / "pids").mkdir()
    return Recipe(factory="factory_for_batch:plain", options={"folder": str(tmp_path / "pids")})


def encounters(*texts: str) -> list[Encounter]:
    return [
        Encounter(encounter_id=f"e{i}", notes=(Note(note_id=f"n{i}", text=text, sha256=""),))
        for i, text in enumerate(texts)
    ]


def ids(outcomes: Iterator[Outcome] | list[Outcome]) -> list[str]:
    return [outcome.encounter.encounter_id for outcome in outcomes]


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_outcomes_come_in_input_order_with_any_number_of_workers(
    recipe: Recipe, workers: int
) -> None:
    given = encounters(*("x" * length for length in range(30)))
    found = list(run(given, recipe=recipe, workers=workers))
    assert [o.encounter for o in found] == given
    assert [o.result and o.result.lane_reasons for o in found] == [(str(n),) for n in range(30)]


def test_nothing_to_do_starts_nothing(recipe: Recipe, tmp_path: Path) -> None:
    assert not list(run([], recipe=recipe, workers=2))
    assert not list((tmp_path / "pids").iterdir())


@pytest.mark.parametrize("workers", [1, 2])
def test_a_native_crash_costs_its_encounter_alone(recipe: Recipe, workers: int) -> None:
    found = list(run(encounters("a", "die", "b", "c"), recipe=recipe, workers=workers))
    assert ids(found) == ["e0", "e1", "e2", "e3"]
    assert [bool(o.result) for o in found] == [True, False, True, True]
    assert "SIGSEGV" in found[1].errors[0]


def test_an_encounter_is_tried_again_when_its_worker_died(recipe: Recipe) -> None:
    (found,) = run(encounters("die once"), recipe=recipe)
    assert found.result
    assert not found.errors


def test_an_exception_costs_its_encounter_and_says_nothing_of_the_note(recipe: Recipe) -> None:
    found = list(run(encounters("a", "fail", "b"), recipe=recipe))
    assert [bool(o.result) for o in found] == [True, False, True]
    (error,) = found[1].errors
    assert "ValueError at module/factory_for_batch.py" in error
    assert "Secret" not in error


def test_a_hanging_encounter_is_ended(recipe: Recipe) -> None:
    found = list(run(encounters("hang", "a"), recipe=recipe, patience=0.2))
    assert [bool(o.result) for o in found] == [False, True]
    assert "took longer" in found[0].errors[0]


def test_what_a_library_prints_never_reaches_standard_output(
    recipe: Recipe, capfd: pytest.CaptureFixture[str]
) -> None:
    list(run(encounters("print"), recipe=recipe))
    captured = capfd.readouterr()
    assert captured.out == ""
    assert "noise from a library" in captured.err
    assert "noise from native code" in captured.err


def test_progress_of_loading_reaches_the_caller(recipe: Recipe) -> None:
    seen: list[tuple[str, int, int]] = []
    list(run(encounters("a"), recipe=recipe, report=lambda *step: seen.append(step)))
    assert seen == [("Loading", 1, 1)]


@pytest.mark.parametrize(
    ("factory", "says"),
    [
        ("dies", r"ended while loading \(exit code 9\)"),
        ("refuses", r"^The tabular list is missing; install it\.$"),
        ("fails", r"KeyError at module/factory_for_batch\.py"),
        ("absent", r"AttributeError"),
    ],
)
def test_an_engine_that_cannot_be_loaded_ends_the_run_with_its_sentence(
    recipe: Recipe, factory: str, says: str
) -> None:
    broken = Recipe(factory=f"factory_for_batch:{factory}")
    with pytest.raises(BatchError, match=says) as caught:
        list(run(encounters("a", "b"), recipe=broken, workers=2))
    assert "Secret" not in str(caught.value)


def test_closing_the_iterator_leaves_no_process(recipe: Recipe, tmp_path: Path) -> None:
    outcomes = run(encounters("a", "hang", "b"), recipe=recipe, workers=2)
    next(outcomes)
    outcomes.close()
    for entry in (tmp_path / "pids").iterdir():
        assert not Path(f"/proc/{entry.name}").exists()


def test_a_hanging_encounter_can_be_stopped(recipe: Recipe, tmp_path: Path) -> None:
    asked: list[bool] = []

    def stopped() -> bool:
        asked.append(True)
        return len(list((tmp_path / "pids").iterdir())) > 0 and len(asked) > 2

    assert list(run(encounters("hang", "next"), recipe=recipe, stopped=stopped)) == []
    for entry in (tmp_path / "pids").iterdir():
        assert not Path(f"/proc/{entry.name}").exists()


def test_a_coder_may_ask_the_process_that_runs_it_from_any_thread(recipe: Recipe) -> None:
    asked: list[str] = []

    def answering(encounter: Encounter, message: object) -> object:
        asked.append(encounter.encounter_id)
        assert isinstance(message, int)
        return 2 * message

    asking = Recipe(factory="factory_for_batch:asks", calls=True)
    outcomes = list(run(encounters("a", "b"), recipe=asking, answering=answering))
    assert [outcome.result is not None for outcome in outcomes] == [True, True]
    assert asked == ["e0"] * 16 + ["e1"] * 16


def test_a_fault_of_what_answers_ends_the_run(recipe: Recipe) -> None:
    def answering(_encounter: Encounter, _message: object) -> object:
        raise BatchError("The store is full; free some space.")

    asking = Recipe(factory="factory_for_batch:asks", calls=True)
    with pytest.raises(BatchError, match="free some space"):
        list(run(encounters("a"), recipe=asking, answering=answering))


def test_workers_that_cannot_be_started_leave_the_work_to_those_that_could(
    recipe: Recipe, tmp_path: Path
) -> None:
    recipe = Recipe(factory="factory_for_batch:second_dies", options=recipe.options)
    given = encounters(*(f"n{n}" for n in range(400)))
    outcomes = list(run(given, recipe=recipe, workers=2))
    assert [outcome.encounter for outcome in outcomes] == given
    assert all(outcome.result for outcome in outcomes)


def test_a_worker_of_a_program_that_was_changed_meanwhile_is_refused(recipe: Recipe) -> None:
    """The second worker, started because the first one died, has another version."""
    other = replace(recipe, factory="factory_for_batch:aging", calls=True)
    outcomes = run(encounters("a", "b", "die", "c"), recipe=other, answering=lambda *_: None)
    assert [next(outcomes).encounter.encounter_id for _ in range(2)] == ["e0", "e1"]
    with pytest.raises(BatchError, match="another version of the program than the workers before"):
        list(outcomes)
