"""The frozen values that travel through the five stages, in the words of the field.

Every position is a half-open range of Python code points in a note's canonical text. A quote is
always derived from its span and never stored beside it. Reasons are ids, with a parameter after
`=` where one is needed (`lexical=0.83`, `covered-by=I11.0`), never words of a note: they may stand
in the audit log as they are, and the window turns them into sentences.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from enum import Flag, StrEnum


class PipelineError(Exception):
    """Root of the errors of this package; the text is a sentence for the person at the screen."""


class Cancelled(PipelineError):  # noqa: N818 - an outcome a person chose, not an error
    """Raised by a progress callback to stop an analysis between two stages."""


class Setting(StrEnum):
    """Where the encounter took place; decides which guideline sections apply."""

    INPATIENT = "inpatient"
    OUTPATIENT = "outpatient"
    EMERGENCY = "emergency"
    OBSERVATION = "observation"
    OTHER = "other"


class Claim(StrEnum):
    """Who bills; uncertain diagnoses are coded only for a facility's inpatient claim (II.H)."""

    FACILITY = "facility"
    PROFESSIONAL = "professional"


class NoteStatus(StrEnum):
    """How far the author has got with a note."""

    FINAL = "final"
    AMENDED = "amended"
    UNSIGNED = "unsigned"
    UNKNOWN = "unknown"


class Assertion(StrEnum):
    """What the words around a mention say of it (ConText, Harkema et al. 2009)."""

    PRESENT = "present"
    NEGATED = "negated"
    POSSIBLE = "possible"
    HISTORICAL = "historical"
    FAMILY = "family"
    HYPOTHETICAL = "hypothetical"


class Scope(StrEnum):
    """Which conditions are coded: those of this encounter, or every asserted mention."""

    REPORTABLE = "reportable"
    DOCUMENTED = "documented"


class Channel(StrEnum):
    """How a candidate was found."""

    DICTIONARY = "dictionary"
    LEXICAL = "lexical"
    DENSE = "dense"


class Finder(Flag):
    """How a mention was found.

    SPLIT where words of a phrase stand apart ("fractures of the left 3rd and 4th ribs"), TOUCHED
    where the recogniser marked other words that overlap it, ASKED where a chat model pointed at it.
    """

    NONE = 0
    DICTIONARY = 1
    WINDOW = 2
    RECOGNISED = 4
    TOUCHED = 8
    SPLIT = 16
    ASKED = 32


class Support(StrEnum):
    """The verifier's answer on a candidate."""

    SUPPORTED = "supported"
    REFUTED = "refuted"
    INSUFFICIENT = "insufficient"


class Severity(StrEnum):
    """How much a finding weighs: an error stops a submit, a warning asks, a query goes out."""

    ERROR = "error"
    WARNING = "warning"
    QUERY = "query"
    INFO = "info"


class Route(StrEnum):
    """Where a suggestion goes, from least to most cautious."""

    AUTO = "auto"
    CONFIRM = "confirm"
    REVIEW = "review"


