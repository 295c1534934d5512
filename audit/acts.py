"""What a person may do to a case: the shapes of these events. Every one of them can be taken back.

Texts that a person typed are commitments, like everywhere in the log. A span lies in the wording of
the encounter that was newest when the person acted.
"""

from typing import Annotated, Literal

from pydantic import Field

from audit.shapes import Code, Data, Ref, Span
from pipeline.model import Assertion

Poa = Literal["Y", "N", "U", "W", ""]
"""Present on admission: yes, no, unknown, clinically undetermined; empty where exempt."""


class Act(Data):
    """What a person did to a case."""


class Decided(Act):
    """What a person did to a code; `before` is its status until then, `reason` a typed text."""

    code: Code
    before: str
    reason: Ref | None

    def refs(self) -> tuple[str, ...]:
        """Return the commitment of the typed reason, if there is one."""
        return () if self.reason is None else (self.reason,)


class DecisionAccepted(Decided):
    """The person accepts a code."""


class DecisionRejected(Decided):
    """The person rejects a code."""


class DecisionReplaced(Decided):
    """The person puts `new_code` in the place of a code.

    `path` commits to the way by which it was found, a JSON list of steps in words; null where no
    search was made, and in logs of before.
    """

    new_code: Code
    evidence: tuple[Span, ...]
    path: Ref | None = None

    def refs(self) -> tuple[str, ...]:
        """Return the commitments of the typed reason and of the way to the code."""
        return _present(self.reason, self.path)


class DecisionAdded(Decided):
    """The person adds a code the program had not suggested; `path` as in a replacement."""

    evidence: tuple[Span, ...]
    path: Ref | None = None

    def refs(self) -> tuple[str, ...]:
        """Return the commitments of the typed reason and of the way to the code."""
        return _present(self.reason, self.path)


class DecisionAsserted(Decided):
    """The person says what the words of a code assert; what is not present is not coded."""

    assertion: Assertion


class EvidenceAttached(Act):
    """The person puts words of the notes to a code of the case."""

    code: Code
    evidence: Annotated[tuple[Span, ...], Field(min_length=1)]


class PoaSet(Act):
    """The person says whether a condition was present on admission; null takes the answer away."""

    code: Code
    poa: Poa | None


class CodesOrdered(Act):
    """The person puts the codes in order; the first is the principal or first-listed one."""

    codes: Annotated[tuple[Code, ...], Field(min_length=1)]


class CommentAdded(Act):
    """The person writes a comment on the case, or on one code of it."""

    code: Code | None
    text: Ref

    def refs(self) -> tuple[str, ...]:
        """Return the commitment of the comment."""
        return (self.text,)


class QueryWritten(Act):
    """The person asks the provider; `text` is the whole query, `indicators` the words it cites."""

    codes: tuple[Code, ...]
    indicators: Annotated[tuple[Span, ...], Field(min_length=1)]
    text: Ref

    def refs(self) -> tuple[str, ...]:
        """Return the commitment of the query."""
        return (self.text,)


class CaseHeld(Act):
    """The person puts the case aside."""

    reason: Ref

    def refs(self) -> tuple[str, ...]:
        """Return the commitment of the reason."""
        return (self.reason,)


class CaseResumed(Act):
    """The person takes up a case that was put aside."""


class CaseSubmitted(Act):
    """The person signs the case off: `[code, POA or null]` in order, and the warnings they saw.

    A warning is `[rule, codes]`. Codes that were preselected and not looked at one by one are among
    `codes` and count as accepted by this.
    """

    codes: tuple[tuple[Code, Poa | None], ...]
    warnings: tuple[tuple[Annotated[str, Field(max_length=64)], tuple[Code, ...]], ...] = ()


def _present(*refs: str | None) -> tuple[str, ...]:
    return tuple(ref for ref in refs if ref is not None)
