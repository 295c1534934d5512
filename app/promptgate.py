"""Putting a version of a prompt in force: only after it answered the golden questions no worse.

The questions are ours (`resources/prompts/golden.jsonl`): invented sentences, the words in
question, codes to choose from, and the right one or none. The version in force and the other get
the same questions of the same model; the difference of right answers has a 95 % interval over
questions drawn again. Where all of it lies below zero the version is refused.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files

import numpy as np

from app import AppError
from app.intervals import RESAMPLES, SEED
from audit import Store
from audit.chatevents import PromptActivated
from audit.encounters import decimal
from pipeline.chat import Answer, Question, Task
from pipeline.chat.controlled import ControlledChat
from pipeline.chat.prompts import LETTERS, NONE, Prompt, Prompts
from pipeline.model import Encounter, Provenance, Scope
from taxonomy import Taxonomy

GOLDEN = "prompts/golden.jsonl"

_NOBODY = Encounter(encounter_id="", notes=())
_PLACES = 4

Counter = Callable[[int, int], None]
"""Receives how many questions are answered and how many there are."""


class PromptError(AppError):
    """A version of a prompt cannot be put in force."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Golden:
    """One question with its right answer: the index of an option, None for none of them."""

    question: Question
    right: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How two versions did on the same questions; `low` and `high` bound the difference of shares.

    `unanswered` counts the faults of the version asked for.
    """

    prompt: Prompt
    before: Prompt
    model: str
    asked: int
    right: int
    before_right: int
    unanswered: int
    low: float
    high: float

    @property
    def worse(self) -> bool:
        """Tell whether it is worse beyond the interval."""
        return self.high < 0


def golden(task: Task, codes: Taxonomy) -> tuple[Golden, ...]:
    """Return the questions of a task, with the titles of a release.

    For the second reader each sentence gives two: the right description holds, another does not.

    Raises:
        PromptError: there are no questions for this task.
    """
    text = files("resources").joinpath(GOLDEN).read_text("utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    if task is Task.VERIFY:
        return tuple(_choice(row, codes) for row in rows)
    if task is Task.AUDIT:
        return tuple(each for row in rows for each in _held(row, codes))
    return tuple(
        Golden(question=Question(task=task, passage=row["text"]), right=0 if row["right"] else None)
        for row in rows
    )


def _choice(row: dict[str, object], codes: Taxonomy) -> Golden:
    text, words, listed = str(row["text"]), str(row["mention"]), _codes(row)
    start = text.index(words)
    return Golden(
        question=Question(
            task=Task.VERIFY,
            passage=text,
            marked=(start, start + len(words)),
            options=tuple(_title(code, codes) for code in sorted(listed)),
        ),
        right=sorted(listed).index(str(row["right"])) if row["right"] else None,
    )


def _held(row: dict[str, object], codes: Taxonomy) -> tuple[Golden, ...]:
    whole = _choice(row, codes).question
    listed = sorted(_codes(row))
    wrong = next(code for code in listed if code != row["right"])
    pairs = [(wrong, None)] + ([(str(row["right"]), 0)] if row["right"] else [])
    return tuple(
        Golden(
            question=replace(whole, task=Task.AUDIT, options=(_title(code, codes),)), right=right
        )
        for code, right in pairs
    )


def _codes(row: dict[str, object]) -> list[str]:
    listed = row["codes"]
    assert isinstance(listed, list)
    return [str(code) for code in listed]


def _title(code: str, codes: Taxonomy) -> str:
    found = codes.get(code)
    if found is None:
        raise PromptError(f"The golden questions name {code}, which this release does not have.")
    return found.title


def is_right(item: Golden, answer: Answer) -> bool:
    """Tell whether an answer is right: the choice, and a quote that stands there."""
    if answer.fault:
        return False
    if item.question.task is Task.EXTRACT:
        conditions = answer.fields["conditions"]
        assert isinstance(conditions, Sequence)
        found = [answer.passage.locate(str(each["quote"])) for each in conditions]
        return all(found) and bool(found) is (item.right is not None)
    if item.question.task is Task.AUDIT:
        quoted = answer.passage.locate(str(answer.fields["quote"])) is not None
        return bool(answer.fields["holds"]) is (item.right is not None) and quoted
    letter = NONE if item.right is None else LETTERS[item.right]
    if answer.fields["choice"] != letter:
        return False
    return item.right is None or answer.passage.locate(str(answer.fields["supports"])) is not None


def trial(
    name: str,
    chat: ControlledChat,
    codes: Taxonomy,
    *,
    report: Counter = lambda _done, _total: None,
) -> Trial:
    """Ask the version in force and another the golden questions.

    Raises:
        ChatError: there is no such prompt.
        PromptError: it is in force already, or the model answers nothing at all.
    """
    prompt = chat.prompts.get(name)
    before = chat.prompts.of(prompt.task)
    if prompt.digest == before.digest:
        raise PromptError(f"{name} is in force already.")
    items = golden(prompt.task, codes)
    steps = iter(range(1, 2 * len(items) + 1))

    def tick() -> None:
        report(next(steps), 2 * len(items))

    old = _asked(chat, chat.prompts, items, tick)
    new = _asked(chat, _with(chat.prompts, prompt), items, tick)
    if all(answer.fault for answer in (*old, *new)):
        raise PromptError(
            f"The model gave no answer to any golden question ({new[0].fault}); run `chartproof "
            "chat check`."
        )
    right = [is_right(item, answer) for item, answer in zip(items, new, strict=True)]
    was = [is_right(item, answer) for item, answer in zip(items, old, strict=True)]
    low, high = _interval(right, was)
    return Trial(
        prompt=prompt,
        before=before,
        model=chat.name,
        asked=len(items),
        right=sum(right),
        before_right=sum(was),
        unanswered=sum(bool(answer.fault) for answer in new),
        low=low,
        high=high,
    )


def activate(store: Store, done: Trial) -> None:
    """Put a version in force.

    Raises:
        PromptError: it is worse beyond the interval.
    """
    if done.worse:
        raise PromptError(
            f"{done.prompt.id} is not put in force: it had {done.right} of {done.asked} golden "
            f"questions right, {done.before.id} {done.before_right}; the difference lies between "
            f"{done.low:+.1%} and {done.high:+.1%}."
        )
    store.chat.activate(
        PromptActivated(
            task=done.prompt.task.value,
            version=done.prompt.version,
            digest=done.prompt.digest,
            before=done.before.version,
            model=done.model,
            asked=done.asked,
            right=done.right,
            before_right=done.before_right,
            low=decimal(done.low),
            high=decimal(done.high),
            rollback=False,
        )
    )


def rollback(store: Store, task: Task, prompts: Prompts) -> Prompt:
    """Put the version back in force that was before the one that is; return it.

    Raises:
        PromptError: none was ever put in force for this task.
    """
    ours = [each for each in store.chat.activations() if each.task == task.value]
    if not ours:
        raise PromptError(f"No version of {task.value} was ever put in force; the first one is.")
    back = prompts.get(f"{task.value}-{ours[-1].before}")
    store.chat.activate(
        PromptActivated(
            task=task.value,
            version=back.version,
            digest=back.digest,
            before=ours[-1].version,
            model=None,
            asked=0,
            right=0,
            before_right=0,
            low="0.0000",
            high="0.0000",
            rollback=True,
        )
    )
    return back


def _with(prompts: Prompts, prompt: Prompt) -> Prompts:
    return Prompts(prompts.known, {**prompts.active, prompt.task: prompt.version})


def _asked(
    chat: ControlledChat, prompts: Prompts, items: Sequence[Golden], tick: Callable[[], None]
) -> list[Answer]:
    asking = replace(chat, prompts=prompts)
    answers: list[Answer] = []
    for item in items:
        # Each question is an encounter of its own: the budget of one must not end the trial.
        answers += asking.about(_NOBODY, _NO_PROVENANCE).ask([item.question])
        tick()
    return answers


_NO_PROVENANCE = Provenance(
    code_version="",
    release="",
    taxonomy_digest="",
    model_digest="",
    index_digest="",
    rules_digest="",
    config_digest="",
    scope=Scope.REPORTABLE,
)


def _interval(right: Sequence[bool], was: Sequence[bool]) -> tuple[float, float]:
    """Return the ends of the 95 % interval of the difference of shares, the questions paired."""
    grown = np.array(right, dtype=np.float64) - np.array(was, dtype=np.float64)
    draws = np.random.default_rng(SEED).integers(0, len(grown), (RESAMPLES, len(grown)))
    low, high = np.percentile(grown[draws].mean(axis=1), (2.5, 97.5))
    return round(float(low), _PLACES), round(float(high), _PLACES)
