"""Thresholds hold for the stratum and the scope they were certified in, and for nothing else."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import pipeline.route.policy as module
from pipeline.model import (
    Candidate,
    Channel,
    EvidenceSpan,
    Mention,
    MentionTrace,
    Proposal,
    Scope,
    Support,
    Verdict,
)
from pipeline.route import Lines, Policy, stratum

DICTIONARY, LEXICAL, DENSE = Channel.DICTIONARY, Channel.LEXICAL, Channel.DENSE


def proposal(code: str, *channels: Channel) -> Proposal:
    trace = MentionTrace(
        mention=Mention(span=EvidenceSpan(note_id="n", start=0, end=3), section="plan"),
        candidates=(Candidate(code=code, score=0.9, channels=channels),),
        code=code,
        verdict=Verdict(support=Support.SUPPORTED),
    )
    return Proposal(code=code, traces=(trace,))


def certified(monkeypatch: pytest.MonkeyPatch, **strata: tuple[float | None, float | None]) -> None:
    document: dict[str, Any] = {
        "scopes": {
            "documented": {
                "strata": {
                    name.replace("_", "/"): {
                        "auto": {"threshold": auto},
                        "confirm": {"threshold": confirm},
                    }
                    for name, (auto, confirm) in strata.items()
                }
            }
        }
    }
    monkeypatch.setattr(module, "read_json", lambda _name: json.loads(json.dumps(document)))


@pytest.mark.parametrize(
    ("code", "channels", "name"),
    [
        ("I10", (DICTIONARY, LEXICAL, DENSE), "condition/agreed"),
        ("D50.9", (DICTIONARY, DENSE), "condition/named"),
        ("D49.9", (LEXICAL, DENSE), "condition/near"),
        ("C50.911", (DICTIONARY,), "condition/named"),
        ("R07.9", (DENSE,), "condition/near"),
        ("T81.40XA", (LEXICAL,), "condition/near"),
        ("U07.1", (DICTIONARY, LEXICAL, DENSE), "condition/agreed"),
        ("W19.XXXA", (DICTIONARY,), "circumstance/named"),
        ("Z79.4", (DICTIONARY, LEXICAL), "circumstance/named"),
    ],
)
def test_a_stratum_is_the_kind_of_code_and_how_it_was_found(
    code: str, channels: tuple[Channel, ...], name: str
) -> None:
    assert stratum(proposal(code, *channels)) == name


def test_only_the_best_candidate_says_how_a_code_was_found() -> None:
    first = proposal("I10", DICTIONARY).traces[0]
    other = Candidate(code="I15.9", score=0.2, channels=(DICTIONARY, LEXICAL, DENSE))
    trace = replace(first, candidates=(*first.candidates, other))
    assert stratum(Proposal(code="I10", traces=(trace,))) == "condition/named"


def test_what_is_certified_counts_in_its_stratum_and_scope(monkeypatch: pytest.MonkeyPatch) -> None:
    certified(monkeypatch, condition_agreed=(0.93, 0.6), condition_near=(None, None))
    policy = Policy.read(Scope.DOCUMENTED)
    agreed, near = proposal("I10", *Channel), proposal("I10", DENSE)
    assert policy.lines(agreed) == Lines(auto=0.93, confirm=0.6)
    assert policy.lines(near) == Lines(auto=None, confirm=None)
    never_seen = policy.lines(proposal("Z79.4", DENSE))
    assert never_seen == Lines(auto=None, confirm=None)
    assert Policy.read(Scope.REPORTABLE) == Policy()


def test_without_a_file_nothing_is_certified(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(_name: str) -> None:
        raise FileNotFoundError

    monkeypatch.setattr(module, "read_json", absent)
    lines = Policy.read(Scope.DOCUMENTED).lines(proposal("I10", *Channel))
    assert lines == Lines(auto=None, confirm=0.5)


def test_the_file_that_ships_can_be_read_if_there_is_one() -> None:
    path = Path(str(module.__file__)).parents[2] / "resources" / module.THRESHOLDS
    if not path.exists():
        pytest.skip("no thresholds are certified yet; pipeline.train.certify writes them")
    for scope in Scope:
        for lines in Policy.read(scope).strata.values():
            given = [line for line in (lines.confirm, lines.auto) if line is not None]
            assert all(0.5 <= line <= 1 for line in given)
