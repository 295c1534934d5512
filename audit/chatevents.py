"""What events of the chat model carry: what was asked, what came back, where it may be sent.

The words of a request and of a reply are texts beside the chain; an event holds commitments, the
digests of prompt and request, the kind of what came back, and what it cost.
"""

from typing import Annotated, Literal

from pydantic import Field

from audit.shapes import Data, Decimal, Id, Index, Ref

Name = Annotated[str, Field(pattern=r"^\S{1,200}$")]
Origin = Annotated[str, Field(pattern=r"^https?://[^\s/@]{1,250}$")]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class ChatAsked(Data):
    """One attempt, before it is sent. `request` is the keyed digest it is found by again.

    `remote` says that it leaves this machine, `masked` that names and numbers were taken out.
    """

    request: Ref
    body: Ref
    task: Id
    prompt: Id
    prompt_digest: Ref
    model: Name
    endpoint: Origin
    remote: bool
    masked: bool
    attempt: Annotated[int, Field(ge=1)]

    def refs(self) -> tuple[str, ...]:
        """Return the commitment of the words that were to be sent."""
        return (self.body,)


class ChatAnswered(Data):
    """What came of an attempt, before it is used: `ok`, or the kind of the fault.

    `sent` is false where nothing left: a budget was spent, the endpoint not allowed, the breaker
    open. Tokens are those the server counted; `cost` is in the currency of the prices set.
    """

    request: Ref
    kind: Id
    body: Ref | None
    sent: bool
    tokens_in: Index | None
    tokens_out: Index | None
    milliseconds: Index
    retry_after: Index | None
    cost: Decimal

    def refs(self) -> tuple[str, ...]:
        """Return the commitment of the words that came back, if any did."""
        return () if self.body is None else (self.body,)


class ChatAllowed(Data):
    """A person lets one endpoint off this machine be asked, until the end of a day.

    `network` is where its address lay when it was allowed; `masking` is the digest of the rules
    that take out names and numbers first.
    """

    endpoint: Origin
    network: Literal["private", "public"]
    reason: Ref
    agreement: Ref
    expires: Day
    masking: Ref

    def refs(self) -> tuple[str, ...]:
        """Return the commitments of the typed reason and of the agreement's reference."""
        return (self.reason, self.agreement)


class ChatForbidden(Data):
    """A person takes the permission of an endpoint back."""

    endpoint: Origin


class PromptActivated(Data):
    """A version of a prompt was put in force, after it was asked the same questions as before.

    `right` and `before_right` count the right answers of `asked`; `low` and `high` are the ends of
    the 95 % interval of the difference of shares. A `rollback` returns to a version without asking.
    """

    task: Id
    version: Annotated[int, Field(ge=1)]
    digest: Ref
    before: Annotated[int, Field(ge=1)]
    model: Name | None
    asked: Index
    right: Index
    before_right: Index
    low: Decimal
    high: Decimal
    rollback: bool
