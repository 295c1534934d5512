"""Which codes may go where: thresholds certified on coded notes, one pair for each stratum.

A stratum is a kind of code and how its best candidate was found (`condition/agreed`). For each, the
lowest confidence at which an exact binomial bound vouches for a precision stands in
`resources/models/thresholds.json`, by the scope it was certified in (`pipeline.train.certify`). A
null there is an answer: the sample vouches for none. Without the file nothing is AUTO.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.model import Channel, Proposal, Scope
from resources import read_json

THRESHOLDS = "models/thresholds.json"

_CIRCUMSTANCES = frozenset("VWXYZ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """The lowest confidence of each route in one stratum; None where no confidence is enough.

    Below `confirm` a code goes to review.
    """

    auto: float | None
    confirm: float | None


UNCERTIFIED = Lines(auto=None, confirm=0.5)
"""Where nothing is certified: nothing is AUTO, and what is more likely wrong is for review."""

NEVER_SEEN = Lines(auto=None, confirm=None)
"""Where strata are certified and a code is of none of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The lines of each stratum that has some of its own, and those of every other."""

    strata: Mapping[str, Lines] = field(default_factory=dict)
    otherwise: Lines = UNCERTIFIED

    @classmethod
    def read(cls, scope: Scope) -> "Policy":
        """Read what was certified in a scope; what was certified in the other does not count."""
        try:
            data = read_json(THRESHOLDS)
        except FileNotFoundError:
            return cls()
        certified = data["scopes"].get(scope)
        if certified is None:
            return cls()
        return cls(
            strata={
                name: Lines(auto=found["auto"]["threshold"], confirm=found["confirm"]["threshold"])
                for name, found in certified["strata"].items()
            },
            otherwise=NEVER_SEEN,
        )

    def lines(self, proposal: Proposal) -> Lines:
        """Return the lines that hold for a proposal."""
        return self.strata.get(stratum(proposal), self.otherwise)


def stratum(proposal: Proposal) -> str:
    """Return the id of a proposal's stratum: kind of code, `/`, how its candidate was found.

    Kinds are `condition` (chapters 1 to 19) and `circumstance` (external causes and factors, whose
    codes are right for other reasons); finer ones left no sample large enough to vouch for 93 %
    (`docs/decisions.md`, 48). Found is `agreed` (by all three channels), `named` (by the
    dictionary, not by all) or `near` (by likeness alone).
    """
    channels = proposal.traces[0].candidates[0].channels
    found = "near"
    if Channel.DICTIONARY in channels:
        found = "agreed" if len(channels) == len(Channel) else "named"
    kind = "circumstance" if proposal.code[0] in _CIRCUMSTANCES else "condition"
    return f"{kind}/{found}"
