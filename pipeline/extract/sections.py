"""Where a note's sections begin, by the headings US clinicians use.

A heading is a known phrase that stands alone on its line, or before a colon at the start of one. An
unknown line in capitals or before a colon on its own ends nothing: it is a subheading and stays in
the section it stands in. Text before the first heading is `unheaded`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from resources import read_json
from taxonomy.words import fold

UNHEADED = "unheaded"

_LINE = re.compile(
    r"^[ \t]*([#*=_•–-]+[ \t]*)?(\d{1,2}[.)][ \t]*)?([A-Za-z][^\n:]{0,60}?)[ \t*=_#]*(:|$)",
    re.MULTILINE,
)


_BULLETS = frozenset({"•", "-", "–", "*"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A half-open code-point range of a note; `role` is that of `resources/rules/sections.json`.

    `body` is where the text after the heading begins; words of a heading name no condition.
    """

    id: str
    role: str
    start: int
    body: int
    end: int


@dataclass(frozen=True, slots=True)
class Headings:
    """The known headings, folded, each with its section's id and role."""

    by_phrase: Mapping[str, tuple[str, str]]

    @classmethod
    def read(cls) -> "Headings":
        """Read the headings from the rules."""
        data = read_json("rules/sections.json")
        return cls(
            {
                phrase: (section["id"], section["role"])
                for section in data["sections"]
                for phrase in section["headings"]
            }
        )

    def split(self, text: str) -> tuple[Section, ...]:
        """Cut a note into sections that follow each other without gap; never empty for a text."""
        starts: list[tuple[int, int, str, str]] = [(0, 0, UNHEADED, UNHEADED)]
        for match in _LINE.finditer(text):
            mark, number, phrase, colon = match.groups()
            known = self.by_phrase.get(fold(phrase).strip())
            if known is None:
                continue
            alone = not colon
            # A word such as "plan" or "history" alone on a line of running text is no heading
            # unless it is written as one.
            if alone and not phrase[0].isupper():
                continue
            _, _, *around = starts[-1]
            # "3. Allergies." in an assessment is a problem, not the list of that name.
            listed = around[1] == "assessed" and known[1] != "assessed"
            if listed and alone and (number or phrase.endswith(".")):
                continue
            starts.append((match.start(), match.end(), *known))
            # A bullet of a plan ("• Patient education: …") is one line; then the plan goes on.
            if mark and mark.strip() in _BULLETS and around[1] == "assessed":
                line_end = text.find("\n", match.end())
                if line_end >= 0:
                    starts.append((line_end, line_end, around[0], around[1]))
        ends = [start for start, *_ in starts[1:]] + [len(text)]
        return tuple(
            Section(id=name, role=role, start=start, body=body, end=end)
            for (start, body, name, role), end in zip(starts, ends, strict=True)
            if start < end
        )
