"""What stands behind one event of a case: provenance, what was read, seen, asked and answered.

A story is a tuple of blocks, which a page shows one below the other. Everything is worked out from
the log: the words of a mention are cut from the wording it was read in, the candidates behind a
decision are those of the analysis in force when it was made.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.desktop.models.cards import one_line
from app.wording import count, say
from app.workspace import OpenCase
from audit import AuditEvent
from pipeline.model import Encounter

SHOWN = 200
"""Lines of one kind that are shown; how many more there are is said."""

DIGEST = 16
"""Characters of a digest that are shown; the whole one stands in the log."""

Data = Mapping[str, Any]
Span = Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A part of a story: a heading, pairs of name and value, lines, or a text as it was written."""

    heading: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    lines: tuple[str, ...] = ()
    text: str = ""
    more: int = 0


def story(opened: OpenCase, seq: int, texts: Mapping[str, str]) -> tuple[Block, ...]:
    """Return the blocks of one event of a case, in the order they are read.

    `texts` holds by commitment what the event refers to; what was destroyed is missing there.
    """
    reading = _Reading(opened, seq)
    event = reading.event
    if event is None:
        return ()
    tell = _TOLD.get(event.kind, _plain)
    blocks = [*tell(reading, event.data), *_written(event.data, texts)]
    return (*(block for block in blocks if block != Block()), _place(event))


class _Reading:
    """A case as it stood at one event: its wording and the stages of the analysis in force."""

    def __init__(self, opened: OpenCase, seq: int) -> None:
        self.opened = opened
        self.event: AuditEvent | None = None
        self.stages: dict[str, Data] = {}
        revision = 0
        for event in opened.events:
            if event.kind == "encounter.received":
                revision += 1
                self.stages = {}
            if event.kind in _STAGES:
                self.stages[event.kind] = event.data
            if event.seq == seq:
                self.event = event
                break
        known = opened.case.encounters
        self.encounter: Encounter | None = (
            known[revision - 1] if 0 < revision <= len(known) else None
        )

    def words(self, span: Span) -> str:
        """Return the words of a span `[note, start, end]`, quoted."""
        if self.encounter is None or not 0 <= span[0] < len(self.encounter.notes):
            return say("places", "words-gone")
        note, start, end = span[:3]
        return f"“{one_line(self.encounter.notes[note].text[start:end])}”"

    def mention(self, number: int) -> str:
        """Return the words of a mention of the analysis, by its number."""
        mentions = self.stages.get("evidence.extracted", {}).get("mentions", ())
        return self.words(mentions[number]) if 0 <= number < len(mentions) else ""

    def code(self, code: str) -> str:
        """Return a code with its title."""
        title = self.opened.title(code)
        return f"{code}  {title}" if title else code

    def candidates(self, number: int) -> Sequence[int]:
        """Return the candidates of trace `number`, as their numbers."""
        retrieved = self.stages.get("candidates.retrieved", {})
        traces, lists = retrieved.get("traces", ()), retrieved.get("lists", ())
        return lists[traces[number][1]] if number < len(traces) else ()

    def candidate(self, number: int) -> str:
        """Return a candidate with its score and why it was found."""
        code, score, channels, reasons = self.stages["candidates.retrieved"]["candidates"][number]
        why = "; ".join(say("reasons", reason) for reason in reasons)
        found = ", ".join(say("channels", channel) for channel in channels)
        return f"{self.code(code)}  ·  {_number(score)}  ·  {found}{f': {why}' if why else ''}"


_STAGES = frozenset(
    {"analysis.started", "evidence.extracted", "candidates.retrieved", "candidates.verified",
     "codes.validated", "case.routed"}
)  # fmt: skip


def _received(reading: _Reading, data: Data) -> Iterator[Block]:
    encounter = reading.encounter
    notes = encounter.notes if encounter else ()
    facts = [("setting", say("settings", data["setting"])), ("claim", say("claims", data["claim"]))]
    facts += [
        (name, str(data[name]))
        for name in ("service_date", "admitted", "discharged", "age", "sex")
        if data.get(name) is not None
    ]
    yield _facts(facts)
    yield Block(
        heading=count(len(data["notes"]), "document"),
        lines=tuple(
            f"{note.kind or note.note_id}  ·  {count(len(note.text), 'character')}"
            for note in notes
        ),
    )


