"""What every event's data is built from: the base of all shapes and the kinds of value in them."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Ref = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Index = Annotated[int, Field(ge=0, lt=2**53)]
Code = Annotated[str, Field(pattern=r"^[A-Z][0-9A-Z]{2}(\.[0-9A-Z]{1,4})?$")]
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}$")]
Decimal = Annotated[str, Field(pattern=r"^-?[0-9]+(\.[0-9]+)?(e-?[0-9]+)?$")]
Span = tuple[Index, Index, Index]


class Data(BaseModel):
    """Root of what events carry: strict, closed, frozen, silent about values in its errors."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)

    def refs(self) -> tuple[str, ...]:
        """Return the commitments this event refers to."""
        return ()
