"""Data the program ships: learned models, rules, prompts, window wording and example encounters.

Everything is read with `importlib.resources`, so it works from an installed wheel in any folder.
"""

import json
from importlib.resources import files
from typing import Any


def read_json(name: str) -> Any:
    """Return a JSON file of this package, named by its path below it (`rules/sections.json`)."""
    return json.loads(files("resources").joinpath(name).read_text("utf-8"))
