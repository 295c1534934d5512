"""Small terms for the tests of the stages."""

from types import SimpleNamespace
from typing import cast

from pipeline.terms import Entry, Terms, build
from taxonomy import Taxonomy


def terms_of(*entries: Entry) -> Terms:
    """Return the terms of these entries alone, as if a release printed nothing."""
    nothing = SimpleNamespace(terms=lambda: (), superseded=lambda _: None)
    return build(cast("Taxonomy", nothing), entries)
