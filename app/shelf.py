"""The books of a sitting, each loaded when it is first asked for: releases, encoder, rules."""

from collections.abc import Callable
from threading import Lock

from app.hcc import Badge, Categories
from audit import Case
from pipeline.model import CodingResult, Provenance
from pipeline.validate import Validator
from taxonomy import Encoder, Taxonomy


class Shelf:
    """Releases, the encoder over the newest, and the rules with their lists; any thread may ask.

    Payment categories are there where `load_categories` is.
    """

    def __init__(
        self,
        *,
        load_taxonomy: Callable[[Provenance | None], Taxonomy],
        load_encoder: Callable[[Taxonomy], Encoder],
        load_validator: Callable[[Taxonomy], Validator],
        load_categories: Callable[[], Categories] | None = None,
    ) -> None:
        self._load_taxonomy = load_taxonomy
        self._load_encoder = load_encoder
        self._load_validator = load_validator
        self._load_categories = load_categories
        self._categories: Categories | None = None
        self._taxonomies: dict[tuple[str, str], Taxonomy] = {}
        self._validators: dict[str, Validator] = {}
        self._encoder: Encoder | None = None
        self._loading = Lock()
        self._searching = Lock()

    def taxonomy(self, result: CodingResult | None) -> Taxonomy:
        """Return the release a result was made with; the newest complete one without a result."""
        return self.release(None if result is None else result.provenance)

    def release(self, origin: Provenance | None) -> Taxonomy:
        """Return the release a provenance names; the newest complete one without any."""
        key = ("", "") if origin is None else (origin.release, origin.taxonomy_digest)
        with self._loading:
            if key not in self._taxonomies:
                self._taxonomies[key] = self._load_taxonomy(origin)
            return self._taxonomies[key]

    def encoder(self) -> Encoder:
        """Return the encoder over the newest release."""
        with self._searching:
            if self._encoder is None:
                self._encoder = self._load_encoder(self.taxonomy(None))
            return self._encoder

    def validator(self, taxonomy: Taxonomy) -> Validator:
        """Return the rules with the lists that were imported for a release."""
        label = taxonomy.release.label
        if label not in self._validators:
            self._validators[label] = self._load_validator(taxonomy)
        return self._validators[label]

    def title(self, code: str, origin: Provenance | None) -> str:
        """Return the title of a code in the release a provenance names, or nothing."""
        entry = self.release(origin).get(code)
        return "" if entry is None else entry.title

    def badges(self, case: Case) -> dict[str, Badge]:
        """Return the payment categories of the codes to assign, where they are wanted."""
        if self._load_categories is None:
            return {}
        if self._categories is None:
            self._categories = self._load_categories()
        day = None if case.encounter is None else case.encounter.decisive_day
        known = ((row.code, self._categories.badge(row.code, day)) for row in case.assigned)
        return {code: badge for code, badge in known if badge is not None}
