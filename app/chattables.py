"""What the commands of the chat model print, as tables for people and as JSON."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from app.chatcheck import Checked, Tried
from app.chatsettings import ChatSettings
from app.promptgate import Trial
from pipeline.chat.prompts import Prompts

_SHORT = 12


def checked(
    found: Sequence[Checked], sent: Sequence[tuple[str, str]], settings: ChatSettings
) -> Iterator[RenderableType]:
    """Yield what a check found of each server, and what would be sent."""
    yield Text(f"The chat model is {settings.mode}.")
    for each in found:
        yield Text(f"\n{each.endpoint.model} at {each.endpoint.origin}", style="bold")
        yield Text(f"  {each.sentence}")
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 2))
        for title in ("tried", "came", "ms", "tokens read", "right"):
            table.add_column(title)
        for tried in each.forms:
            table.add_row(*_row(tried, tried.name))
        for tried in each.lengths:
            table.add_row(*_row(tried, f"{tried.name} words"))
        yield table
    yield Text("\nSent for the example (of a chart: the sentences around the words in question)")
    for role, words in sent:
        yield Text(f"[{role}]", style="bold")
        yield Text(words)


def _row(tried: Tried, name: str) -> tuple[str, ...]:
    right = {None: "", True: "yes", False: "no"}[tried.right]
    tokens = "" if tried.tokens_in is None else f"{tried.tokens_in:,}"
    return name, tried.kind, f"{tried.milliseconds:,}", tokens, right


def checked_json(found: Sequence[Checked], settings: ChatSettings) -> Mapping[str, object]:
    """Return what a check found as a JSON object."""
    return {
        "schema": 1,
        "chat": settings.mode,
        "servers": [
            {
                "endpoint": each.endpoint.origin,
                "model": each.endpoint.model,
                "best": each.best,
                "reads_words": each.reads,
                "cuts_at_words": each.cut,
                "told": each.sentence,
                "forms": [asdict(tried) for tried in each.forms],
                "lengths": [asdict(tried) for tried in each.lengths],
            }
            for each in found
        ],
    }


def prompts(found: Prompts) -> Table:
    """Return one row a version."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("prompt", "in force", "SHA-256", "about"):
        table.add_column(title)
    for prompt in sorted(found.known.values(), key=lambda each: (each.task.value, each.version)):
        in_force = "yes" if found.active[prompt.task] == prompt.version else ""
        table.add_row(prompt.id, in_force, prompt.digest[:_SHORT], prompt.about)
    return table


def prompts_json(found: Prompts) -> Mapping[str, object]:
    """Return every version as a JSON object."""
    return {
        "schema": 1,
        "prompts": [
            {
                "id": prompt.id,
                "task": prompt.task,
                "version": prompt.version,
                "digest": prompt.digest,
                "in_force": found.active[prompt.task] == prompt.version,
                "about": prompt.about,
            }
            for prompt in found.known.values()
        ],
    }


def trial(done: Trial) -> Text:
    """Return how two versions did on the golden questions."""
    return Text(
        f"{done.prompt.id}: {done.right} of {done.asked} right, {done.unanswered} without an "
        f"answer; {done.before.id}: {done.before_right}. Difference between {done.low:+.1%} and "
        f"{done.high:+.1%} (95 %), asked of {done.model}."
    )


def trial_json(done: Trial) -> Mapping[str, object]:
    """Return how two versions did as a JSON object."""
    return {
        "schema": 1,
        "prompt": done.prompt.id,
        "before": done.before.id,
        "model": done.model,
        "asked": done.asked,
        "right": done.right,
        "before_right": done.before_right,
        "unanswered": done.unanswered,
        "difference": [done.low, done.high],
    }


def usage(figures: Mapping[str, Any]) -> Table:
    """Return what asking used: today, in all, and for each settled case."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("", "calls", "tokens", "seconds", "cost", "cases", "settled"):
        table.add_column(title)
    for name, key in (
        ("today", "today"),
        ("in all", "all"),
        ("per settled case", "per_settled_case"),
    ):
        row = figures[key] or {}
        shown = [row.get(each) for each in ("calls", "tokens", "seconds", "cost")]
        counts = [row.get(each) for each in ("cases", "settled")]
        table.add_row(name, *("" if value is None else f"{value:g}" for value in (*shown, *counts)))
    return table


def masking(measured: Mapping[str, Any]) -> Table:
    """Return what masking finds, class by class."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("class", "found", "of", "recall", "at least (95 %)"):
        table.add_column(title)
    for name, each in measured["classes"].items():
        table.add_row(
            name,
            str(each["found"]),
            str(each["of"]),
            f"{each['recall']:.1%}",
            f"{each['at_least']:.1%}",
        )
    return table
