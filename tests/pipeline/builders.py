"""Small terms for the tests of the stages."""

from types import SimpleNamespace
from typing import cast

from pipeline.terms import Entry, Terms, build
from taxonomy import Taxonomy


def terms_of(*entries: Entry) -> Terms:
    """Return the terms of these entries alone, as if a release printed nothing."""
    release = SimpleNamespace(terms=lambda: (), superseded=lambda _code: None)
    return build(cast("Taxonomy", release), entries)
