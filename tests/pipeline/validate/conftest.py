"""What the tests of the rules share: a claim from bare codes, and the rules that fire on it."""

from collections.abc import Callable, Sequence

import pytest

from pipeline.model import (
    Assertion,
    Candidate,
    Channel,
    Encounter,
    EvidenceSpan,
    Finding,
    Mention,
    MentionTrace,
    Note,
    Proposal,
    Scope,
    Support,
    Validation,
    Verdict,
)
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


@pytest.fixture
def read(taxonomy: Taxonomy) -> Callable[..., Validation]:
    """Validate notes whose words `found` each stand for a code, in a section."""

    def validate(
        text: str | Sequence[Note],
        found: dict[str, str],
        *,
        section: str = "assessment",
        assertion: Assertion = Assertion.PRESENT,
        trigger: str = "",
        **fields: object,
    ) -> Validation:
        notes = (Note(note_id="n1", text=text, sha256="0" * 64),) if isinstance(text, str) else text
        chart = Encounter(encounter_id="e1", notes=tuple(notes), **fields)  # type: ignore[arg-type]

        def span(words: str) -> EvidenceSpan:
            note = next(each for each in chart.notes if words in each.text)
            start = note.text.index(words)
            return EvidenceSpan(note_id=note.note_id, start=start, end=start + len(words))

        proposals = [
            Proposal(
                code=code,
                traces=(
                    MentionTrace(
                        mention=Mention(
                            span=span(words),
                            section=section,
                            assertion=assertion,
                            trigger=span(trigger) if trigger else None,
                        ),
                        candidates=(Candidate(code=code, score=0.9, channels=(Channel.LEXICAL,)),),
                        code=code,
                        verdict=Verdict(support=Support.SUPPORTED),
                    ),
                ),
            )
            for words, code in found.items()
        ]
        return Validator.read().validate(chart, proposals, taxonomy, Scope.REPORTABLE)

    return validate
