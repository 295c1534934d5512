"""Time `chartproof --help`, as a person waits for it. Limit: 0.7 s.

python benchmarks/help_time.py
"""

import statistics
import subprocess
import sys
import time

LIMIT = 0.7
RUNS = 9


def main() -> int:
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "app", "--help"], check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    median = statistics.median(times)
    print(f"chartproof --help: median {median:.2f} s, worst {max(times):.2f} s of {RUNS}", end="")
    print(f" (limit {LIMIT} s)")
    return int(median > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
