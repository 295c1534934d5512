"""Prompts as artifacts: files with a task, a version, a schema and a digest, read and never built.

Those of the program lie in `resources/prompts`; a site may keep more of its own in a folder. A file
is `task-version.toml`, and its digest is that of its bytes.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.chat.address import ChatError
from pipeline.chat.model import Task

FIRST = 1
LETTERS = "ABCDEFGHIJ"
NONE = "none"

_NAME = re.compile(r"([a-z]+)-([1-9][0-9]*)\.toml")
_PLACE = re.compile(r"\{(fence|passage|marked|options)\}")


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    task: Task
    version: Annotated[int, Field(ge=1)]
    about: Annotated[str, Field(min_length=1)]
    system: Annotated[str, Field(min_length=1)]
    user: Annotated[str, Field(pattern=r"\{passage\}")]
    schema_: Annotated[str, Field(alias="schema")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One version of what is asked for a task; `digest` is the SHA-256 (hex) of its file."""

    task: Task
    version: int
    about: str
    system: str
    user: str
    schema: Mapping[str, Any]
    digest: str
    text: str

    @property
    def id(self) -> str:
        """Return the name under which it stands in the log."""
        return f"{self.task.value}-{self.version}"

    def messages(self, passage: str, marked: str, options: Iterable[str]) -> list[dict[str, str]]:
        """Return the messages for a question; the words of the note stand in a fence of their own.

        The fence carries a digest of the passage, so that no passage can hold its own end.
        """
        lettered = zip(LETTERS, options, strict=False)
        values = {
            "fence": hashlib.sha256(passage.encode(errors="replace")).hexdigest()[:12],
            "passage": passage,
            "marked": marked,
            "options": "\n".join(f"{letter}. {option}" for letter, option in lettered),
        }
        user = _PLACE.sub(lambda place: values[place[1]], self.user)
        return [
            {"role": "system", "content": self.system.strip()},
            {"role": "user", "content": user.strip()},
        ]

    def schema_for(self, options: int) -> Mapping[str, Any]:
        """Return the schema with no more letters to choose from than there are options."""
        if self.task is not Task.VERIFY:
            return self.schema
        copied: dict[str, Any] = json.loads(json.dumps(self.schema))
        copied["properties"]["choice"]["enum"] = [*LETTERS[:options], NONE]
        return copied


@dataclass(frozen=True, slots=True)
class Prompts:
    """Every version at hand, and which one of each task is in force."""

    known: Mapping[tuple[Task, int], Prompt]
    active: Mapping[Task, int]

    @classmethod
    def read(cls, site: Path | None = None, active: Mapping[Task, int] | None = None) -> "Prompts":
        """Read the program's prompts, a site's own beside them, and put versions in force.

        Raises:
            ChatError: a file is no prompt, repeats a version, or a version in force is not there.
        """
        known: dict[tuple[Task, int], Prompt] = {}
        shipped = sorted(files("resources").joinpath("prompts").iterdir(), key=lambda f: f.name)
        own = sorted(site.glob("*.toml")) if site is not None and site.is_dir() else []
        for file in (*shipped, *own):
            if not file.name.endswith(".toml"):
                continue
            prompt = _read(file.name, file.read_bytes())
            if (prompt.task, prompt.version) in known:
                raise ChatError(
                    f"The prompt {file.name} is there twice; give your own another version."
                )
            known[prompt.task, prompt.version] = prompt
        in_force = {task: (active or {}).get(task, FIRST) for task in Task}
        for task, version in in_force.items():
            if (task, version) not in known:
                raise ChatError(
                    f"The prompt {task.value}-{version} is in force and its file is not there; "
                    "put it back, or roll back with `chartproof prompts rollback`."
                )
        return cls(known, in_force)

    def of(self, task: Task) -> Prompt:
        """Return the version of a task that is in force."""
        return self.known[task, self.active[task]]

    def get(self, name: str) -> Prompt:
        """Return a prompt by its id; ChatError where there is none."""
        for prompt in self.known.values():
            if prompt.id == name:
                return prompt
        listed = ", ".join(prompt.id for prompt in self.known.values())
        raise ChatError(f"There is no prompt {name}; there are {listed}.")

    def digests(self) -> tuple[tuple[str, str], ...]:
        """Return the prompts in force for a provenance: `prompt verify-1` and its digest."""
        return tuple((f"prompt {self.of(task).id}", self.of(task).digest) for task in Task)


def _read(name: str, body: bytes) -> Prompt:
    try:
        text = body.decode("utf-8")
        found = _File.model_validate(tomllib.loads(text))
        schema = json.loads(found.schema_)
    except (ValueError, ValidationError):  # TOML, UTF-8 and JSON errors are ValueErrors
        raise ChatError(
            f"{name} is no prompt: it is not read as one; correct or remove it."
        ) from None
    named = _NAME.fullmatch(name)
    if named is None or (named[1], int(named[2])) != (found.task.value, found.version):
        raise ChatError(f"{name} is not named after its task and version; rename it.")
    if not isinstance(schema, dict):
        raise ChatError(f"{name} is no prompt: its schema is no object; correct it.")
    return Prompt(
        task=found.task,
        version=found.version,
        about=found.about,
        system=found.system,
        user=found.user,
        schema=schema,
        digest=hashlib.sha256(body).hexdigest(),
        text=text,
    )
