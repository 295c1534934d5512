"""The stand-alone verifier, loaded from its file as a machine without Chartproof would run it."""

import importlib.util
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

from audit.export import VERIFIER

PROGRAM = Path(__file__).parents[1] / "resources" / "verifier" / VERIFIER


@cache
def loaded() -> ModuleType:
    """Return the verifier as a module."""
    spec = importlib.util.spec_from_file_location("chartproof_verify", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["chartproof_verify"] = module  # its type hints are read from there
    spec.loader.exec_module(module)
    return module
