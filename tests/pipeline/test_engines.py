"""Each encounter is coded in the release in force on its day, by what was imported for it."""

import json
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from pipeline.engine import Engine, Engines, EngineSettings, load, over
from pipeline.model import (
    Claim,
    CodingResult,
    Encounter,
    Finding,
    Progress,
    Route,
    Setting,
    Severity,
)
from pipeline.run import analyse
from pipeline.validate import message
from taxonomy import Releases, Taxonomy, releases
from taxonomy.importing.lists import AGES
from taxonomy.library import Library, Manifest, PartRecord

VISIT = "ASSESSMENT\n1. Dilated cardiomyopathy, continue carvedilol.\n2. Gout, stable.\n"
LAST, FIRST = date(2026, 9, 30), date(2026, 10, 1)

Visit = Callable[..., Encounter]


def quiet(_step: Progress) -> None:
    """Report to nobody."""


def coded(engines: Engines, chart: Encounter) -> CodingResult:
    return analyse(chart, engines.of(chart), quiet)


def about(result: CodingResult, code: str) -> tuple[Finding, ...]:
    (found,) = [each.findings for each in result.suggestions if each.code == code]
    return found


def test_i42_0_is_suggested_on_its_last_day_and_its_successor_on_the_next(
    engines: Engines, encounter: Visit
) -> None:
    """The golden case: I42.0 became a header on 2026-10-01."""
    before = coded(engines, encounter(VISIT, service_date=LAST))
    assert "I42.0" in {each.code for each in before.suggestions}
    assert "superseded" not in {finding.rule for finding in about(before, "I42.0")}
    assert before.provenance.release == "FY2026"

    chart = encounter(VISIT, service_date=FIRST)
    after = coded(engines, chart)
    codes = {each.code for each in after.suggestions}
    assert "I42.0" not in codes
    assert "I42.00" in codes
    for each in after.suggestions:
        offered = [engines.of(chart).taxonomy.get(c.code) for c in each.candidates]
        assert all(code is not None and code.billable for code in offered)
    (told,) = [f for f in about(after, "I42.00") if f.rule == "superseded"]
    assert told.release == "FY2027-provisional"
    assert message(told, engines.of(chart).taxonomy) == (
        "I42.0 was billable in FY2026 and is no longer, as of 2026-10-01. In its place: I42.00, "
        "I42.01 and I42.09. (Provisional: import the official release.)"
    )


def test_every_finding_of_the_provisional_release_says_what_to_do(
    engines: Engines, encounter: Visit
) -> None:
    chart = encounter(VISIT, service_date=FIRST)
    result = coded(engines, chart)
    found = [*result.findings, *(f for each in result.suggestions for f in each.findings)]
    assert "release-provisional" in {finding.rule for finding in found}
    for finding in found:
        said = message(finding, engines.of(chart).taxonomy)
        assert said.endswith("(Provisional: import the official release.)")
    earlier = encounter(VISIT, service_date=LAST)
    for finding in coded(engines, earlier).findings:
        assert "rovisional" not in message(finding, engines.of(earlier).taxonomy)


def test_the_discharge_of_a_stay_decides_and_the_service_date_of_a_visit(
    engines: Engines, encounter: Visit
) -> None:
    stay = {"setting": Setting.INPATIENT, "claim": Claim.FACILITY}
    across = encounter(VISIT, admitted=LAST, service_date=LAST, discharged=FIRST, **stay)
    assert engines.of(across).provenance.release == "FY2027-provisional"
    visit = encounter(VISIT, admitted=LAST, service_date=LAST, discharged=FIRST)
    assert engines.of(visit).provenance.release == "FY2026"


def test_a_day_outside_all_releases_is_coded_in_the_nearest_and_goes_to_a_person(
    engines: Engines, encounter: Visit
) -> None:
    for day, label in ((date(2024, 5, 1), "FY2026"), (date(2028, 5, 1), "FY2027-provisional")):
        result = coded(engines, encounter(VISIT, service_date=day))
        assert result.provenance.release == label
        (missing,) = [f for f in result.findings if f.rule == "release-missing"]
        assert missing.severity is Severity.QUERY
        assert result.lane is Route.REVIEW
        assert "release-missing" in result.lane_reasons


def test_no_day_at_all_is_the_newest_complete_release_and_said(
    engines: Engines, encounter: Visit
) -> None:
    result = coded(engines, encounter(VISIT))
    assert result.provenance.release == "FY2026"
    assert "release-assumed" in {finding.rule for finding in result.findings}


def test_a_release_is_made_once_and_shares_the_graph_and_the_weights(
    engines: Engines, encounter: Visit
) -> None:
    later = engines.of(encounter(VISIT, service_date=FIRST))
    assert later is engines.of(encounter("Other.", service_date=date(2027, 3, 1)))
    assert engines.of(encounter(VISIT, service_date=LAST)) is engines.newest
    ours, theirs = engines.newest.retriever, later.retriever
    assert ours.dense._graph is theirs.dense._graph
    assert ours.weights is theirs.weights
    assert 0 < theirs.dense.count - ours.dense.count < 1000


