"""What the tests of the rules share: a claim from bare codes, and the rules that fire on it."""

from collections.abc import Callable

import pytest

from pipeline.model import Finding
from pipeline.validate import Checked, CodeEntry, CodeSet, Lists, Options, Role, Validator
from taxonomy import Taxonomy


@pytest.fixture(scope="session")
def check(taxonomy: Taxonomy) -> Callable[..., Checked]:
    """Check codes written with blanks between, as a claim in this order."""
    bare = Validator.read()

    def run(
        codes: str,
        *,
        ordered: bool = True,
        lists: Lists | None = None,
        options: Options | None = None,
        **fields: object,
    ) -> Checked:
        role = Role.SECONDARY if ordered else Role.UNORDERED
        entries = tuple(CodeEntry(code=code, role=role) for code in codes.split())
        given = CodeSet(entries=entries, **fields)  # type: ignore[arg-type]
        validator = Validator(bare.book, lists or Lists(), options or Options())
        return validator.check_set(given, taxonomy)

    return run


@pytest.fixture(scope="session")
def fired(check: Callable[..., Checked]) -> Callable[..., dict[str, Finding]]:
    """Return the findings on a claim by their rule."""

    def run(codes: str, **fields: object) -> dict[str, Finding]:
        return {finding.rule: finding for finding in check(codes, **fields).findings}

    return run
