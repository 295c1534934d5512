"""The books of a sitting, each loaded when it is first asked for: releases, encoder, rules."""

from collections.abc import Callable
from threading import Lock

from pipeline.model import CodingResult, Provenance
from pipeline.validate import Validator
from taxonomy import Encoder, Taxonomy


class Shelf:
    """Releases, the encoder over the newest, and the rules with their lists; any thread may ask."""

    def __init__(
        self,
        *,
        load_taxonomy: Callable[[Provenance | None], Taxonomy],
        load_encoder: Callable[[Taxonomy], Encoder],
        load_validator: Callable[[Taxonomy], Validator],
    ) -> None:
        self._load_taxonomy = load_taxonomy
        self._load_encoder = load_encoder
        self._load_validator = load_validator
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
