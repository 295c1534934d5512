"""Measure the store: encoding, appends, opening, worklist, one case, and the check of it all.

    python benchmarks/audit_store.py [ENCOUNTERS] [MENTIONS] [--postgres]

Encounters are made up, each with one note of about 6,000 characters and MENTIONS mentions with ten
candidates each. A result is encoded where it is computed and appended by the one process that
writes (`audit.encoded`), so the two are measured apart, and what is appended is read from the bytes
that go through a pipe; beside the wall clock stands the writer's processor time. Prints one figure
a line; deletes what it wrote. With --postgres the store is on a server that is started for it, in
the temporary folder, with every commit flushed as on a folder.
"""

import os
import pickle
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from audit import Accept, Actor, ActorKind, Places, Store, Where, verify
from audit.encoded import Encoded
from pipeline.model import (
    Candidate,
    Channel,
    CodingResult,
    Encounter,
    EvidenceSpan,
    Mention,
    MentionTrace,
    Note,
    Provenance,
    Route,
    Scope,
    Setting,
    Suggestion,
    Support,
    Verdict,
)
from tests.postgres import server_programs, serving

WORDS = "The patient was seen for follow up of a condition that is stable on treatment. "
PROVENANCE = Provenance(
    code_version="0.1.0",
    release="2026-04-01",
    taxonomy_digest="a" * 64,
    model_digest="b" * 64,
    index_digest="c" * 64,
    rules_digest="d" * 64,
    config_digest="e" * 64,
    scope=Scope.REPORTABLE,
)


def made(number: int, mentions: int) -> tuple[Encounter, CodingResult]:
    text = WORDS * 75
    note = Note(note_id="n1", text=text, sha256=f"{number:064x}")
    traces = []
    for each in range(mentions):
        start = (each * 29) % (len(text) - 20)
        mention = Mention(
            span=EvidenceSpan(note_id="n1", start=start, end=start + 14), section="assessment"
        )
        candidates = tuple(
            Candidate(
                code=f"E{(each * 7 + rank) % 90 + 10}.{rank}",
                score=round(1 - rank / 11, 4),
                channels=(Channel.LEXICAL, Channel.DENSE),
                reasons=(f"lexical={rank / 10}", f"dense={each % 100 / 100}"),
            )
            for rank in range(10)
        )
        verdict = Verdict(support=Support.SUPPORTED, reasons=("asserted-present",))
        traces.append(
            MentionTrace(
                mention=mention, candidates=candidates, code=candidates[0].code, verdict=verdict
            )
        )
    suggestions = tuple(
        Suggestion(
            code=trace.code,
            evidence=(trace.mention,),
            candidates=trace.candidates,
            verdict=trace.verdict,
            findings=(),
            confidence=0.5,
            route=Route.REVIEW,
        )
        for trace in {trace.code: trace for trace in traces}.values()
    )[:8]
    encounter = Encounter(encounter_id=f"e-{number}", notes=(note,))
    return encounter, CodingResult(
        encounter_id=encounter.encounter_id,
        setting=Setting.OUTPATIENT,
        traces=tuple(traces),
        suggestions=suggestions,
        excluded=(),
        findings=(),
        lane=Route.REVIEW,
        lane_reasons=("route=review",),
        provenance=PROVENANCE,
    )


def append(store: Store, count: int, mentions: int) -> None:
    """Append encounters as they come from a worker, and print both rates."""
    encoding = appending = used = 0.0
    for number in range(count):
        encounter, result = made(number, mentions)
        begin = time.perf_counter()
        sent = pickle.dumps(Encoded.of(result, encounter))
        encoding += time.perf_counter() - begin
        begin, spent = time.perf_counter(), time.process_time()
        store.record(encounter, pickle.loads(sent))  # noqa: S301 - our own
        used += time.process_time() - spent
        appending += time.perf_counter() - begin
    print(f"encode {count / encoding:.0f} results/s, {mentions} mentions each")
    print(f"append {count / appending:.0f} encounters/s, {used / count * 1000:.1f} ms of CPU each")


def p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)] * 1000


@contextmanager
def shared(places: Places, actor: Actor) -> Iterator[Where]:
    """Give a store on a server of its own, as a coder of it names it."""
    programs = server_programs()
    if programs is None:
        raise SystemExit("PostgreSQL is not installed.")
    with serving(programs, None) as server:
        team = server.database()
        Store.create_or_open(team.address(), places=places, actor=actor).close()
        team.let_in()
        yield team.address("ada")


def main() -> None:
    given = [each for each in sys.argv[1:] if each != "--postgres"]
    count = int(given[0]) if given else 1000
    mentions = int(given[1]) if len(given) > 1 else 40
    os.environ["CHARTPROOF_KEYRING"] = "off"
    actor = Actor(kind=ActorKind.PERSON, id="benchmark")
    with tempfile.TemporaryDirectory() as name, ExitStack() as opened:
        root = Path(name)
        places = Places(state=root / "state", config=root / "config")
        folder: Where = root / "store"
        if "--postgres" in sys.argv:
            folder = opened.enter_context(shared(places, actor))
        with Store.create_or_open(folder, places=places, actor=actor) as store:
            append(store, count, mentions)
        if isinstance(folder, Path):
            size = (folder / "store.db").stat().st_size
            print(f"size {size / count / 1024:.0f} KiB an encounter, {size / 1e6:.0f} MB in all")
        begin = time.perf_counter()
        store = Store.open(folder, places=places, actor=actor)
        print(f"open {(time.perf_counter() - begin) * 1000:.0f} ms")
        begin = time.perf_counter()
        rows = store.cases()
        print(f"worklist of {len(rows)} in {(time.perf_counter() - begin) * 1000:.0f} ms")
        begin = time.perf_counter()
        store.cases(limit=200, offset=count // 2)
        print(f"worklist page of 200 in {(time.perf_counter() - begin) * 1000:.0f} ms")
        begin = time.perf_counter()
        store.cases(text="e-99", limit=200)
        print(f"worklist search in {(time.perf_counter() - begin) * 1000:.0f} ms")
        looks, acts = [], []
        for row in rows[:: max(1, count // 50)]:
            begin = time.perf_counter()
            case = store.case(row.case_id)
            looks.append(time.perf_counter() - begin)
            begin = time.perf_counter()
            store.decide(row.case_id, Accept(code=case.assigned[0].code))
            acts.append(time.perf_counter() - begin)
        print(f"case p95 {p95(looks):.0f} ms, decision p95 {p95(acts):.0f} ms")
        store.close()
        begin = time.perf_counter()
        report = verify(folder, places=places)
        took = time.perf_counter() - begin
        print(f"verify {report.status}: {report.events} events in {took:.2f} s")


if __name__ == "__main__":
    main()
