"""The frozen values of the classification: release, code, note, term."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date


class TaxonomyError(Exception):
    """Root of the errors of this package; the text is a sentence for the person at the screen."""


class UnknownCodeError(TaxonomyError):
    """Raised where a place in the tabular list is asked of a code that has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One release of ICD-10-CM: when it is in force and which bytes it was read from.

    `digest` is the SHA-256 (hex) of the tabular XML; both dates are inclusive. A `provisional`
    release is an older list with known changes, to be replaced by the official one; its digest
    covers both.
    """

    label: str
    effective_from: date
    effective_to: date
    digest: str
    source: str
    provisional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Superseded:
    """A code that was billable in the release before and no longer is, 7th character left off.

    `before` is the label of that release; `successors` are the codes below it that are billable
    in its place, none where the code was deleted.
    """

    code: str
    before: str
    successors: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One row of the release: a header or a billable code.

    `code` is upper case with the dot. `order` is its number in the official order file, from 1.
    `base` is the XML node it comes from: `S52.501` for `S52.501A`, itself otherwise. `depth` is
    0 for a category and counts the steps below it.
    """

    code: str
    title: str
    billable: bool
    order: int
    parent: str | None
    base: str
    depth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TabularNote:
    """One instruction of the tabular list, word for word.

    `node` is a code, a section id (`E08-E13`) or a chapter number. `level` is `chapter`,
    `section`, `category` or `code`. `kind` is one of `NOTE_KINDS`. `number` counts from 1 within
    node and kind; where a section and its only category share an id (`T07`), the category's
    notes count on from the section's.
    """

    node: str
    level: str
    kind: str
    number: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Excludes1:
    """Code `excluded` falls under a type 1 excludes note that applies to code `holder`."""

    note: TabularNote
    holder: str
    excluded: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """Words that name a code. `code` is a node without 7th character and may be a header.

    `kind` is `title`, `inclusion` or `includes` for terms of the tabular list; other sources
    name their own.
    """

    text: str
    code: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """The rows a note points to: sorted disjoint inclusive ranges of order numbers.

    `bounds` is flat: first, last, first, last, … `unresolved` says why there are none:
    `lead-in` (a heading of the notes that follow), `words` (names no code), `qualifier` (a
    condition that is not machine-readable), `dangling` (a code the release has not), or
    `no-target` (a note of a kind that points nowhere).
    """

    bounds: tuple[int, ...] = ()
    unresolved: str = ""

    def covers(self, order: int) -> bool:
        """Say whether the row with this order number is among the targets."""
        at = bisect_right(self.bounds, order)
        return at % 2 == 1 or (at > 0 and self.bounds[at - 1] == order)


NOTE_KINDS = (
    "includes",
    "inclusion_term",
    "excludes1",
    "excludes2",
    "code_first",
    "use_additional",
    "code_also",
    "notes",
)
"""The kinds of notes, in the order a coder's book prints them."""

POINTING_KINDS = frozenset({"excludes1", "excludes2", "code_first", "use_additional", "code_also"})
"""The kinds whose notes point to other codes."""

INSTRUCTION_KINDS = ("code_first", "use_additional", "code_also")
"""The kinds that ask for a second code."""