def _started(_reading: _Reading, data: Data) -> Iterator[Block]:
    yield _facts(
        [
            ("release", data["release"]),
            ("scope", say("scopes", data["scope"])),
            ("code_version", data["code_version"]),
            ("chat_model", say("chat_models", data["chat_model"])),
            ("requested_by", data["requested_by"]["id"]),
        ],
        heading=say("places", "provenance"),
    )
    yield _facts(
        [
            (name, data[name])
            for name in (
                "taxonomy_digest",
                "model_digest",
                "index_digest",
                "rules_digest",
                "config_digest",
            )
        ],
        heading=say("places", "digests"),
    )
    for name in ("sources", "libraries"):
        if data.get(name):
            yield Block(
                heading=say("facts", name),
                facts=tuple((key, str(value)) for key, value in data[name]),
            )


def _extracted(reading: _Reading, data: Data) -> Iterator[Block]:
    def line(row: Sequence[Any]) -> str:
        section, assertion, trigger = row[3], row[4], row[5]
        parts = [reading.words(row[:3]), say("sections", section), say("assertions", assertion)]
        if trigger:
            parts.append(say("places", "because-of", words=reading.words(trigger)))
        return "  ·  ".join(part for part in parts if part)

    yield _lines(count(len(data["mentions"]), "mention"), [line(row) for row in data["mentions"]])


def _retrieved(reading: _Reading, data: Data) -> Iterator[Block]:
    for number, (mention, _) in enumerate(data["traces"][:SHOWN]):
        found = [reading.candidate(at) for at in reading.candidates(number)]
        yield Block(
            heading=reading.mention(mention),
            lines=tuple(found) or (say("reasons", "no-candidate"),),
        )
    rest = len(data["traces"]) - SHOWN
    if rest > 0:
        yield Block(more=rest)


def _verified(reading: _Reading, data: Data) -> Iterator[Block]:
    traces = reading.stages.get("candidates.retrieved", {}).get("traces", ())
    lines = []
    for (code, at), trace in zip(data["traces"], traces, strict=False):
        support, reasons, by = data["verdicts"][at]
        why = "; ".join(say("reasons", reason) for reason in reasons)
        parts = [
            reading.mention(trace[0]),
            reading.code(code) if code else "",
            say("support", support),
        ]
        parts += [why, by if by != "rules" else ""]
        lines.append("  ·  ".join(part for part in parts if part))
    yield _lines(count(len(lines), "verdict"), lines)


def _validated(reading: _Reading, data: Data) -> Iterator[Block]:
    suggested = [
        f"{reading.code(code)}  ·  {', '.join(filter(None, map(reading.mention, mentions)))}"
        for code, mentions, *_ in data["suggestions"]
    ]
    yield _lines(f"{count(len(suggested), 'code')} suggested", suggested)
    findings = [
        f"{say('severities', severity)}: {say('rules', rule)}  ·  {', '.join(codes)}  ·  {source}"
        for rule, severity, codes, source, *_ in data["findings"]
    ]
    yield _lines(count(len(findings), "finding"), findings)
    excluded = [
        f"{reading.code(code)}  ·  {say('reasons', reason)}  ·  "
        f"{', '.join(filter(None, map(reading.mention, mentions)))}".removesuffix("  ·  ")
        for code, reason, mentions in data["excluded"]
    ]
    yield _lines(f"{count(len(excluded), 'code')} considered and excluded", excluded)


def _routed(reading: _Reading, data: Data) -> Iterator[Block]:
    lane = "; ".join(say("reasons", reason) for reason in data["lane_reasons"])
    yield _facts([("lane", say("lanes", data["lane"])), ("why", lane)])
    suggestions = reading.stages.get("codes.validated", {}).get("suggestions", ())
    lines = [
        f"{reading.code(row[0])}  ·  {_number(confidence)}  ·  {say('routes', route)}  ·  "
        f"{'; '.join(say('reasons', reason) for reason in reasons)}"
        for row, (confidence, route, reasons) in zip(suggestions, data["suggestions"], strict=False)
    ]
    yield _lines(say("places", "confidence"), lines)


