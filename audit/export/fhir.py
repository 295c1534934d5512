"""A case as a FHIR R4 Bundle, of elements that R4 and R4B have in common.

Conditions say by `verificationStatus` whether a person stands behind them, and by `meta` who made
them: our own tags, and beside them the labels of HL7's *AI Transparency on FHIR*: `AIAST` for what
the program asserts, `CLINAST` for what a person does. A Claim is there for submitted cases only.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from audit.checkpoints import Checkpoint
from audit.export.forms import ids_of
from audit.export.sheet import Coded, Maker, Sheet, Standing, Step
from pipeline.model import Claim, Setting

ICD = "http://hl7.org/fhir/sid/icd-10-cm"
TAGS = "urn:chartproof:maker"
ROLES = "urn:chartproof:roles"
"""Tags the Bundle of a store that keeps nobody to their role."""
IDS = "urn:chartproof"
_TERMS = "http://terminology.hl7.org/CodeSystem"
_SPACE = uuid.UUID("6f1d3a52-6a5f-4c41-9d3b-0f2f3c0d7c11")

_LABELS = {
    Maker.MACHINE_SUGGESTED: ("AIAST", "Artificial Intelligence asserted"),
    Maker.HUMAN_CONFIRMED: ("CLINAST", "clinician asserted"),
    Maker.HUMAN_ENTERED: ("CLINAST", "clinician asserted"),
}
_CLASSES = {
    Setting.INPATIENT: ("IMP", "inpatient encounter"),
    Setting.OUTPATIENT: ("AMB", "ambulatory"),
    Setting.EMERGENCY: ("EMER", "emergency"),
    Setting.OBSERVATION: ("OBSENC", "observation encounter"),
    Setting.OTHER: ("AMB", "ambulatory"),
}
_POA = {"Y": "y", "N": "n", "U": "u", "W": "w"}
_VERBS = {"person": "human", "program": "machine", "policy": "machine"}

Resource = dict[str, Any]


def fhir_of(sheet: Sheet, checkpoint: Checkpoint) -> Resource:
    """Return the Bundle of a case: who, codes, claim, where they come from, what was done."""
    return _Builder(sheet, checkpoint).bundle()


class _Builder:
    def __init__(self, sheet: Sheet, checkpoint: Checkpoint) -> None:
        self._sheet = sheet
        self._checkpoint = checkpoint
        self._ids = ids_of(sheet)
        self._patient = self._url("patient")
        self._encounter = self._url("encounter")

    def bundle(self) -> Resource:
        sheet = self._sheet
        shown = [
            each for each in sheet.codes if each.standing in {Standing.SUGGESTED, Standing.FINAL}
        ]
        resources = [
            (self._patient, self._patient_resource()),
            (self._encounter, self._encounter_resource()),
            *((self._condition_url(each), self._condition(each)) for each in shown),
        ]
        if sheet.submitted and sheet.final:
            resources.append((self._url("claim"), self._claim()))
        resources += [
            (self._url(f"provenance {each.code}"), self._provenance(each)) for each in shown
        ]
        resources += [
            (self._url(f"event {step.seq}"), _audit_event(step)) for step in sheet.history
        ]
        return {
            "resourceType": "Bundle",
            "id": self._id("bundle"),
            **({"meta": {"tag": [_roles(sheet.roles)]}} if sheet.roles else {}),
            "identifier": {"system": f"{IDS}:case", "value": sheet.case_id},
            "type": "collection",
            "timestamp": sheet.updated,
            "entry": [{"fullUrl": url, "resource": resource} for url, resource in resources],
        }

    def _id(self, what: str) -> str:
        return str(uuid.uuid5(_SPACE, f"{self._sheet.store_id} {self._sheet.case_id} {what}"))

    def _url(self, what: str) -> str:
        return f"urn:uuid:{self._id(what)}"

    def _condition_url(self, coded: Coded) -> str:
        return self._url(f"condition {coded.code}")

    def _patient_resource(self) -> Resource:
        """Return the patient by id alone; names, birth date and sex are not passed on."""
        return {"resourceType": "Patient", "id": self._id("patient"), **self._identifier("patient")}

    def _encounter_resource(self) -> Resource:
        code, display = _CLASSES[self._sheet.encounter.setting]
        ids = self._ids
        start = ids["admitted"] or ids["service_date"]
        end = ids["discharged"] or ids["service_date"]
        period = {name: day for name, day in (("start", start), ("end", end)) if day}
        return {
            "resourceType": "Encounter",
            "id": self._id("encounter"),
            **self._identifier("encounter"),
            "status": "finished" if end else "unknown",
            "class": {"system": f"{_TERMS}/v3-ActCode", "code": code, "display": display},
            "subject": {"reference": self._patient},
            **({"period": period} if period else {}),
        }

    def _identifier(self, of: str) -> Resource:
        value = self._ids[f"{of}_id"]
        system, value = (f"{IDS}:{of}", value) if value else (f"{IDS}:case", self._sheet.case_id)
        return {"identifier": [{"system": system, "value": value}]}

    def _condition(self, coded: Coded) -> Resource:
        final = coded.standing is Standing.FINAL
        quotes = [quote.words for quote in coded.quotes if quote.words]
        return {
            "resourceType": "Condition",
            "id": self._id(f"condition {coded.code}"),
            "meta": labels(coded.maker),
            "verificationStatus": _concept(
                f"{_TERMS}/condition-ver-status", "confirmed" if final else "provisional"
            ),
            "category": [_concept(f"{_TERMS}/condition-category", "encounter-diagnosis")],
            "code": self._icd(coded),
            "subject": {"reference": self._patient},
            "encounter": {"reference": self._encounter},
            **({"recordedDate": coded.decided_at} if coded.decided_at else {}),
            **({"note": [{"text": _plain(words)} for words in quotes]} if quotes else {}),
        }

    def _icd(self, coded: Coded) -> Resource:
        coding = {"system": ICD, "code": coded.code}
        if self._sheet.provenance is not None:
            coding["version"] = self._sheet.provenance.release
        if coded.title:
            coding["display"] = coded.title
        return {"coding": [coding], "text": coded.standing.value}

    def _claim(self) -> Resource:
        """Return the diagnoses of a submitted case; who pays and who provides is not known here."""
        sheet = self._sheet
        facility = sheet.encounter.claim is Claim.FACILITY
        unknown = {"display": "not recorded by Chartproof"}
        return {
            "resourceType": "Claim",
            "id": self._id("claim"),
            "status": "draft",
            "type": _concept(
                f"{_TERMS}/claim-type", "institutional" if facility else "professional"
            ),
            "use": "claim",
            "patient": {"reference": self._patient},
            "created": sheet.submitted_at,
            "provider": unknown,
            "priority": _concept(f"{_TERMS}/processpriority", "normal"),
            "insurance": [{"sequence": 1, "focal": True, "coverage": unknown}],
            "diagnosis": [
                self._diagnosis(sequence, coded) for sequence, coded in enumerate(sheet.final, 1)
            ],
        }

    def _diagnosis(self, sequence: int, coded: Coded) -> Resource:
        item: Resource = {"sequence": sequence, "diagnosisCodeableConcept": self._icd(coded)}
        if sequence == 1:
            item["type"] = [_concept(f"{_TERMS}/ex-diagnosistype", "principal")]
        if coded.poa in _POA:
            item["onAdmission"] = _concept(f"{_TERMS}/ex-diagnosis-on-admission", _POA[coded.poa])
        return item

    def _provenance(self, coded: Coded) -> Resource:
        """Return who made a code of what: the program, then the person who stands behind it."""
        origin = self._sheet.provenance
        agents = []
        if coded.maker is not Maker.HUMAN_ENTERED and origin is not None:
            agents.append(
                {
                    "type": _concept(f"{_TERMS}/provenance-participant-type", "assembler"),
                    "who": {"display": f"Chartproof {origin.code_version}"},
                }
            )
        if coded.decided_by:
            kind = "author" if coded.maker is Maker.HUMAN_ENTERED else "verifier"
            agents.append(
                {
                    "type": _concept(f"{_TERMS}/provenance-participant-type", kind),
                    "who": _person(coded.decided_by),
                }
            )
        point = self._checkpoint
        return {
            "resourceType": "Provenance",
            "id": self._id(f"provenance {coded.code}"),
            "meta": labels(coded.maker),
            "target": [{"reference": self._condition_url(coded)}],
            "recorded": coded.decided_at or self._sheet.updated,
            "agent": agents or [{"who": {"display": "unknown"}}],
            "entity": [
                {
                    "role": "source",
                    "what": {
                        "identifier": {"system": f"{IDS}:log", "value": point.origin},
                        "display": f"{point.size} events, root {point.root.hex()}",
                    },
                }
            ],
        }


def _audit_event(step: Step) -> Resource:
    kind = _VERBS[step.actor]
    return {
        "resourceType": "AuditEvent",
        "id": str(uuid.uuid5(_SPACE, step.hash)),
        "type": {"system": f"{IDS}:event", "code": step.kind},
        "recorded": step.when,
        "outcome": "0",
        "agent": [
            {
                "type": _concept(f"{_TERMS}/extra-security-role-type", "humanuser")
                if kind == "human"
                else _concept(f"{_TERMS}/provenance-participant-type", "performer"),
                "who": _person(step.who),
                "requestor": kind == "human",
                **({"role": [{"text": step.role}]} if step.role else {}),
            }
        ],
        "source": {"observer": {"display": "Chartproof"}},
        "entity": [
            {
                "what": {
                    "identifier": {"system": f"{IDS}:event-hash", "value": step.hash},
                    "display": f"event {step.seq}",
                }
            }
        ],
    }


def _person(name: str) -> Resource:
    return {"identifier": {"system": f"{IDS}:actor", "value": name}, "display": _plain(name)}


def labels(maker: Maker) -> Resource:
    """Return the `meta` that tells who answers for a code."""
    code, display = _LABELS[maker]
    label = {"system": f"{_TERMS}/v3-ObservationValue", "code": code, "display": display}
    return {"security": [label], "tag": [{"system": TAGS, "code": maker.value}]}


def _concept(system: str, code: str) -> Mapping[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


def _roles(notice: str) -> Mapping[str, str]:
    return {"system": ROLES, "code": "not-enforced", "display": notice}


def _plain(text: str) -> str:
    """Return a text that FHIR takes as a string: not blank, without control characters."""
    kept = "".join(c if c >= " " or c in "\t\r\n" else " " for c in text)
    return kept if kept.strip() else "(blank)"
