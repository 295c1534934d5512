"""A disk that is full at a random moment: the store stops, says so, and goes on once there is room.

The limit on the size of files stands for the disk: a real write fails in the middle of a file.
"""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from audit import Accept, Store, verify
from audit.place import FILE
from tests.audit.builders import CODER, encounter, places, result
from tests.soak import times

WRITER = """
import resource, signal, sys
from pathlib import Path
from audit import Accept, AuditError, Store
from tests.audit.builders import CODER, encounter, places, result

root, name, limit = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with Store.open(root / "store", places=places(root), actor=CODER) as store:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        for number in range(10_000):
            recorded = store.record(encounter(f"{name}-{number}"), result(f"{name}-{number}"))
            print(f"r {recorded.case_id}", flush=True)
            store.decide(recorded.case_id, Accept(code="I10"))
            print(f"d {recorded.case_id}", flush=True)
    except AuditError as error:
        print(f"said {error}", flush=True)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    store.record(encounter(f"{name}-after"), result(f"{name}-after"))
    print("went on", flush=True)
"""


@pytest.mark.soak
@pytest.mark.skipif(os.name == "nt", reason="POSIX limits")
def test_a_disk_that_is_full_loses_nothing_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    chance = random.Random(5)
    where = places(tmp_path)
    recorded: set[str] = set()
    decided: set[str] = set()
    with Store.create_or_open(tmp_path / "store", places=where, actor=CODER) as store:
        store.record(encounter("first"), result("first"))
    for trial in range(times(4, 40)):
        size = (tmp_path / "store" / FILE).stat().st_size
        limit = size + chance.randrange(1_000, 200_000)
        writer = subprocess.run(
            [sys.executable, "-c", WRITER, str(tmp_path), f"t{trial}", str(limit)],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "CHARTPROOF_KEYRING": "off"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert writer.stderr == ""
        *lines, said, last = writer.stdout.splitlines()
        assert last == "went on"
        assert said.startswith("said ")
        assert str(tmp_path) in said
        assert "Nothing was changed" in said or "cannot be written" in said
        for line in lines:
            (recorded if line[0] == "r" else decided).add(line[2:])
        assert verify(tmp_path / "store", places=where).problems == ()
    with Store.open(tmp_path / "store", places=where, actor=CODER) as store:
        rows = {row.case_id: row for row in store.cases()}
        assert recorded <= rows.keys()
        assert all(rows[case_id].decided_count == 1 for case_id in decided)
        assert all(
            rows[case_id].decided_count <= 1 and store.case(case_id).result is not None
            for case_id in rows
        ), "an encounter is there whole or not at all"
        store.decide(store.cases()[0].case_id, Accept(code="E11.9"))
