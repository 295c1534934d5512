"""Rules that the words of the notes decide: rows of `resources/rules/documented.json`, and a few.

A finding points to the words by their place, `words=note:start:end` with the number of the note in
the encounter, and never repeats them. These findings ask; none takes a code out. What depends on
the note, the section or the author that names a condition is in `sources`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import Any

from pipeline.model import Encounter, EvidenceSpan, Finding, Proposal, Setting, Severity
from pipeline.validate.codeset import Ledger
from resources import read_json
from taxonomy import Taxonomy, stem

_BEFORE = 40
_AFTER = 40
_WORDS = "words="
_UROSEPSIS = re.compile(r"\burosepsis\b", re.IGNORECASE)
_DENIED = re.compile(
    r"\b(?:no|not|denies|denied|without|negative for|r/o|rule out)\b[^.]*$", re.IGNORECASE
)
_UNRELATED = re.compile(
    r"\b(?:unrelated to|independent of|not (?:due|related|secondary|attributed) to)\b",
    re.IGNORECASE,
)
_AGAINST = re.compile(r"\s*(?:,\s*)?\b(?:versus|vs\.?)\s*(?:\w+\s+){0,2}", re.IGNORECASE)
_OTHER = re.compile(r"\bother(?: specified)?\b", re.IGNORECASE)
_WORD = re.compile(r"[a-z]+")
_EMPTY = frozenset({"a", "an", "and", "of", "the", "or", "with", "in", "other", "specified", "nos"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One rule of the table; see its `about`."""

    rule: str
    severity: Severity
    source: str
    say: str
    where: str
    codes: tuple[str, ...]
    not_codes: tuple[str, ...]
    title: re.Pattern[str] | None
    not_title: re.Pattern[str] | None
    said: re.Pattern[str] | None
    unsaid: re.Pattern[str] | None
    settings: frozenset[Setting]
    use: str

    def speaks_of(self, code: str, title: str, setting: Setting) -> bool:
        """Say whether the rule is asked about a code."""
        if setting not in self.settings or (self.codes and not code.startswith(self.codes)):
            return False
        if self.not_codes and code.startswith(self.not_codes):
            return False
        if self.not_title is not None and self.not_title.search(title):
            return False
        return self.title is None or self.title.search(title) is not None


@cache
def read() -> tuple[Row, ...]:
    """Read the table from `resources`."""
    return tuple(map(_row, read_json("rules/documented.json")["rows"]))


def _row(row: dict[str, Any]) -> Row:
    patterns = {
        name: re.compile(row[name], re.IGNORECASE) if name in row else None
        for name in ("title", "not_title", "said", "unsaid")
    }
    return Row(
        rule=f"{row['rule']}.{row['id']}",
        severity=Severity(row["severity"]),
        source=f"guideline {row['source']}",
        say=row["say"],
        where=row["where"],
        codes=tuple(row.get("codes", ())),
        not_codes=tuple(row.get("not_codes", ())),
        settings=frozenset(Setting(name) for name in row.get("setting", list(Setting))),
        use=row.get("use", ""),
        **patterns,
    )


def run(encounter: Encounter, kept: Sequence[Proposal], taxonomy: Taxonomy, ledger: Ledger) -> None:
    """Ask every rule of this family about the codes and the words they were read from."""
    for proposal in kept:
        title = taxonomy.title(proposal.code).lower()
        for row in read():
            if row.speaks_of(proposal.code, title, encounter.setting):
                ledger.look(row.rule, 1)
                ledger.findings += _ask(encounter, proposal, row, ledger.release)
        if _OTHER.search(title):
            ledger.look("other-without-detail.V14", 1)
            ledger.findings += _without_detail(encounter, proposal, title, ledger.release)
    ledger.look("comparative.Q05", len(kept))
    ledger.findings += _comparative(encounter, kept, ledger.release)


def about_encounter(encounter: Encounter, taxonomy: Taxonomy) -> list[Finding]:
    """Return the findings on words that lead to no code: urosepsis has none (I.C.1.d.1.a.ii)."""
    for number, note in enumerate(encounter.notes):
        for hit in _UROSEPSIS.finditer(note.text):
            line = note.text[: hit.start()].rpartition("\n")[2]
            if not _DENIED.search(line[-_BEFORE:]):
                return [
                    Finding(
                        rule="urosepsis.C01",
                        severity=Severity.QUERY,
                        source="guideline I.C.1.d.1.a.ii",
                        release=taxonomy.release.label,
                        detail=(f"{_WORDS}{number}:{hit.start()}:{hit.end()}",),
                    )
                ]
    return []


