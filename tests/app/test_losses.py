"""Each gold code that is not found is lost once, at the right stage, for the right reason."""

from dataclasses import replace
from typing import Any

import pytest

from app import losses
from app.evaluate import base_of
from app.losses import FOUND, Fate
from app.scores import Scored
from pipeline.model import Exclusion, Note, Route, Support, Verdict
from taxonomy import Taxonomy
from tests.app.builders import failed, mention, scored, suggestion, trace


def fates(icd: Taxonomy, *documents: Scored) -> dict[str, tuple[str, str]]:
    found = losses.fates(documents, icd, base_of(icd))
    return {fate.code: (fate.stage, fate.reason) for fate in found}


def refuted(start: int, end: int, code: str, reason: str) -> Any:
    verdict = Verdict(support=Support.REFUTED, reasons=(reason,))
    return replace(trace(start, end, code, taken=code), verdict=verdict)


def test_each_code_is_lost_where_it_was_held_last(icd: Taxonomy) -> None:
    document = scored(
        {
            "I10": ((0, 5),),
            "E11.9": ((0, 5),),
            "J45.909": ((20, 25),),
            "N18.30": ((20, 25),),
            "M54.50": ((60, 65),),
            "K21.9": (),
            "R51": ((20, 25),),
            "Z99.998": ((20, 25),),
        },
        suggestion("I10", (0, 5)),
        traces=(
            trace(0, 5, "I10", "E11.9", taken="I10"),
            refuted(20, 25, "J45.909", "negated"),
        ),
    )
    assert fates(icd, document, failed("F32.A")) == {
        "I10": (FOUND, ""),
        "E11.9": ("verify", "outranked"),
        "J45.909": ("verify", "negated"),
        "N18.30": ("retrieve", "no-candidate"),
        "M54.50": ("extract", "no-mention"),
        "K21.9": ("evidence", "no-words"),
        "R51": ("release", "not-billable"),
        "Z99.998": ("release", "unknown"),
        "F32.A": ("analysis", "failed"),
    }


def test_the_furthest_mention_counts(icd: Taxonomy) -> None:
    document = scored(
        {"E11.9": ((90, 95),)},
        traces=(
            refuted(20, 25, "E11.9", "family"),
            replace(
                trace(40, 45, "E11.9", taken="E11.9"),
                verdict=Verdict(support=Support.INSUFFICIENT, reasons=("not-managed",)),
            ),
        ),
    )
    # Its own words are touched by nothing, yet verification had it: that is where it was lost.
    assert fates(icd, document)["E11.9"][0] == "verify"


def test_what_rules_took_out_is_lost_by_validation(icd: Taxonomy) -> None:
    document = scored(
        {"R07.9": ((0, 5),), "S52.501A": ((20, 25),)},
        suggestion("S52.501D", (20, 25)),
        traces=(
            trace(0, 5, "R07.9", taken="R07.9"),
            trace(20, 25, "S52.501D", taken="S52.501D"),
        ),
    )
    assert document.result is not None
    excluded = (Exclusion(code="R07.9", reason="integral-to=I20.9", evidence=(mention(0, 5),)),)
    changed = replace(document, result=replace(document.result, excluded=excluded))
    assert fates(icd, changed) == {
        "R07.9": ("validate", "integral-to"),
        "S52.501A": ("validate", "other-seventh-character"),
    }


def fate(code: str, stage: str = FOUND, reason: str = "", *sections: str) -> Fate:
    return Fate(code=code, stage=stage, reason=reason, sections=frozenset(sections))


def test_the_funnel_falls_from_all_codes_to_those_found() -> None:
    told = [
        fate("I10"),
        fate("R51", "release", "not-billable"),
        fate("E11.9", "verify", "negated"),
        fate("E11.9", "verify", "outranked"),
        fate("N18.30", "verify", "outranked"),
    ]
    found = losses.funnel(told)
    assert (found["gold"], found["found"]) == (5, 1)
    held = {row["stage"]: row["held"] for row in found["stages"]}
    assert list(held) == list(losses.STAGES)
    assert (held["analysis"], held["release"], held["retrieve"], held["verify"]) == (5, 4, 4, 1)
    verify = next(row for row in found["stages"] if row["stage"] == "verify")
    assert verify["reasons"] == [
        {"reason": "outranked", "count": 2},
        {"reason": "negated", "count": 1},
    ]
    assert found["stages"][-1]["held"] == found["found"]


def test_chapters_are_scored_in_the_order_of_the_book(icd: Taxonomy) -> None:
    rows = losses.chapters(
        [
            scored({"I10": (), "R07.9": (), "Q99.999": ()}, suggestion("I10"), suggestion("E11.9")),
            scored({"I10": ()}),
        ],
        icd,
    )
    assert [row["chapter"] for row in rows] == ["4", "9", "18", losses.ELSEWHERE]
    circulatory = rows[1]
    assert circulatory["title"].startswith("Diseases of the circulatory system")
    assert (circulatory["true"], circulatory["assigned"], circulatory["gold"]) == (1, 1, 2)
    assert (circulatory["precision"], circulatory["recall"]) == (1.0, 0.5)


def test_sections_are_those_of_the_gold_words(icd: Taxonomy) -> None:
    text = "HISTORY OF PRESENT ILLNESS\ncough\nASSESSMENT\nhypertension, asthma\n"
    at = text.index("hypertension")
    document = scored(
        {"R05.9": ((28, 32),), "I10": ((at, at + 12), (28, 32)), "J45.909": ((at + 14, at + 20),)},
        replace(
            suggestion("I10", (at, at + 12)),
            evidence=(replace(mention(at, at + 12), section="assessment"),),
        ),
        suggestion("E11.9", (28, 32)),
    )
    note = Note(note_id="n", text=text, sha256="")
    encounter = replace(document.gold.encounter, notes=(note,))
    document = replace(document, gold=replace(document.gold, encounter=encounter))
    told = losses.fates([document], icd, base_of(icd))
    rows = {row["section"]: row for row in losses.sections([document], told)}
    assert rows["assessment"] == {
        "section": "assessment",
        "recall": 0.5,
        "gold": 2,
        "precision": 1.0,
        "assigned": 1,
    }
    history = rows["history-present-illness"]
    assert (history["gold"], history["recall"], history["assigned"]) == (2, 0.5, 0)
    assert rows["unheaded"]["precision"] == 0.0


def test_a_blind_spot_is_missed_every_time_and_often(icd: Taxonomy) -> None:
    told = [
        *[fate("E11.9", "retrieve", "no-candidate")] * 2,
        fate("E11.9", "verify", "outranked"),
        *[fate("I10", "extract", "no-mention")] * 5,
        fate("I10"),
        *[fate("N18.30", "extract", "no-mention")] * 2,
        *[fate("R51", "release", "not-billable")] * 9,
    ]
    assert losses.blind_spots(told, icd) == [
        {
            "code": "E11.9",
            "title": "Type 2 diabetes mellitus without complications",
            "gold": 3,
            "stage": "retrieve",
            "reason": "no-candidate",
        },
        {
            "code": "R51",
            "title": "Headache",
            "gold": 9,
            "stage": "release",
            "reason": "not-billable",
        },
    ]


@pytest.mark.parametrize("route", list(Route))
def test_a_code_is_found_whatever_its_route(icd: Taxonomy, route: Route) -> None:
    document = scored({"I10": ()}, suggestion("I10", route=route))
    assert fates(icd, document) == {"I10": (FOUND, "")}
