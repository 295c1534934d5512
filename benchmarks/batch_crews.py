"""Ray against local workers: one machine, the same number of each, the same notes and store.

    python -m benchmarks.batch_crews [--notes 400] [--workers 2] [--runs 3]

Starts a Ray cluster of one node on this machine (extra `cluster`) and lets local processes and
actors code the same notes of 400 words in turn, each run into a store of its own. Prints for each
the median of its rates and the spread from the least to the greatest. No limit: it says what the
way over Ray costs where it is not needed.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from app.crew import Crew, LoadReport, Processes, Recipe
from benchmarks import batch_speed

_STORE = 100_000_000
"""Bytes of shared memory that Ray takes."""


def main() -> None:
    """Print one line of JSON for each kind of workers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--notes", type=int, default=400)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    from ray.cluster_utils import Cluster as Machines  # noqa: PLC0415 - an extra

    from app.cluster import Cluster  # noqa: PLC0415

    machine = {
        "num_cpus": options.workers,
        "object_store_memory": _STORE,
        "include_dashboard": False,
    }
    machines = Machines(initialize_head=True, head_node_args=machine)
    cluster = Cluster(machines.address)
    crews: dict[str, Callable[[Recipe, LoadReport], Crew]] = {
        "local": Processes,
        "ray": cluster.crew,
    }
    rates: dict[str, list[float]] = {name: [] for name in crews}
    with tempfile.TemporaryDirectory(prefix="crews-") as made:
        folder = Path(made)
        source = folder / "notes.jsonl"
        batch_speed.write(source, batch_speed.notes(options.notes))
        for run in range(options.runs):
            for name, crew_of in crews.items():
                place = folder / f"{run}-{name}"
                place.mkdir()
                figures = batch_speed.measure(
                    place, source, count=options.notes, workers=options.workers, crew_of=crew_of
                )
                rates[name].append(figures["notes_per_second"])
                print(f"run {run + 1}, {name}: {rates[name][-1]} notes/s", file=sys.stderr)
    cluster.close()
    machines.shutdown()
    for name, found in rates.items():
        print(
            json.dumps(
                {
                    "crew": name,
                    "workers": options.workers,
                    "notes": options.notes,
                    **batch_speed.spread(found),
                }
            )
        )


if __name__ == "__main__":
    main()
