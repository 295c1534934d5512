"""Verify: read each mention against its best candidate, and take away what the note does not carry.

Its rules ask, in order: is there a candidate worth asking about, and do the words say the patient
has it. Scope `documented` ends there; which of several readings of the same words a coder would
take the confidence says. Scope `reportable` goes on: is a longer reading of the words better, does
the author deal with it in this encounter (`problems`, `manage`, `reportable`), does the encounter
say more of it than its name (`refine`), and what do drugs and other words lead to by themselves
(`medications`, `inferred`). A code that is turned down stays in the traces with its reason, and
each that a rule adds stands on words of the note. A chat model is asked about what the rules leave
open (`ask`); the rules' verdict stands without one.

Public: `Verifier.read()` and its `verify`; `opinions`, the second reader of what is AUTO.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import permutations

from pipeline.chat import SILENT, Talk
from pipeline.model import (
    Assertion,
    Candidate,
    Channel,
    Encounter,
    Extraction,
    Finder,
    Mention,
    MentionTrace,
    Scope,
    Setting,
    Support,
    Verdict,
)
from pipeline.terms import is_acronym
from pipeline.verify import problems, reportable
from pipeline.verify.ask import Settled, settle
from pipeline.verify.inferred import Inferences
from pipeline.verify.manage import Management
from pipeline.verify.medications import Medications
from pipeline.verify.problems import Problems
from pipeline.verify.refine import Refiner
from pipeline.verify.second import opinions
from pipeline.verify.told import Reading
from pipeline.words import stems
from resources import read_json
from taxonomy import Taxonomy

__all__ = ["Verifier", "opinions"]

FLOORS = {Scope.REPORTABLE: 0.4, Scope.DOCUMENTED: 0.15}
"""Below this score a best candidate is turned down at once (see `docs/evaluation.md`).

