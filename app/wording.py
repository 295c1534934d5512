"""Ids into sentences: reasons, rules, lanes, states and events as a coder reads them.

Everything the program records is an id, with a parameter after `=` where one is needed
(`lexical=0.83`, `covered-by=I11.0`). The sentences are data, in `resources/ui/wording.json`, so
that their tone is set in one place. A rule of the guidelines without a sentence of its own is read
out (`first-listed-only.P04`: First listed only, rule P04); any other id is shown as it is: a gap in
the wording is seen, and nothing is lost.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

_RULE = re.compile(r"([a-z][a-z0-9-]*)\.([A-Z]\d{2})")

Words = Mapping[str, Mapping[str, str]]


@cache
def words() -> Words:
    """Return every sentence, by kind and id."""
    text = files("resources").joinpath("ui/wording.json").read_text(encoding="utf-8")
    loaded: Words = json.loads(text)
    return loaded


def say(kind: str, identifier: str, **values: str) -> str:
    """Return the sentence for an id of a kind (`reasons`, `rules`, `lanes`, …).

    The whole id is looked up first (`low-confidence=1`), then `low-confidence=` for one with any
    parameter, which stands for `{value}`, then its name alone. What has no sentence is read out
    where it names a rule, and returned as it is otherwise.
    """
    template = _template(kind, identifier)
    if template is None:
        rule = _RULE.fullmatch(identifier)
        return f"{rule[1].replace('-', ' ').capitalize()} (rule {rule[2]})" if rule else identifier
    return _filled(template, {"value": identifier.partition("=")[2], **values})


def known(kind: str, identifier: str) -> bool:
    """Return whether an id has a sentence of its own."""
    return _template(kind, identifier) is not None


def count(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: `1 note`, `3 notes`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _template(kind: str, identifier: str) -> str | None:
    table = words().get(kind, {})
    name, equals, _ = identifier.partition("=")
    return table.get(identifier) or table.get(name + equals) or table.get(name)


def _filled(template: str, values: Mapping[str, str]) -> str:
    """Fill a template; braces it does not know stay as they are."""
    for name, value in values.items():
        template = template.replace("{" + name + "}", value)
    return template.strip()
