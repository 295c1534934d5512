"""Measure the check: hash and Merkle pass, opening and verifying a long log, export and its check.

    python benchmarks/audit_check.py [EVENTS]

The log is made of cases with a page of text, an analysis, and decisions that are made and taken
back, as written by the program, but many to a transaction, because writing is measured by
`audit_store.py`. Prints one figure a line; deletes what it wrote.
"""

import importlib.util
import os
import resource
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from types import ModuleType

from audit import Accept, Actor, ActorKind, Places, Store, log, verify
from audit.change import Change
from audit.decisions import prepare
from audit.events import DecisionUndone
from audit.export import VERIFIER, Choice, export_bundle, verify_bundle
from audit.merkle import Frontier
from benchmarks.audit_store import made

ROOT = Path(__file__).parents[1]
PER_CASE = 1000  # events of one case
BATCH = 50_000


def standalone() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "chartproof_verify", ROOT / "resources" / "verifier" / VERIFIER
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["chartproof_verify"] = module
    spec.loader.exec_module(module)
    return module


def hash_pass(count: int) -> None:
    body = b'{"actor":{"id":"coder-1","kind":"person"},"blobs":[],"case_id":null}' * 5
    head, tree = bytes(32), Frontier()
    begin = time.perf_counter()
    for _ in range(count):
        leaf = log.leaf_hash(body)
        tree.append(leaf)
        head = log.chain_hash(head, leaf)
    tree.root()
    took = time.perf_counter() - begin
    print(f"hash and Merkle pass {count / took:,.0f} events/s, {len(body)} bytes each")


def decide(change: Change, case_ids: list[str], per_case: int) -> int:
    """Accept a code and take it back, over and over, in each case; return the events added."""
    added = 0
    for case_id in case_ids:
        case = change.case(case_id)
        decision = prepare(case, Accept(code=case.assigned[0].code), seal=change.seal)
        for _ in range(per_case // 2):
            change.emit(decision, case_id=case_id)
            added += 2
            change.emit(DecisionUndone(undoes=change.head.seq + added - 1), case_id=case_id)
    return added


def grow(store: Store, events: int, *, per_case: int = PER_CASE, written: int = 1) -> int:
    """Append cases with decisions until there are so many events; return how many there are."""
    while written < events:
        case_ids = []
        for number in range(max(1, min(BATCH, events - written) // per_case)):
            encounter, result = made(written + number, 10)
            case_ids.append(store.record(encounter, result).case_id)
        written += 7 * len(case_ids)
        written += store.door.execute(partial(decide, case_ids=case_ids, per_case=per_case))
        print(f"  {written:,} events", file=sys.stderr)
    return written


def main() -> None:
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    os.environ["CHARTPROOF_KEYRING"] = "off"
    hash_pass(300_000)
    actor = Actor(kind=ActorKind.PERSON, id="benchmark")
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        places = Places(state=root / "state", config=root / "config")
        folder = root / "store"
        with Store.create_or_open(folder, places=places, actor=actor) as store:
            grow(store, events)
        size = (folder / "store.db").stat().st_size
        begin = time.perf_counter()
        store = Store.open(folder, places=places, actor=actor)
        print(f"open {(time.perf_counter() - begin) * 1000:.0f} ms, {size / 1e6:.0f} MB")
        store.close()
        begin = time.perf_counter()
        report = verify(folder, places=places)
        took = time.perf_counter() - begin
        print(f"verify {report.status}: {report.events:,} events in {took:.1f} s")
        out = root / "out"
        with Store.open(folder, places=places, actor=actor) as store:
            begin = time.perf_counter()
            export_bundle(store, out, Choice(), texts=False)
            print(f"export {time.perf_counter() - begin:.1f} s")
        key = (out / "key.txt").read_text()
        begin = time.perf_counter()
        status = verify_bundle(out, key=key).status
        print(f"verify --bundle {status} in {time.perf_counter() - begin:.1f} s")
        begin = time.perf_counter()
        verdict = standalone().examine(str(out), key, None)["verdict"]
        print(f"stand-alone verifier {verdict} in {time.perf_counter() - begin:.1f} s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MB")


if __name__ == "__main__":
    main()
