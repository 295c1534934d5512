"""`chartproof chat check`: does a server do what it must, tried on an invented example.

No word of a chart is sent. For each form in which a server may be told the shape of its answer, one
closed question; then longer and longer passages, whose counted tokens show how much is really read.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pipeline.chat import Question, Task
from pipeline.chat.address import Endpoint
from pipeline.chat.controlled import ControlledChat, Form
from pipeline.chat.model import OK, MemoryJournal, Reply
from pipeline.model import Encounter, Provenance, Scope

PASSAGE = (
    "An invented visit. Seen for follow-up of type 2 diabetes mellitus, stable on metformin. "
    "No chest pain. Father had a stroke."
)
WORDS = "type 2 diabetes mellitus"
OPTIONS = (
    "Type 1 diabetes mellitus without complications",
    "Type 2 diabetes mellitus without complications",
    "Prediabetes",
)
RIGHT = "B"
SIZES = (500, 1500, 4500)
"""Words of the passages with which reading is tried."""

_FILLER = "The invented patient rested well and walked the ward without help. "
_NOBODY = Encounter(encounter_id="", notes=())
_NOWHERE = Provenance(
    code_version="",
    release="",
    taxonomy_digest="",
    model_digest="",
    index_digest="",
    rules_digest="",
    config_digest="",
    scope=Scope.REPORTABLE,
)

Step = Callable[[str, int], None]
"""Receives the name of what is tried and how many tries there are in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One question to a server: its kind (`ok` or a fault), time, and the tokens it counted.

    `right` tells whether the answer was the right one; None where there was no answer.
    """

    name: str
    kind: str
    milliseconds: int
    tokens_in: int | None
    right: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was found of one server and model.

    `best` is the form that works best, None where none does; `reads` is the largest passage in
    words that was read whole, `cut` the smallest that was cut in silence, None where none was.
    """

    endpoint: Endpoint
    forms: tuple[Tried, ...]
    lengths: tuple[Tried, ...]

    @property
    def best(self) -> Form | None:
        """Return the first form that gave an answer of the right shape."""
        return next((Form(each.name) for each in self.forms if each.kind == OK), None)

    @property
    def reads(self) -> int:
        """Return how many words were surely read: answered, with their tokens counted."""
        whole = [int(t.name) for t in self.lengths if t.kind == OK and t.tokens_in is not None]
        return max(whole, default=0)

    @property
    def cut(self) -> int | None:
        """Return how many words were too many for the server, which did not say so."""
        short = [int(each.name) for each in self.lengths if each.kind == "prompt-cut"]
        return min(short, default=None)

    @property
    def sentence(self) -> str:
        """Return what a person should know or do."""
        if self.best is None:
            return f"No answer of the right shape ({self.forms[0].kind}); see the kinds below."
        if self.cut is not None:
            return (
                f"The server cuts a passage of {self.cut} words in silence; give it a longer "
                "context. What it cuts is not believed."
            )
        if not self.reads:
            return "The server counts no tokens, so a prompt that it cuts cannot be told."
        return f"Works with chat_form = {self.best}; {self.reads} words were read whole."


def servers(chat: ControlledChat) -> tuple[Endpoint, ...]:
    """Return every server and model of a plan, each once."""
    second = chat.plan.second
    return tuple(dict.fromkeys((*chat.plan.servers, *((second,) if second else ()))))


def preview(chat: ControlledChat) -> Sequence[tuple[str, str]]:
    """Return what would be sent for the example, as (role, words)."""
    prompt = chat.prompts.of(Task.VERIFY)
    messages = prompt.messages(PASSAGE, WORDS, OPTIONS)
    return [(each["role"], each["content"]) for each in messages]


def check(chat: ControlledChat, step: Step = lambda _name, _total: None) -> tuple[Checked, ...]:
    """Try every server of a plan."""
    found = []
    everyone = servers(chat)
    total = len(everyone) * (len(Form) + len(SIZES))
    for endpoint in everyone:
        forms = []
        for form in Form:
            forms.append(_try(chat, endpoint, form, form.value, PASSAGE))
            step(f"Trying {endpoint.model}", total)
        works = next((Form(each.name) for each in forms if each.kind == OK), Form.PLAIN)
        lengths = []
        for size in SIZES:
            text = PASSAGE + " " + _FILLER * (size // len(_FILLER.split()))
            lengths.append(_try(chat, endpoint, works, str(size), text))
            step(f"Trying {endpoint.model}", total)
        found.append(Checked(endpoint=endpoint, forms=tuple(forms), lengths=tuple(lengths)))
    return tuple(found)


def _try(chat: ControlledChat, endpoint: Endpoint, form: Form, name: str, text: str) -> Tried:
    journal = MemoryJournal()
    plan = replace(chat.plan, servers=(endpoint,), second=None, form=form, tries=1)
    asking = replace(chat, plan=plan, journals=lambda _encounter, _provenance: journal)
    start = text.index(WORDS)
    question = Question(
        task=Task.VERIFY, passage=text, marked=(start, start + len(WORDS)), options=OPTIONS
    )
    (answer,) = asking.about(_NOBODY, _NOWHERE).ask([question])
    reply = next(iter(journal.kept.values()), Reply(kind=answer.fault, sent=False))
    return Tried(
        name=name,
        kind=answer.fault or OK,
        milliseconds=reply.milliseconds,
        tokens_in=reply.tokens_in,
        right=None if answer.fault else answer.fields["choice"] == RIGHT,
    )
