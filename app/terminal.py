"""How commands speak: results to standard output, every sentence to standard error."""

import json
import sys
from collections.abc import Mapping
from typing import Annotated

import typer
from rich.console import Console

StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store",
        "--database",
        metavar="DIR|URL",
        help="Store to use instead of the default: a folder, or a team's on PostgreSQL "
        "(postgresql://ROLE@HOST/DATABASE).",
    ),
]

_WIDE = 160
"""Columns of a table that goes into a file or a pipe."""

err = Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)
out = Console(
    highlight=False, markup=False, emoji=False, width=None if sys.stdout.isatty() else _WIDE
)


def counted(number: object, noun: str) -> str:
    """Return a number with its noun, as in `1 case` and `2 cases`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def emit(value: Mapping[str, object]) -> None:
    """Write one line of JSON to standard output, in UTF-8 whatever the terminal says."""
    sys.stdout.buffer.write(json.dumps(value, ensure_ascii=False, allow_nan=False).encode() + b"\n")
    sys.stdout.buffer.flush()


def say(sentence: str) -> None:
    """Print one line to standard error; what the terminal cannot show is escaped."""
    err.print(sentence)
