"""Chat models for tests of the stages: they say what they are told to, and keep what was asked."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.chat import Answer, Question, Talk, Task
from pipeline.chat.passage import Passage
from pipeline.model import Encounter, Provenance

Say = Callable[[Question], Answer]


def answer(question: Question, **fields: object) -> Answer:
    """Return an answer to a question; `verify` is answered in full, with these fields."""
    whole: Mapping[str, object] = fields
    if question.task is Task.VERIFY:
        whole = {
            "choice": "A",
            "supports": "",
            "contradicts": "",
            "documented": True,
            "current": True,
            "patient": True,
            "specific": True,
            "laterality": True,
        } | fields
    return Answer(fields=whole, passage=Passage.plain(question.passage), by="scripted")


def marked(question: Question) -> str:
    """Return the words a question is about."""
    assert question.marked is not None
    return question.passage[slice(*question.marked)]


@dataclass
class Scripted:
    """Answers by a function, for the tasks it knows."""

    say: Say
    tasks: tuple[Task, ...] = tuple(Task)
    name: str = "scripted"
    sources: tuple[tuple[str, str], ...] = ()
    asked: list[Question] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)

    def about(self, encounter: Encounter, provenance: Provenance) -> Talk:
        self.outcomes = Counter()
        return self

    def asks(self, task: Task) -> bool:
        return task in self.tasks

    def ask(self, questions: Sequence[Question]) -> tuple[Answer, ...]:
        self.asked += questions
        answers = tuple(self.say(question) for question in questions)
        self.outcomes.update(each.fault or "ok" for each in answers)
        return answers
