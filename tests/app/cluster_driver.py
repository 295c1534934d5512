"""A job on a local cluster of two machines, one of which is killed; run as a process by its test.

    python -m tests.app.cluster_driver JOB-FOLDER HOME KILL-AFTER [OTHER]

Prints a row for each encounter, and how many machines had a worker before one was killed. The
second machine has the program in the folder OTHER where one is given; a refusal is printed.
"""

import os
import sys
from dataclasses import replace
from pathlib import Path

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"

import ray
from ray.cluster_utils import Cluster as Machines

from app.batch import BatchError
from app.cluster import Cluster
from app.jobs import Job
from app.jobs.work import work
from audit import locate
from tests.app.jobs.driver import means, open_store

_SMALL = {"num_cpus": 1, "object_store_memory": 80_000_000, "include_dashboard": False}


def main(folder: Path, home: Path, kill_after: int, other: str) -> None:
    """Work on a job; kill the second machine after so many encounters."""
    machines = Machines(initialize_head=True, head_node_args=_SMALL)
    second = machines.add_node(**_SMALL, **({"env_vars": {"PYTHONPATH": other}} if other else {}))
    machines.wait_for_nodes()
    cluster = Cluster(machines.address)
    try:
        with open_store(home, locate(Job(folder).plan.store)) as store:
            ours = replace(means(home, store, workers=2), crew_of=cluster.crew)
            for number, step in enumerate(work(Job(folder), ours), start=1):
                print("row", step.row.encounter_id, step.row.added, flush=True)  # noqa: T201
                if number == kill_after:
                    free = ray.available_resources().get("CPU", 0.0)
                    print("row used", int(2 - free), flush=True)  # noqa: T201
                    machines.remove_node(second, allow_graceful=False)
    except BatchError as error:
        print("row refused", error, flush=True)  # noqa: T201
    finally:
        cluster.close()
        machines.shutdown()


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        Path(sys.argv[2]),
        int(sys.argv[3]),
        sys.argv[4] if len(sys.argv) > 4 else "",
    )
