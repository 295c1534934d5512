"""One frozen `Settings`: the file, over it the environment, over it the command line's options.

The file is `settings.toml` in the user's configuration folder; each of its keys is also read from
the environment as `CHARTPROOF_<KEY>`. An unknown key is refused by name: a misspelt setting that
is passed over in silence would change how charts are coded.
"""

import getpass
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import platformdirs
from pydantic import Field, ValidationError

from app import UsageError
from app.chatsettings import HOW as CHAT_HOW
from app.chatsettings import KEY as CHAT_KEY
from app.chatsettings import ChatGiven, ChatSettings, chat_settings
from pipeline.model import Scope, Setting

PREFIX = "CHARTPROOF_"
FOREIGN = frozenset(
    {
        "CHARTPROOF_KEYRING",
        "CHARTPROOF_POSTGRES",
        "CHARTPROOF_RAY",
        "CHARTPROOF_SHARED_DATA",
        "CHARTPROOF_SOAK",
        CHAT_KEY,
    }
)
"""Variables with our prefix that other parts of the program and its tests read themselves."""

IDLE = 10
"""Minutes without a key or a movement after which the window is covered."""

_HOW = {
    "store": "a folder",
    "database": "the address of a database",
    "cache": "a folder",
    "scope": " or ".join(Scope),
    "setting": f"one of {', '.join(Setting)}",
    "workers": "a whole number from 1 to 64",
    "actor": "a short name",
    "sex_advisory": "true or false",
    "hcc": "true or false",
    "idle_minutes": "a whole number from 0 (never) to 480",
    **CHAT_HOW,
}


class _Given(ChatGiven):
    """What a file or the environment may set; every key is optional."""

    store: Path | None = None
    database: str | None = Field(default=None, min_length=1)
    cache: Path | None = None
    scope: Scope | None = None
    setting: Setting | None = None
    workers: int | None = Field(default=None, ge=1, le=64)
    actor: str | None = Field(default=None, min_length=1, max_length=100)
    sex_advisory: bool | None = None
    hcc: bool | None = None
    idle_minutes: int | None = Field(default=None, ge=0, le=480)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything a command needs to know besides its own arguments.

    `store` is the folder of the default store, `database` the address of a team's, which goes
    before it, `demo` the folder of the examples' store; `library` holds the imported releases,
    `cache` what can be built again, `config` and `state` are the user's folders for keys and heads,
    `file` is where settings are read from whether it exists or not.
    `sex_advisory` compares codes with the sex given; `hcc` shows risk categories in the window.
    `idle_minutes` without a touch cover the window, 0 never.
    """

    store: Path
    database: str | None = field(repr=False)  # what came from the environment may hold a password
    demo: Path
    library: Path
    cache: Path
    config: Path
    state: Path
    file: Path
    scope: Scope
    setting: Setting | None
    workers: int
    actor: str
    sex_advisory: bool
    hcc: bool
    idle_minutes: int
    chat: ChatSettings = field(default_factory=ChatSettings)


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings in force.

    Raises:
        UsageError: an unknown key, or a value that cannot be used; names the place and the key.
    """
    environment = os.environ if environment is None else environment
    config = platformdirs.user_config_path("chartproof", appauthor=False)
    data = platformdirs.user_data_path("chartproof", appauthor=False)
    file = config / "settings.toml"
    from_file = _read_file(file)
    from_environment = _check(
        {
            name.removeprefix(PREFIX).lower(): value
            for name, value in environment.items()
            if name.startswith(PREFIX) and name not in FOREIGN and value.strip()
        },
        place="the environment",
        name_of=lambda key: PREFIX + key.upper(),
    )
    if urlsplit(from_file.database or "").password is not None:
        raise UsageError(
            f"database in {file} holds a password, which anybody who reads the file has. Take it "
            "out; put it into ~/.pgpass (mode 0600), or into the system keyring by `chartproof "
            "audit password`."
        )
    given = from_file.model_copy(update=from_environment.model_dump(exclude_none=True))
    return Settings(
        store=_absolute(given.store or data / "store"),
        database=given.database,
        demo=data / "demo-store",
        library=data / "taxonomy",
        cache=_absolute(given.cache or platformdirs.user_cache_path("chartproof", appauthor=False)),
        config=config,
        state=platformdirs.user_state_path("chartproof", appauthor=False),
        file=file,
        scope=given.scope or Scope.REPORTABLE,
        setting=given.setting,
        workers=given.workers or default_workers(),
        actor=given.actor or _user(),
        sex_advisory=bool(given.sex_advisory),
        hcc=bool(given.hcc),
        idle_minutes=IDLE if given.idle_minutes is None else given.idle_minutes,
        chat=chat_settings(given),
    )


def engine_choices(file: Path) -> tuple[Scope | None, bool | None]:
    """Return what a file of settings says of the engine: scope and sex advisory, None if nothing.

    Raises:
        UsageError: there is no such file, or it is none of settings.
    """
    if not file.is_file():
        raise UsageError(f"There is no file {file}; name one in the form of settings.toml.")
    given = _read_file(file)
    return given.scope, given.sex_advisory


def default_workers() -> int:
    """Return how many workers suit this machine: one a core, at most four."""
    if hasattr(os, "sched_getaffinity"):
        return min(4, len(os.sched_getaffinity(0)))
    return min(4, os.cpu_count() or 1)


def _read_file(file: Path) -> _Given:
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return _Given()
    except OSError as error:
        raise UsageError(f"{file} cannot be read ({error.strerror}); check it.") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise UsageError(f"{file} is not valid TOML; correct or remove it.") from None
    return _check(raw, place=str(file), name_of=lambda key: key)


def _check(raw: Mapping[str, object], *, place: str, name_of: Callable[[str], str]) -> _Given:
    unknown = sorted(set(raw) - set(_HOW))
    if unknown:
        known = ", ".join(name_of(key) for key in _HOW)
        raise UsageError(
            f"{name_of(unknown[0])} in {place} is no setting; correct it (known: {known})."
        )
    try:
        return _Given.model_validate(raw)
    except ValidationError as error:
        key = str(error.errors(include_input=False)[0]["loc"][0])
        raise UsageError(f"{name_of(key)} in {place} is not {_HOW[key]}; correct it.") from None


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"uid-{os.getuid()}"
