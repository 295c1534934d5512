"""Measure the export of a long log: time, memory and size, and of both programs that check it.

    python benchmarks/audit_export.py [EVENTS] [EVENTS…]

The log is made as by `audit_check.py`, with a case of a page of text for each hundred events. Each
figure is of the command as a person runs it, in a process of its own; the least memory is that of
the same program on a log of a hundred events, so that what grows with the log can be told. With
more than one number of EVENTS the store grows from one to the next. Deletes what it wrote.
"""

import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PER_CASE = 100  # events of one case


@dataclass(frozen=True, slots=True)
class Cost:
    """Wall and processor seconds and the most memory (MB) of a command."""

    seconds: float
    processor: float
    memory: float

    def __str__(self) -> str:
        return f"{self.seconds:.1f} s ({self.processor:.1f} s processor), {self.memory:.0f} MB"


def grown(root: Path, events: int, written: int) -> int:
    """Let the store in a folder grow to so many events; return how many there are."""
    from audit import Actor, ActorKind, Places, Store  # noqa: PLC0415 - only in its own process
    from benchmarks.audit_check import grow  # noqa: PLC0415

    places = Places(state=root / "state" / "chartproof", config=root / "config" / "chartproof")
    actor = Actor(kind=ActorKind.PERSON, id="benchmark")
    with Store.create_or_open(root / "store", places=places, actor=actor) as store:
        return grow(store, events, per_case=PER_CASE, written=written)


def cost(command: Sequence[str], environment: dict[str, str]) -> Cost:
    """Run a command to its good end and return what it took."""
    begin = time.perf_counter()
    with subprocess.Popen(
        command,
        env=environment,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as running:
        _, status, used = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
    took = time.perf_counter() - begin
    if running.returncode:
        raise SystemExit(f"{command} ended with {running.returncode}")
    return Cost(took, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def measure(store: str, root: Path, environment: dict[str, str], events: int) -> None:
    """Export a store whole, and a part of it, and check both; print a line for each."""
    chartproof = [sys.executable, "-m", "app"]
    day = ["--from", "2000-01-01"]  # of a part each event has its proof, if it is all of them
    for name, more in (("whole", []), ("whole, no texts", ["--without-text"]), ("part", day)):
        out = root / f"{name} {events}"
        export = [*chartproof, "audit", "export", str(out), "--store", store, *more]
        made = cost(export, environment)
        key = str(out / "key.txt")
        size = sum(path.stat().st_size for path in out.iterdir())
        print(f"{events:,} events, {name}: export {made}; {size / 1e6:.0f} MB on the disk")
        verify = [*chartproof, "audit", "verify", "--bundle", str(out), "--key", key]
        print(f"  verify --bundle {cost(verify, environment)}")
        alone = [sys.executable, "-I", str(out / "chartproof_verify.py"), str(out), "--key", key]
        print(f"  stand-alone verifier {cost(alone, environment)}", flush=True)


def main() -> None:
    steps = [int(each) for each in sys.argv[1:]] or [100_000]
    os.environ["CHARTPROOF_KEYRING"] = "off"
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        folders = {f"XDG_{each}_HOME": str(root / each.lower()) for each in ("STATE", "CONFIG")}
        environment = {**os.environ, "HOME": str(root), **folders}
        written = 1
        # What this process has in memory would count as the least of every command.
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            for events in (100, *steps):
                written = pool.submit(grown, root, events, written).result()
                measure(str(root / "store"), root, environment, written)


if __name__ == "__main__":
    main()
