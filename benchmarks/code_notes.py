"""Code a file of notes into a new store with two workers and check its log.

    python benchmarks/code_notes.py NOTES.jsonl

Limit: 30 s for the 67 visit notes of ACI-Bench (train), once the index is built. All notes must be
in the store, and `chartproof audit verify` must end with 0.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIMIT = 30.0
CHARTPROOF = (sys.executable, "-m", "app")


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    notes = Path(sys.argv[1])
    expected = sum(1 for line in notes.read_text(encoding="utf-8").splitlines() if line.strip())
    subprocess.run([*CHARTPROOF, "info"], check=True, capture_output=True)  # builds the index
    with tempfile.TemporaryDirectory() as folder:
        home = {"XDG_STATE_HOME": f"{folder}/state", "XDG_CONFIG_HOME": f"{folder}/config"}
        environment = os.environ | home | {"CHARTPROOF_KEYRING": "off"}
        store = f"{folder}/store"
        command = [*CHARTPROOF, "code", str(notes), "--store", store, "--workers", "2", "--json"]
        start = time.perf_counter()
        coded = subprocess.run(command, check=False, capture_output=True, env=environment)
        seconds = time.perf_counter() - start
        verify = [*CHARTPROOF, "audit", "verify", "--store", store]
        checked = subprocess.run(verify, check=False, capture_output=True, env=environment)
        size = sum(file.stat().st_size for file in Path(store).iterdir())
    cases = [json.loads(line) for line in coded.stdout.splitlines()]
    suggestions = sum(len(case["suggestions"]) for case in cases)
    print(f"{expected} notes: {seconds:.1f} s with 2 workers (limit {LIMIT:.0f} s)")
    print(f"{len(cases)} cases, {suggestions} suggestions, exit code {coded.returncode}")
    print(f"store {size / 1e6:.1f} MB, audit verify exit code {checked.returncode}")
    failed = coded.returncode or checked.returncode or len(cases) != expected
    return int(bool(failed) or seconds > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