ASSESSED_SECTIONS = frozenset({"assessment", "impression", "plan", "hospital-course"})
"""The sections, of those in `resources/rules/sections.json`, that hold the author's judgement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One document of an encounter.

    `text` is canonical (see `app.ingest`); `sha256` is the hex digest of the bytes received;
    `source` names where they came from (a path below the argument, or `file.jsonl:12`).
    """

    note_id: str
    text: str
    sha256: str
    source: str = ""
    kind: str = ""
    author: str = ""
    author_role: str = ""
    time: str = ""
    status: NoteStatus = NoteStatus.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Encounter:
    """One visit or stay, the unit of coding. `age` is in years; None means not given.

    `assumed` names the fields that were absent and filled in by a rule (`setting`), so that a
    finding can say so.
    """

    encounter_id: str
    notes: tuple[Note, ...]
    setting: Setting = Setting.OUTPATIENT
    claim: Claim = Claim.PROFESSIONAL
    patient_id: str = ""
    account_id: str = ""
    service_date: date | None = None
    admitted: date | None = None
    discharged: date | None = None
    age: float | None = None
    sex: str = ""
    assumed: frozenset[str] = frozenset()

    @property
    def decisive_day(self) -> date | None:
        """Return the day whose release counts: discharge of a stay, service date of a visit."""
        if self.setting is Setting.INPATIENT:
            return self.discharged or self.service_date or self.admitted
        return self.service_date or self.discharged or self.admitted

    def note(self, note_id: str) -> Note:
        """Return the note with this id; KeyError where the encounter has none such."""
        for note in self.notes:
            if note.note_id == note_id:
                return note
        raise KeyError(note_id)

    def quote(self, span: "EvidenceSpan") -> str:
        """Return the words under a span, exactly as they stand in the canonical text."""
        return self.note(span.note_id).text[span.start : span.end]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class EvidenceSpan:
    """A half-open code-point range in one note."""

    note_id: str
    start: int
    end: int

    def meets(self, other: "EvidenceSpan") -> bool:
        """Tell whether the two share a character of the same note."""
        same = self.note_id == other.note_id
        return same and self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A span that names a condition, with what its surroundings say of it.

    `section` is an id of `resources/rules/sections.json` (`assessment`, `family-history`, … or
    `unheaded`); `trigger` are the words that gave the assertion, None for a plain PRESENT.
    `attributes` are what is said of it besides its name, as ids (`side=left`, `acuity=acute`; see
    `pipeline.attributes`).
    """

    span: EvidenceSpan
    section: str
    assertion: Assertion = Assertion.PRESENT
    trigger: EvidenceSpan | None = None
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence with the id and the role of the section it stands in."""

    span: EvidenceSpan
    section: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """What extraction found: mentions and sentences, each in the order of notes and text.

    `places[n]` is the index of the sentence that mention n stands in, `finders[n]` how it was
    found, and `phrases[n]` the words to look up where they are not all of its span, else nothing.
    """

    mentions: tuple[Mention, ...]
    sentences: tuple[Sentence, ...]
    places: tuple[int, ...]
    finders: tuple[Finder, ...]
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A code for a mention and why: `score` in 0..1 orders candidates and is no confidence."""

    code: str
    score: float
    channels: tuple[Channel, ...]
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The verifier's answer, with its reasons; `by` is `rules` or the id of a chat model."""

    support: Support
    reasons: tuple[str, ...] = ()
    by: str = "rules"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The validator's answer on codes or on the encounter.

    `source` says which text decided: a guideline section (`guideline IV.H`) or a tabular node
    with the kind and number of its note (`tabular I10 excludes1 1`), each of `release`. `detail`
    holds parameters such as missing 7th characters. The sentence itself is made by
    `pipeline.validate.message`, so that no quoted text needs to stand in the log.
    """

    rule: str
    severity: Severity
    codes: tuple[str, ...] = ()
    source: str = ""
    release: str = ""
    detail: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A code that the verifier lets through, with every mention that carries it, best first."""

    code: str
    traces: tuple["MentionTrace", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """What the taxonomy and the guidelines leave of the proposals.

    `findings` holds those on codes; `encounter_findings` those on the encounter as a whole.
    `passes` are the rules that looked at codes and found nothing, each as `rule=count of codes`;
    `unchecked` name the rules that could not be asked and what is missing for them
    (`not-checked`), and the notes on codes that only a person can read (`read-manually`).
    """

    kept: tuple[Proposal, ...]
    excluded: tuple["Exclusion", ...]
    findings: tuple["Finding", ...]
    encounter_findings: tuple["Finding", ...]
    passes: tuple[str, ...] = ()
    unchecked: tuple["Finding", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A code the program proposes; `evidence` is never empty, best first.

    `parts` are the features that moved the confidence most, in log-odds against an average
    suggestion: `raises=score:0.8`, `lowers=status:1.3`.
    """

    code: str
    evidence: tuple[Mention, ...]
    candidates: tuple[Candidate, ...]
    verdict: Verdict
    findings: tuple[Finding, ...]
    confidence: float
    route: Route
    reasons: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """A code considered and not proposed, with its reason and the words it was read from."""

    code: str
    reason: str
    evidence: tuple[Mention, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """All that decides a result besides the encounter; equal provenance, equal result.

    `release` is the one the encounter was coded in. `sources` are the imported lists that rules
    asked, and the release it was compared with, each as name and SHA-256 (hex).
    """

    code_version: str
    release: str
    taxonomy_digest: str
    model_digest: str
    index_digest: str
    rules_digest: str
    config_digest: str
    scope: Scope
    chat_model: str = "silent"
    sources: tuple[tuple[str, str], ...] = ()
    libraries: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MentionTrace:
    """What each stage said of one mention: what was retrieved, which code was taken and why."""

    mention: Mention
    candidates: tuple[Candidate, ...] = ()
    code: str = ""
    verdict: Verdict = field(default_factory=lambda: Verdict(support=Support.INSUFFICIENT))


@dataclass(frozen=True, slots=True, kw_only=True)
class CodingResult:
    """The outcome of one pass over one encounter, every stage's part of it included.

    `lane` is the most cautious of the suggestions' routes, and REVIEW where `lane_reasons` name
    an encounter finding of severity error or query, nothing to suggest, or a failure. `passes`
    and `unchecked` say what was checked and found nothing, and what was not (see `Validation`).
    """

    encounter_id: str
    setting: Setting
    traces: tuple[MentionTrace, ...]
    suggestions: tuple[Suggestion, ...]
    excluded: tuple[Exclusion, ...]
    findings: tuple[Finding, ...]
    lane: Route
    lane_reasons: tuple[str, ...]
    provenance: Provenance
    passes: tuple[str, ...] = ()
    unchecked: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """One step of an analysis: the stage about to run, and how many have run."""

    stage: str
    done: int
    total: int


Report = Callable[[Progress], None]
"""A one-way progress callback; raising `Cancelled` from it stops the analysis."""
