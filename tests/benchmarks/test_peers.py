"""The exchange with peers loses nothing, and the rules that are ours decide as they say."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import peers
from benchmarks.peer.exchange import (
    Answer,
    Job,
    Lesson,
    Term,
    Trial,
    nearest,
    read_answers,
    read_job,
    write_answers,
    write_job,
)
from benchmarks.peer.material import terms
from benchmarks.peer.windows import best, clauses, places, tokens
from taxonomy import Taxonomy

REPOSITORY = Path(__file__).parents[2]


def term(text: str, code: str, rank: int, *, caps: bool = False) -> Term:
    return Term(text=text, code=code, rank=rank, caps=caps, title=False, learned=False)


def answer(note: str, *codes: str, seconds: float = 0.1) -> Answer:
    return Answer(trial=0, note=note, codes=codes, seconds=seconds)


def test_job_is_read_as_written(tmp_path: Path) -> None:
    job = Job(
        terms=(term("Ménière's disease", "H81.09", 3), term("MS", "G35", 0, caps=True)),
        headings={"plan": "assessed"},
        lessons=(Lesson(text="Fièvre\u2028and pain", mentions=((0, 6, "R50.9"),)),),
        notes={"a": "one line\u2028two lines\n\x85three\r\nfour 😀"},
        trials=(
            Trial(settings={"floor": 0.9}, notes=("a",)),
            Trial(settings={"drop": ["is_negated"]}, notes=()),
        ),
    )

    write_job(tmp_path / "job", job)

    assert read_job(tmp_path / "job") == job


def test_answers_are_read_as_written(tmp_path: Path) -> None:
    answers = (answer("a", "I10", "E11.9", seconds=0.0123), answer("b"))

    write_answers(tmp_path, answers)

    assert read_answers(tmp_path) == answers


def test_a_phrase_keeps_its_nearest_code_and_capitals_stand_apart() -> None:
    given = [
        term("ms", "M1", 5),
        term("MS", "G35", 4, caps=True),
        term("Ms", "M2", 2),
        term("flu", "J11.1", 9),
    ]

    kept = {(each.text, each.code) for each in nearest(given)}

    assert kept == {("Ms", "M2"), ("MS", "G35"), ("flu", "J11.1")}


def scores(*values: float) -> "np.typing.NDArray[np.float32]":
    return np.array(values, dtype=np.float32)


def test_equal_scores_go_to_the_term_covered_best_then_to_the_smallest_rank() -> None:
    ranks = np.array([7, 2, 1])

    assert best(scores(4, 4, 4), scores(4, 4, 5), ranks, 0.5) == 1
    assert best(scores(4, 4, 4), scores(4, 4, 4), ranks, 0.5) == 2
    assert best(scores(4, 5, 4), scores(4, 6, 4), ranks, 0.5) == 1


def test_a_term_below_its_floor_does_not_win() -> None:
    ranks = np.array([0, 1])

    assert best(scores(8, 3), scores(10, 3), ranks, 0.9) == 1
    assert best(scores(8, 0), scores(10, 3), ranks, 0.9) is None


def test_of_runs_that_overlap_the_higher_score_stays_and_then_the_shorter() -> None:
    known = {("acute", "kidney", "failure"): (1, 9.0), ("kidney",): (2, 3.0), ("pain",): (3, 2.0)}
    known[("pain", "today")] = (3, 2.0)

    found = places(["acute", "kidney", "failure", "pain", "today"], 3, known.get)

    assert [(place.first, place.last, place.term) for place in found] == [(0, 2, 1), (3, 3, 3)]


def test_clauses_and_words_of_a_query() -> None:
    assert list(clauses("Pain, MS.\nFever 38.5 today")) == ["Pain", "MS", "Fever 38.5 today"]
    assert tokens("The MS of Ms Pains", frozenset({"MS"}), lambda word: word.rstrip("s")) == [
        "MS",
        "m",
        "pain",
    ]


def test_score_counts_whole_codes_once_a_note() -> None:
    gold = {"a": frozenset({"I10", "E11.9"}), "b": frozenset({"J45.909"})}
    answers = [answer("a", "I10", "R05.9", seconds=0.3), answer("b", seconds=0.1)]

    found = peers.score(answers, gold)

    assert (found.precision, found.recall, found.f1) == (1 / 2, 1 / 3, 2 / 5)
    assert found.notes_per_second == pytest.approx(5)
    assert found.p95 == 0.3


def test_a_peer_that_leaves_a_note_out_is_not_scored() -> None:
    with pytest.raises(peers.BenchmarkError, match="void"):
        peers.score([answer("a")], {"a": frozenset({"I10"}), "b": frozenset({"I10"})})


@pytest.mark.parametrize(("ours", "code"), [(0.45, 0), (0.44, 1)])
def test_the_verdict_asks_one_and_a_half_times_the_best_peer(
    ours: float, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    def row(name: str, f1: float) -> peers.Row:
        one = peers.Score(precision=0, recall=0, f1=f1, notes_per_second=1, p95=1)
        return peers.Row(name=name, terms="", scores=dict.fromkeys(peers.SCOPES, one))

    assert peers.verdict([row("weak", 0.2), row("best", 0.3), row("Chartproof", ours)]) == code
    assert "best" in capsys.readouterr().out


def test_terms_for_peers_name_billable_codes_with_their_seventh_character(
    icd: Taxonomy,
) -> None:
    given = terms(icd)
    by_phrase = {each.text.lower(): each.code for each in nearest(given)}

    assert by_phrase["hypertension"] == "I10"
    assert by_phrase["unspecified fracture of the lower end of right radius"] == "S52.501A"
    for each in given[:: len(given) // 500]:
        known = icd.get(each.code)
        assert known is not None
        assert known.billable


ALONE = pytest.mark.skipif(
    any(map(importlib.util.find_spec, ("bm25s", "medspacy", "medcat"))),
    reason="a peer is installed beside the tests",
)


@ALONE
def test_a_peer_that_cannot_start_is_named_with_its_last_words() -> None:
    job = Job(terms=(), headings={}, lessons=(), notes={}, trials=())

    with pytest.raises(
        peers.BenchmarkError, match=r"bm25 ended with code 1.*No module named 'bm25s'"
    ):
        peers.ask("bm25", Path(sys.executable), job, [])


@ALONE
def test_help_needs_no_peer() -> None:
    done = subprocess.run(
        [sys.executable, "benchmarks/peers.py", "--help"],
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        check=False,
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "--environments" in done.stdout