def test_the_provenance_names_the_release_its_digest_and_what_it_was_compared_with(
    engines: Engines, encounter: Visit
) -> None:
    now, later = engines.newest, engines.of(encounter(VISIT, service_date=FIRST))
    assert now.provenance.taxonomy_digest == now.taxonomy.release.digest
    assert later.provenance.taxonomy_digest == later.taxonomy.release.digest
    assert later.provenance.index_digest != now.provenance.index_digest
    assert now.provenance.sources == ()
    compared = (("compared-with FY2026", now.taxonomy.release.digest),)
    assert later.provenance.sources == compared


def edits(**lists: list[str]) -> bytes:
    """Return a file of code edits in the layout that is imported."""
    names = {
        "manifestation_not_pdx": "manifestation",
        "unacceptable_pdx": "unacceptable",
        "unacceptable_pdx_unless_secondary": "unless_secondary",
        **{f"age_{name}": name for name in AGES},
    }
    codes = {key: [{"code": code} for code in lists.get(name, [])] for key, name in names.items()}
    value: dict[str, Any] = {
        "codes": codes,
        "counts": {key: len(rows) for key, rows in codes.items()},
        "age_categories": {
            name: {"min_age": low, "max_age": high} for name, (low, high) in AGES.items()
        },
    }
    return json.dumps(value).encode()


@pytest.fixture(scope="module")
def imported(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Releases:
    """FY2026 with a POA list, code edits and a map of payment categories beside the list."""
    data = {
        "poa-exempt": b"Order26\tPOAexemptCode\tDescription\n1\tI252\tOld myocardial infarction\n",
        "edits": edits(unacceptable=["I10"], pediatric=["M10.9"]),
        "hcc": b"diagnosis_code,cc,model_name\nI420,227,CMS-HCC Model V28\n",
    }
    folder = tmp_path_factory.mktemp("library")
    records = tuple(
        PartRecord(
            kind=kind, name=kind, year=2026, sha256=sha256(body).hexdigest(), counts={"codes": 1}
        )
        for kind, body in data.items()
    )
    made = Manifest(
        label="FY2026",
        effective_from=date(2025, 10, 1),
        effective_to=LAST,
        parts=records,
    )
    assert Library(folder).activate(made, data)
    return releases(built, folder)


@pytest.fixture(scope="module")
def asked(engine: Engine, taxonomy: Taxonomy, imported: Releases) -> Engine:
    return over(engine, taxonomy, imported.supplements("FY2026"))


def test_imported_lists_are_asked_and_named_in_the_provenance(
    asked: Engine, engine: Engine, encounter: Visit
) -> None:
    text = "ASSESSMENT\n1. Hypertension, continue lisinopril.\n2. Gout.\n"
    chart = encounter(
        text,
        setting=Setting.INPATIENT,
        claim=Claim.FACILITY,
        discharged=LAST,
        age=60.0,
    )
    without, with_lists = analyse(chart, engine, quiet), analyse(chart, asked, quiet)

    def rules(result: CodingResult) -> dict[str, list[Finding]]:
        found: dict[str, list[Finding]] = {}
        for each in result.suggestions:
            for finding in each.findings:
                found.setdefault(finding.rule, []).append(finding)
        return found

    before, after = rules(without), rules(with_lists)
    assert "age-list.A01" not in before
    assert after["age-list.A01"][0].codes == ("M10.9",)
    assert before["principal-proposed.Q05"][0].codes == ("I10",)
    assert after["principal-proposed.Q05"][0].codes == ("M10.9",), "I10 may not come first"
    told = [f.detail for name in before if name.startswith("poa-") for f in before[name]]
    assert told
    assert all(detail == ("missing=poa-exempt",) for detail in told)
    assert all(not f.detail for name in after if name.startswith("poa-") for f in after[name])
    assert [name for name, _ in with_lists.provenance.sources] == ["edits", "poa-exempt"]
    assert with_lists.provenance != without.provenance


def test_the_exempt_list_leaves_an_indicator_blank(asked: Engine, encounter: Visit) -> None:
    text = "ASSESSMENT\nOld myocardial infarction, continue aspirin. Gout, stable.\n"
    chart = encounter(text, setting=Setting.INPATIENT, claim=Claim.FACILITY, discharged=LAST)
    result = analyse(chart, asked, quiet)
    found = [f for each in result.suggestions for f in each.findings if f.rule == "poa-blank.Q12"]
    assert {f.codes for f in found} == {("I25.2",)}


def test_payment_categories_are_imported_and_change_nothing(
    asked: Engine, imported: Releases
) -> None:
    assert imported.supplements("FY2026").hcc is not None
    assert "hcc" not in dict(asked.provenance.sources)


def test_the_sex_advisory_is_off_unless_asked_for(
    built: Path, taxonomy: Taxonomy, engine: Engine
) -> None:
    assert not engine.validator.options.sex
    on = load(built, taxonomy=taxonomy, settings=EngineSettings(sex_advisory=True))
    assert on.validator.options.sex
    assert on.provenance.config_digest != engine.provenance.config_digest