def unrelated(
    encounter: Encounter, kept: Sequence[Proposal], linked: Sequence[Finding], ledger: Ledger
) -> None:
    """Ask where conditions were linked and a line of the notes calls something unrelated (I.A.15).

    `linked` are the findings of `combine`, the code that stands for both first.
    """
    for finding in linked:
        ledger.look("unrelated.V12", 1)
        traces = next((p.traces for p in kept if p.code == finding.codes[0]), ())
        hits = [_hit(encounter, t.mention.span, _UNRELATED, before_only=False) for t in traces]
        places = tuple(dict.fromkeys(hit for hit in hits if hit))
        if places:
            ledger.findings.append(
                replace(
                    finding,
                    rule="unrelated.V12",
                    severity=Severity.WARNING,
                    source="guideline I.A.15",
                    detail=places,
                )
            )


def place(encounter: Encounter, span: EvidenceSpan) -> str:
    """Return where words stand, as a finding may carry it."""
    number = next(n for n, note in enumerate(encounter.notes) if note.note_id == span.note_id)
    return f"{_WORDS}{number}:{span.start}:{span.end}"


def words_of(finding: Finding, encounter: Encounter) -> tuple[EvidenceSpan, ...]:
    """Return where the words stand that a finding points to; none where it points to none.

    A place the notes do not have (they may have a newer wording) is left out.
    """
    spans = []
    for each in finding.detail:
        if not each.startswith(_WORDS):
            continue
        number, start, end = map(int, each.removeprefix(_WORDS).split(":"))
        if number < len(encounter.notes) and end <= len(encounter.notes[number].text):
            note_id = encounter.notes[number].note_id
            spans.append(EvidenceSpan(note_id=note_id, start=start, end=end))
    return tuple(spans)


def _ask(encounter: Encounter, proposal: Proposal, row: Row, release: str) -> Iterator[Finding]:
    """Yield the finding of a row; one mention that speaks against it is enough to be silent."""
    spans = [trace.mention.span for trace in proposal.traces]
    pattern = row.said or row.unsaid
    if pattern is None:
        return
    if row.where == "chart":
        found = any(pattern.search(note.text) for note in encounter.notes)
        hits = [place(encounter, spans[0])] if found else [""]
    else:
        before = row.where == "before"
        hits = [_hit(encounter, span, pattern, before_only=before) for span in spans]
    if row.said is not None and all(hits):
        places = hits
    elif row.unsaid is not None and not any(hits):
        places = [place(encounter, spans[0])]
    else:
        return
    fix = (f"use={row.use}",) if row.use else ()
    yield Finding(
        rule=row.rule,
        severity=row.severity,
        codes=(proposal.code,),
        source=row.source,
        release=release,
        detail=(*fix, *dict.fromkeys(places)),
    )


def _hit(
    encounter: Encounter, span: EvidenceSpan, pattern: re.Pattern[str], *, before_only: bool
) -> str:
    """Return the place of the words that match beside a mention, on its line; "" for none."""
    text = encounter.note(span.note_id).text
    start = max(text.rfind("\n", 0, span.start) + 1, span.start - _BEFORE)
    end = span.start
    if not before_only:
        line_end = text.find("\n", span.end)
        end = min(line_end if line_end >= 0 else len(text), span.end + _AFTER)
    found = pattern.search(text[start:end])
    if found is None:
        return ""
    words = EvidenceSpan(note_id=span.note_id, start=start + found.start(), end=start + found.end())
    return place(encounter, words)


def _without_detail(
    encounter: Encounter, proposal: Proposal, title: str, release: str
) -> Iterator[Finding]:
    """Ask where a code for "other" kinds rests on words that name no kind (I.A.9.a)."""
    general = _stems(title) | _EMPTY
    spans = [trace.mention.span for trace in proposal.traces]
    if all(_stems(encounter.quote(span)) <= general for span in spans):
        yield Finding(
            rule="other-without-detail.V14",
            severity=Severity.INFO,
            codes=(proposal.code,),
            source="guideline I.A.9.a",
            release=release,
            detail=(place(encounter, spans[0]),),
        )


def _stems(text: str) -> set[str]:
    return set(map(stem, _WORD.findall(text.lower())))


def _comparative(encounter: Encounter, kept: Sequence[Proposal], release: str) -> Iterator[Finding]:
    """Yield two conditions that the author puts against each other (II.D, IV.H)."""
    mentions = sorted(
        (trace.mention.span, proposal.code) for proposal in kept for trace in proposal.traces
    )
    inpatient = encounter.setting is Setting.INPATIENT
    for (one, code), (other, against) in pairwise(mentions):
        if code == against or one.note_id != other.note_id:
            continue
        if _AGAINST.fullmatch(encounter.note(one.note_id).text[one.end : other.start]):
            between = EvidenceSpan(note_id=one.note_id, start=one.start, end=other.end)
            yield Finding(
                rule="comparative.Q05",
                severity=Severity.WARNING,
                codes=(code, against),
                source="guideline II.D" if inpatient else "guideline IV.H",
                release=release,
                detail=(place(encounter, between),),
            )
