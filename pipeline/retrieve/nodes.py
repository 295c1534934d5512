"""What is known of a node of the classification: what its title says, and what the channels found.

`Facts` hold whatever the mention; a `Hit` is what the channels said of the node for one phrase.
"""

import math
from dataclasses import dataclass

from pipeline.retrieve.attributes import title_side
from pipeline.terms import Level

_EXTERNAL = frozenset({"V", "W", "X", "Y"})
_MANY_COMMON = 200
_NO_CONTENT = frozenset(
    {
        "unspecified",
        "other",
        "specified",
        "right",
        "left",
        "bilateral",
        "and",
        "or",
        "with",
        "in",
        "to",
    }
)


@dataclass(slots=True)
class Hit:
    """What the channels said of one node; the best of its entries counts per channel.

    `vote` adds up all its neighbours, the nearer the more; `entry` are the stems of the entry that
    says it best.
    """

    code: str
    level: Level | None = None
    from_lexicon: bool = False
    learned: float = 0.0
    rate: float = 0.0
    seen: int = 0
    lexical: float = 0.0
    dense: float = 0.0
    vote: float = 0.0
    entry: tuple[str, ...] = ()

    def under(self, code: str) -> "Hit":
        """Return a copy for another node (`dataclasses.replace` takes ten times as long)."""
        return Hit(
            code,
            self.level,
            self.from_lexicon,
            self.learned,
            self.rate,
            self.seen,
            self.lexical,
            self.dense,
            self.vote,
            self.entry,
        )

    def promise(self) -> float:
        """Return how likely this node is to come first, roughly, for cutting a long list."""
        exact = 0.0 if self.level is None else 1.0 - 0.1 * self.level
        return self.dense + 0.5 * self.lexical + 2 * self.learned + exact


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a node's title says, whatever the mention: read once and kept.

    `content` are the stems of the title that carry something, `common` in 0..1 how often coded
    notes had the code, `place` its number in tabular order.
    """

    stems: tuple[str, ...]
    content: tuple[str, ...]
    side: str
    unspecified: bool
    other: bool
    needs_seventh: bool
    header: bool
    common: float
    place: int

    @classmethod
    def of(
        cls,
        title: str,
        stems: tuple[str, ...],
        *,
        needs_seventh: bool,
        header: bool,
        seen: float,
        place: int,
    ) -> "Facts":
        """Read a title; `seen` is how many mentions of coded notes had the code."""
        lowered = title.lower()
        return cls(
            stems=stems,
            content=tuple(word for word in stems if word not in _NO_CONTENT),
            side=title_side(title),
            unspecified="unspecified" in lowered or " nos" in lowered,
            other=lowered.startswith("other ") or "other specified" in lowered,
            needs_seventh=needs_seventh,
            header=header,
            common=min(math.log1p(seen) / math.log1p(_MANY_COMMON), 1.0),
            place=place,
        )


def is_external_cause(code: str) -> bool:
    """Tell whether a code says how an injury came about (chapter 20)."""
    return code[0] in _EXTERNAL
