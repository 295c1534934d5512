"""A case as a FHIR Bundle: valid in R4B, of elements that R4 has too, machine told from person.

`R4` was written down from the definitions of FHIR 4.0.1 (http://hl7.org/fhir/R4), the resources and
types that occur; R4B (4.3.0) is checked by the models of `fhir.resources`, which take no others.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle

from audit import Store
from audit.export.cases import read_sheet
from audit.export.fhir import fhir_of
from audit.export.sheet import Sheet
from pipeline.model import Claim, Setting
from tests.audit.export.desk import submit, title, written

RESOURCE = "resourceType id meta implicitRules language"
DOMAIN = f"{RESOURCE} text contained extension modifierExtension"
R4 = {
    "Bundle": f"{RESOURCE} identifier type timestamp total link entry signature",
    "Bundle.entry": "link fullUrl resource search request response",
    "Patient": f"{DOMAIN} identifier active name telecom gender birthDate address maritalStatus "
    "photo contact communication generalPractitioner managingOrganization link",
    "Encounter": f"{DOMAIN} identifier status statusHistory class classHistory type serviceType "
    "priority subject episodeOfCare basedOn participant appointment period length reasonCode "
    "reasonReference diagnosis account hospitalization location serviceProvider partOf",
    "Condition": f"{DOMAIN} identifier clinicalStatus verificationStatus category severity code "
    "bodySite subject encounter onsetDateTime abatementDateTime recordedDate recorder asserter "
    "stage evidence note",
    "Claim": f"{DOMAIN} identifier status type subType use patient billablePeriod created enterer "
    "insurer provider priority fundsReserve related prescription originalPrescription payee "
    "referral facility careTeam supportingInfo diagnosis procedure insurance accident item total",
    "Claim.diagnosis": "sequence diagnosisCodeableConcept diagnosisReference type onAdmission "
    "packageCode",
    "Claim.insurance": "sequence focal identifier coverage businessArrangement preAuthRef "
    "claimResponse",
    "Provenance": f"{DOMAIN} target occurredPeriod occurredDateTime recorded policy location "
    "reason activity agent entity signature",
    "Provenance.agent": "type role who onBehalfOf",
    "Provenance.entity": "role what agent",
    "AuditEvent": f"{DOMAIN} type subtype action period recorded outcome outcomeDesc "
    "purposeOfEvent agent source entity",
    "AuditEvent.agent": "type role who altId name requestor location policy media network "
    "purposeOfUse",
    "AuditEvent.source": "site observer type",
    "AuditEvent.entity": "what type role lifecycle securityLabel name description query detail",
    "Meta": "versionId lastUpdated source profile security tag",
    "Coding": "system version code display userSelected",
    "CodeableConcept": "coding text",
    "Identifier": "use type system value period assigner",
    "Reference": "reference type identifier display",
    "Period": "start end",
    "Annotation": "authorReference authorString time text",
}
TYPES = {
    "meta": "Meta",
    "identifier": "Identifier",
    "period": "Period",
    "note": "Annotation",
    **dict.fromkeys(("tag", "security", "coding", "class", "AuditEvent.type"), "Coding"),
    **dict.fromkeys(("subject", "patient", "provider", "coverage", "who", "target"), "Reference"),
    **dict.fromkeys(("encounter", "what", "observer"), "Reference"),
    **dict.fromkeys(("verificationStatus", "category", "code", "type", "role"), "CodeableConcept"),
    **dict.fromkeys(("priority", "onAdmission", "diagnosisCodeableConcept"), "CodeableConcept"),
}
"""The types of elements that are no backbone of their resource, by name or by place."""


def strangers(value: dict[str, Any], kind: str) -> Iterator[str]:
    """Yield the elements in a resource or type that R4 does not have there."""
    for name, inner in value.items():
        if name not in R4[kind].split():
            yield f"{kind}.{name}"
        for each in inner if isinstance(inner, list) else [inner]:
            if isinstance(each, dict):
                place = f"{kind}.{name}"
                known = TYPES.get(place) or (place if place in R4 else TYPES.get(name))
                yield from strangers(each, known or each.get("resourceType", place))


def checked(bundle: dict[str, Any]) -> dict[str, Any]:
    """Return a Bundle that is valid in R4B and has no element that R4 lacks."""
    Bundle.model_validate(bundle)
    assert list(strangers(bundle, "Bundle")) == []
    return bundle


def exported(store: Store, out: Path) -> dict[str, Any]:
    return checked(json.loads(written(store, out, "fhir")["fhir.json"]))


def by_type(bundle: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    resources = [entry["resource"] for entry in bundle["entry"]]
    return [each for each in resources if each["resourceType"] == kind]


def test_codes_of_an_open_case_are_provisional_and_not_claimed(desk: Store, tmp_path: Path) -> None:
    bundle = exported(desk, tmp_path / "out")
    conditions = by_type(bundle, "Condition")
    assert [each["code"]["coding"][0]["code"] for each in conditions] == ["I10", "R07.9", "Z79.4"]
    assert {each["code"]["coding"][0]["system"] for each in conditions} == {
        "http://hl7.org/fhir/sid/icd-10-cm"
    }
    status = [each["verificationStatus"]["coding"][0]["code"] for each in conditions]
    assert status == ["provisional"] * 3
    assert by_type(bundle, "Claim") == []  # nothing is billed that nobody submitted
    assert len(by_type(bundle, "AuditEvent")) == len(desk.events(desk.cases()[0].case_id))
    assert {url["fullUrl"] for url in bundle["entry"]} >= {
        target["reference"] for each in by_type(bundle, "Provenance") for target in each["target"]
    }


def test_a_submitted_case_claims_its_final_codes(desk: Store, tmp_path: Path) -> None:
    submit(desk)
    bundle = exported(desk, tmp_path / "out")
    (claim,) = by_type(bundle, "Claim")
    codes = [each["diagnosisCodeableConcept"]["coding"][0]["code"] for each in claim["diagnosis"]]
    assert codes == ["I10", "Z79.4"]
    assert [each["sequence"] for each in claim["diagnosis"]] == [1, 2]
    status = [c["verificationStatus"]["coding"][0]["code"] for c in by_type(bundle, "Condition")]
    assert status == ["confirmed", "confirmed"]


def parts_of(bundle: dict[str, Any], code: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the Condition of a code and the Provenance that targets it."""
    for entry in bundle["entry"]:
        condition = entry["resource"]
        if condition["resourceType"] == "Condition" and shown(condition) == code:
            (origin,) = (
                each
                for each in by_type(bundle, "Provenance")
                if each["target"] == [{"reference": entry["fullUrl"]}]
            )
            return condition, origin
    raise AssertionError(code)