It lies low in scope `documented`, where the confidence decides, which knows the rest of the note.
"""

_NOT_THIS_PATIENT_NOW = {
    Assertion.NEGATED: "negated",
    Assertion.FAMILY: "family",
    Assertion.HYPOTHETICAL: "hypothetical",
}
_LENGTH_BONUS = 0.04
_LONGEST_ABBREVIATION = 5
_LETTERS_PER_WORD = 8


@dataclass(frozen=True, slots=True)
class Verifier:
    """The rules of this stage: words of management, lasting conditions, codes that say nothing."""

    management: Management
    medications: Medications
    refiner: Refiner
    inferences: Inferences
    lasting: tuple[str, ...]
    vague: tuple[str, ...]

    @classmethod
    def read(cls) -> "Verifier":
        """Read the rules from `resources`."""
        data = read_json("rules/management.json")
        return cls(
            Management.read(),
            Medications.read(),
            Refiner.read(),
            Inferences.read(),
            tuple(data["lasting"]),
            tuple(data["vague"]),
        )

    def verify(
        self,
        encounter: Encounter,
        extraction: Extraction,
        shortlists: Sequence[tuple[Candidate, ...]],
        scope: Scope,
        taxonomy: Taxonomy,
        talk: Talk = SILENT,
        settled: Settled = lambda _traces: False,
    ) -> tuple[MentionTrace, ...]:
        """Return a trace for each mention, with the code asked about and a verdict.

        In scope `reportable` the traces of finer codes, and of those that rules read from other
        words, follow after those of the mentions. `settled` tells of the mentions of a code whether
        its confidence is enough not to ask `talk` about it.
        """
        traces = [
            MentionTrace(
                mention=mention,
                candidates=shortlist,
                code=shortlist[0].code if shortlist else "",
                verdict=_told_by(
                    finder,
                    self._judge(
                        mention,
                        shortlist,
                        scope,
                        treated=_treated(encounter, mention),
                        short=_is_abbreviation(encounter.quote(mention.span)),
                    ),
                ),
            )
            for mention, finder, shortlist in zip(
                extraction.mentions, extraction.finders, shortlists, strict=True
            )
        ]
        if scope is Scope.DOCUMENTED:
            return tuple(settle(encounter, extraction, traces, taxonomy, talk, settled))
        vaguer = _vaguer(encounter, traces, extraction.places, taxonomy)
        traces = _without_overlaps(traces, vaguer)
        outline = problems.read(encounter, extraction)
        traces = reportable.named_by_problem(extraction, outline, traces)
        traces = reportable.uncertain_in_assessment(extraction, traces)
        traces = self._managed_only(encounter, extraction, outline, traces)
        traces = reportable.own_problems(extraction, outline, traces)
        reading = Reading.of(encounter, extraction)
        traces = self.refiner.refine(encounter, reading, outline, traces, taxonomy)
        # Asked after the rules have made codes finer: "none of these" would take away the plain
        # code from which the right one is made.
        traces = settle(encounter, extraction, traces, taxonomy, talk, settled)
        traces = reportable.complained_of(extraction, traces)
        traces += self.medications.traces(reading, traces)
        traces += self.inferences.traces(reading, outline, traces)
        traces = reportable.one_cause(traces)
        return tuple(traces)

    def _judge(
        self,
        mention: Mention,
        shortlist: tuple[Candidate, ...],
        scope: Scope,
        *,
        treated: bool,
        short: bool,
    ) -> Verdict:
        """Return the verdict on one mention by itself; `short` letters must be known to mean it."""
        if not shortlist:
            return Verdict(support=Support.INSUFFICIENT, reasons=("no-candidate",))
        best = shortlist[0]
        if best.score < FLOORS[scope]:
            return Verdict(support=Support.INSUFFICIENT, reasons=("weak-match",))
        if short and Channel.DICTIONARY not in best.channels:
            return Verdict(support=Support.INSUFFICIENT, reasons=("unknown-abbreviation",))
        refuted = _NOT_THIS_PATIENT_NOW.get(mention.assertion)
        if refuted:
            return Verdict(support=Support.REFUTED, reasons=(refuted,))
        if scope is Scope.REPORTABLE:
            return self._judge_for_report(mention, best.code, treated=treated)
        return Verdict(support=Support.SUPPORTED, reasons=(f"asserted-{mention.assertion.value}",))

    def _judge_for_report(self, mention: Mention, code: str, *, treated: bool) -> Verdict:
        """Return the verdict of the guidelines on an asserted mention with a good candidate."""
        if code.startswith(self.vague):
            return Verdict(support=Support.INSUFFICIENT, reasons=("too-general",))
        if mention.assertion is Assertion.HISTORICAL and not treated:
            if not code.startswith(self.lasting):
                return Verdict(support=Support.REFUTED, reasons=("historical",))
            return Verdict(support=Support.SUPPORTED, reasons=("history-of-lasting",))
        return Verdict(support=Support.SUPPORTED, reasons=(f"asserted-{mention.assertion.value}",))

    def _managed_only(
        self,
        encounter: Encounter,
        extraction: Extraction,
        outline: Problems,
        traces: list[MentionTrace],
    ) -> list[MentionTrace]:
        """Turn down the codes that no mention shows to be dealt with in this encounter."""
        by_code: dict[str, list[tuple[MentionTrace, int]]] = defaultdict(list)
        for trace, at in zip(traces, extraction.places, strict=True):
            if trace.verdict.support is Support.SUPPORTED:
                by_code[trace.code].append((trace, at))
        managed = {
            code
            for code, ours in by_code.items()
            if self.management.deals_with(encounter, extraction, outline, ours)
        }
        return [
            trace
            if trace.verdict.support is not Support.SUPPORTED or trace.code in managed
            else replace(
                trace, verdict=Verdict(support=Support.INSUFFICIENT, reasons=("not-managed",))
            )
            for trace in traces
        ]


def _told_by(finder: Finder, verdict: Verdict) -> Verdict:
    """Return a verdict that says where a chat model pointed at the words."""
    if Finder.ASKED not in finder:
        return verdict
    return replace(verdict, reasons=(*verdict.reasons, "model-found"))


def _is_abbreviation(words: str) -> bool:
    """Tell whether a mention is a few capitals ("HFA"): likeness to other letters means nothing."""
    return len(words) <= _LONGEST_ABBREVIATION and is_acronym(words)


def _treated(encounter: Encounter, mention: Mention) -> bool:
    """Tell whether a mention says that this stay itself brought the condition to an end (III)."""
    return (
        encounter.setting is Setting.INPATIENT
        and mention.trigger is not None
        and "resolved" in encounter.quote(mention.trigger).lower()
    )


def _vaguer(
    encounter: Encounter,
    traces: Sequence[MentionTrace],
    places: Sequence[int],
    taxonomy: Taxonomy,
) -> set[int]:
    """Return the mentions that a longer one says more precisely (I.B.2).

    The longer one holds the words of the shorter one, and the title of its code has them all:
    "primary osteoarthritis" within "primary osteoarthritis of left knee".
    """
    by_sentence: dict[int, list[int]] = defaultdict(list)
    for number, place in enumerate(places):
        if "weak-match" not in traces[number].verdict.reasons and traces[number].candidates:
            by_sentence[place].append(number)
    found: set[int] = set()
    for numbers in by_sentence.values():
        for short, long in permutations(numbers, 2):
            inner, outer = traces[short].mention.span, traces[long].mention.span
            if outer.start <= inner.start and inner.end <= outer.end and inner != outer:
                code = taxonomy.get(traces[long].code)
                if code and set(stems(encounter.quote(inner))) <= set(stems(code.title)):
                    found.add(short)
    return found


def _without_overlaps(traces: list[MentionTrace], losers: set[int]) -> list[MentionTrace]:
    """Keep one reading of any words: the best match, a longer phrase counting a little more.

    `losers` are out already.
    """

    def worth(trace: MentionTrace) -> tuple[float, int, int]:
        length = (trace.mention.span.end - trace.mention.span.start) // _LETTERS_PER_WORD
        score = trace.candidates[0].score if trace.candidates else 0.0
        return (-(score + _LENGTH_BONUS * min(length, 6)), trace.mention.span.start, -length)

    taken: dict[str, list[tuple[int, int]]] = defaultdict(list)
    losers = set(losers)
    for number in sorted(set(range(len(traces))) - losers, key=lambda n: worth(traces[n])):
        trace = traces[number]
        if "no-candidate" in trace.verdict.reasons or "weak-match" in trace.verdict.reasons:
            continue
        span = trace.mention.span
        if any(low < span.end and span.start < high for low, high in taken[span.note_id]):
            losers.add(number)
        else:
            taken[span.note_id].append((span.start, span.end))
    return [
        replace(trace, verdict=Verdict(support=Support.INSUFFICIENT, reasons=("other-reading",)))
        if number in losers
        else trace
        for number, trace in enumerate(traces)
    ]
