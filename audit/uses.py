"""Events for what is done with the record: seen, searched, copied, handed out, vouched for."""

from typing import Annotated

from pydantic import Field

from audit.shapes import Data, Id, Index, Ref, Span
from pipeline.model import Route

Vkey = Annotated[str, Field(pattern=r"^chartproof/[0-9a-f]{32}\+[0-9a-f]{8}\+[A-Za-z0-9+/=]{44}$")]


class NoteViewed(Data):
    """A person had note `note` of wording `revision` before them."""

    revision: Annotated[int, Field(ge=1)]
    note: Index


class TextCopied(Data):
    """A person copied words of a note that are more than one quote of the case's evidence."""

    revision: Annotated[int, Field(ge=1)]
    span: Span


class CasesSearched(Data):
    """A person searched the worklist; `query` commits to the words, `found` counts the cases."""

    query: Ref
    found: Index

    def refs(self) -> tuple[str, ...]:
        """Return the commitment of the words."""
        return (self.query,)


class RecordExported(Data):
    """What is in the record was about to leave the store; written before the first file is.

    `form` is what it left as: bundle, csv, json, fhir, html, pdf, print. `texts` tells whether
    words of notes went along, `cases` counts what was found. The rest is what was asked for:
    `chosen` are the ids of cases where some were named, `coder` is a name as in `actor`.
    """

    form: Id
    texts: bool
    cases: Index
    chosen: tuple[str, ...]
    lane: Route | None
    coder: str | None
    first_day: str | None
    last_day: str | None


class CheckpointIssued(Data):
    """The signed root over the first `size` events was handed out, to be kept elsewhere."""

    size: Annotated[int, Field(ge=1)]
    root: Ref


class SignerRegistered(Data):
    """A key that signs checkpoints of this log from here on, as one C2SP vkey line."""

    vkey: Vkey


class ClockChanged(Data):
    """The clock jumped by `seconds` (negative: back) against the log or the machine's uptime."""

    seconds: int
