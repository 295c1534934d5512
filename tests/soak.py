"""How often the tests of kills, damage and chance repeat themselves.

`make test` runs a few rounds of each; `make soak` sets CHARTPROOF_SOAK to 10 and runs the tests
marked `soak`, which are those that look here (`test_soak.py` sees to it).
"""

import os

SOAK = int(os.environ.get("CHARTPROOF_SOAK", "1"))
_WHOLE = 10


def times(few: int, many: int) -> int:
    """Return `few` in `make test`, `many` in `make soak`, or as many more as SOAK is larger."""
    return few if SOAK == 1 else max(few, many * SOAK // _WHOLE)