def _decided(reading: _Reading, data: Data) -> Iterator[Block]:
    code = str(data["code"])
    facts = [("code", reading.code(code)), ("before", say("statuses", str(data.get("before", ""))))]
    if data.get("new_code"):
        facts.append(("new_code", reading.code(str(data["new_code"]))))
    if data.get("assertion"):
        facts.append(("assertion", say("assertions", str(data["assertion"]))))
    yield _facts(facts)
    if data.get("evidence"):
        yield _lines(
            say("places", "evidence-given"), [reading.words(span) for span in data["evidence"]]
        )
    yield from _seen(reading, code)


def _seen(reading: _Reading, code: str) -> Iterator[Block]:
    """Yield what the program had to say of a code when it was decided on."""
    validated = reading.stages.get("codes.validated", {})
    traces = reading.stages.get("candidates.retrieved", {}).get("traces", ())
    row = next((row for row in validated.get("suggestions", ()) if row[0] == code), None)
    if row is None:
        return
    for number, (mention, _) in enumerate(traces):
        if mention in row[1]:
            yield Block(
                heading=say("places", "candidates-seen", words=reading.mention(mention)),
                lines=tuple(reading.candidate(at) for at in reading.candidates(number)),
            )


def _plain(reading: _Reading, data: Data) -> Iterator[Block]:
    """Yield what an event of another kind holds, by the names of its parts."""
    spans = [span for name in ("evidence", "indicators") for span in data.get(name, ())]
    if spans:
        yield _lines(say("places", "evidence-given"), [reading.words(span) for span in spans])
    yield _facts(
        [
            (name, _value(value))
            for name, value in data.items()
            if name not in {"evidence", "indicators"} and not _is_ref(value)
        ]
    )


def _written(data: Data, texts: Mapping[str, str]) -> Iterator[Block]:
    """Yield the texts an event refers to: a reason, a comment, a prompt, a reply."""
    for name, value in data.items():
        if _is_ref(value) and value in texts and name not in _HIDDEN:
            text = texts[value]
            yield Block(heading=say("facts", name), text=say("reject_reasons", text))


def _place(event: AuditEvent) -> Block:
    return _facts(
        [
            ("event", f"#{event.seq}"),
            ("actor", f"{event.actor.id} ({say('actors', str(event.actor.kind))})"),
            ("time", event.ts),
            ("hash", event.hash),
        ],
        heading=say("places", "in-the-log"),
    )


_HIDDEN = frozenset({"header", "content", "work"})

_TOLD: Mapping[str, Callable[[_Reading, Data], Iterator[Block]]] = {
    "encounter.received": _received,
    "analysis.started": _started,
    "evidence.extracted": _extracted,
    "candidates.retrieved": _retrieved,
    "candidates.verified": _verified,
    "codes.validated": _validated,
    "case.routed": _routed,
    "decision.accepted": _decided,
    "decision.rejected": _decided,
    "decision.replaced": _decided,
    "decision.added": _decided,
    "decision.asserted": _decided,
}


def _facts(facts: Sequence[tuple[str, str]], *, heading: str = "") -> Block:
    """Return pairs of name and value; a digest is shown by its beginning."""
    shown = tuple(
        (say("facts", name), f"{value[:DIGEST]}…" if _is_ref(value) else value)
        for name, value in facts
        if value
    )
    return Block(heading=heading, facts=shown) if shown else Block()


def _lines(heading: str, lines: Sequence[str]) -> Block:
    return Block(heading=heading, lines=tuple(lines[:SHOWN]), more=max(0, len(lines) - SHOWN))


def _is_ref(value: object) -> bool:
    hexadecimal = frozenset("0123456789abcdef")
    return isinstance(value, str) and len(value) == 64 and set(value) <= hexadecimal  # noqa: PLR2004


def _value(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_value(item) for item in value if item is not None)
    return "" if value is None else str(value)


def _number(text: str) -> str:
    """Return a decimal string with two places."""
    try:
        return f"{float(text):.2f}"
    except ValueError:
        return text