def shown(condition: dict[str, Any]) -> str:
    return str(condition["code"]["coding"][0]["code"])


@pytest.mark.parametrize(
    ("code", "maker", "label", "agents"),
    [
        ("R07.9", "machine-suggested", "AIAST", ["assembler"]),
        ("I10", "human-confirmed", "CLINAST", ["assembler", "verifier"]),
        ("Z79.4", "human-entered", "CLINAST", ["author"]),
    ],
)
def test_tags_tell_who_answers_for_a_code(
    desk: Store, tmp_path: Path, code: str, maker: str, label: str, agents: list[str]
) -> None:
    for each in parts_of(exported(desk, tmp_path / "out"), code):
        assert each["meta"]["tag"] == [{"system": "urn:chartproof:maker", "code": maker}]
        (security,) = each["meta"]["security"]
        assert security["system"] == "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"
        assert security["code"] == label
    said = [each["type"]["coding"][0]["code"] for each in each["agent"]]
    assert said == agents
    named = [agent["who"]["identifier"] for agent in each["agent"] if "identifier" in agent["who"]]
    people = [name["value"] for name in named]
    assert people == (["coder-1"] if maker.startswith("human") else [])


def test_once_submitted_nothing_is_left_that_only_the_machine_says(
    desk: Store, tmp_path: Path
) -> None:
    submit(desk)
    bundle = exported(desk, tmp_path / "out")
    made = {shown(c): c["meta"]["tag"][0]["code"] for c in by_type(bundle, "Condition")}
    assert made == {"I10": "human-confirmed", "Z79.4": "human-entered"}


@pytest.fixture
def sheet(desk: Store) -> Sheet:
    return read_sheet(desk, submit(desk), title=title, texts=True)


@pytest.mark.parametrize("setting", list(Setting))
@pytest.mark.parametrize("claim", list(Claim))
def test_every_setting_and_claim_gives_a_bundle_of_common_elements(
    desk: Store, sheet: Sheet, setting: Setting, claim: Claim
) -> None:
    point = desk.door.vouched()[0][-1].checkpoint
    visit = replace(sheet.encounter, setting=setting, claim=claim)
    stay = replace(visit, service_date=None, admitted=date(2026, 5, 1), discharged=date(2026, 5, 4))
    bare = replace(visit, service_date=None, patient_id="", account_id="")
    for each in (visit, stay, bare):
        codes = tuple(
            replace(coded, poa=poa)
            for coded, poa in zip(sheet.codes, ("Y", "N", "U", "W", ""), strict=False)
        )
        checked(fhir_of(replace(sheet, encounter=each, codes=codes), point))


def test_the_check_for_common_elements_finds_one_that_r4_lacks() -> None:
    """Elements of R5, each at a place that a Bundle of ours has."""
    assert list(strangers({"resourceType": "Encounter", "actualPeriod": {}}, "Encounter")) == [
        "Encounter.actualPeriod"
    ]
    assert list(strangers({"meta": {"tag": [{"label": "x"}]}}, "Condition")) == ["Coding.label"]
    assert list(strangers({"entity": [{"what": {}, "agent": []}]}, "AuditEvent")) == [
        "AuditEvent.entity.agent"
    ]
