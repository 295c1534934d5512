"""What a person sets about the chat model: keys of `settings.toml` and of the environment.

Off unless it is switched on. No key of a server stands here: those lie in the keyring or in
`CHARTPROOF_CHAT_KEY`, and are read where they are used.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from pipeline.chat.address import Endpoint
from pipeline.chat.controlled import Form
from pipeline.chat.limits import Limits, Prices

KEY = "CHARTPROOF_CHAT_KEY"
"""The environment's key for the first server."""

HOW: Mapping[str, str] = {
    "chat": "off, on or replay",
    "chat_url": "an address like http://127.0.0.1:8080/v1",
    "chat_model": "the name of a model",
    "chat_fallbacks": "pairs of address and model, each as `http://… model`, with commas between",
    "chat_second": "the name of a model, or `http://… model`",
    "chat_form": "json_schema, tools or plain",
    "chat_seconds": "a number of seconds from 1 to 600",
    "chat_tries": "a whole number from 1 to 5",
    "chat_flight": "a whole number from 1 to 16",
    "chat_calls": "a whole number: calls for one encounter",
    "chat_tokens": "a whole number: tokens for one encounter",
    "chat_time": "a number: seconds for one encounter",
    "chat_cost": "a number: money for one encounter",
    "chat_day_calls": "a whole number: calls a day",
    "chat_day_tokens": "a whole number: tokens a day",
    "chat_day_time": "a number: seconds a day",
    "chat_day_cost": "a number: money a day",
    "chat_price_in": "a number: what a million tokens read cost",
    "chat_price_out": "a number: what a million tokens written cost",
}

_DEFAULT_CALLS = 40
_Word = Annotated[str, Field(pattern=r"^\S{1,200}$")]
_Count = Annotated[int, Field(ge=0)]
_Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Mode(StrEnum):
    """Whether a model is asked, or only what was answered before is read again."""

    OFF = "off"
    ON = "on"
    REPLAY = "replay"


class ChatGiven(BaseModel):
    """What a file or the environment may set; every key is optional."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    chat: Mode | None = None
    chat_url: _Word | None = None
    chat_model: _Word | None = None
    chat_fallbacks: str | None = None
    chat_second: str | None = None
    chat_form: Form | None = None
    chat_seconds: Annotated[float, Field(ge=1, le=600)] | None = None
    chat_tries: Annotated[int, Field(ge=1, le=5)] | None = None
    chat_flight: Annotated[int, Field(ge=1, le=16)] | None = None
    chat_calls: _Count | None = None
    chat_tokens: _Count | None = None
    chat_time: _Amount | None = None
    chat_cost: _Amount | None = None
    chat_day_calls: _Count | None = None
    chat_day_tokens: _Count | None = None
    chat_day_time: _Amount | None = None
    chat_day_cost: _Amount | None = None
    chat_price_in: _Amount | None = None
    chat_price_out: _Amount | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatSettings:
    """The chat model as set: servers as address and model, in order, and what asking may cost.

    `second` is the model that gives a second opinion, None for none.
    """

    mode: Mode = Mode.OFF
    servers: tuple[Endpoint, ...] = ()
    second: Endpoint | None = None
    form: Form = Form.SCHEMA
    seconds: float = 30.0
    tries: int = 2
    flight: int = 4
    encounter: Limits = field(default_factory=lambda: Limits(calls=_DEFAULT_CALLS))
    day: Limits = field(default_factory=Limits)
    prices: Prices = field(default_factory=Prices)


def chat_settings(given: ChatGiven) -> ChatSettings:
    """Return the settings; what is not set has its default.

    Raises:
        ChatError: it is on without a model, or an address is none.
    """
    first = _first(given)
    servers = (*first, *_pairs(given.chat_fallbacks or ""))
    plain = ChatSettings()
    calls = plain.encounter.calls if given.chat_calls is None else given.chat_calls
    return ChatSettings(
        mode=given.chat or Mode.OFF,
        servers=servers,
        second=_second(given, first),
        form=given.chat_form or plain.form,
        seconds=given.chat_seconds or plain.seconds,
        tries=given.chat_tries or plain.tries,
        flight=given.chat_flight or plain.flight,
        encounter=Limits(
            calls=calls,
            tokens=given.chat_tokens,
            seconds=given.chat_time,
            cost=given.chat_cost,
        ),
        day=Limits(
            calls=given.chat_day_calls,
            tokens=given.chat_day_tokens,
            seconds=given.chat_day_time,
            cost=given.chat_day_cost,
        ),
        prices=Prices(tokens_in=given.chat_price_in or 0.0, tokens_out=given.chat_price_out or 0.0),
    )


def _first(given: ChatGiven) -> tuple[Endpoint, ...]:
    if given.chat_url is None or given.chat_model is None:
        return ()
    return (_endpoint(given.chat_url, given.chat_model),)


def _second(given: ChatGiven, first: tuple[Endpoint, ...]) -> Endpoint | None:
    words = (given.chat_second or "").split()
    if not words:
        return None
    if len(words) == 1 and first:
        return _endpoint(first[0].url, words[0])
    return _endpoint(*_pair(words))


def _pairs(text: str) -> tuple[Endpoint, ...]:
    return tuple(_endpoint(*_pair(part.split())) for part in text.split(",") if part.strip())


def _pair(words: list[str]) -> tuple[str, str]:
    return (words[0], words[1]) if len(words) == 2 else ("", "")  # noqa: PLR2004 - a pair


def _endpoint(url: str, model: str) -> Endpoint:
    found = Endpoint(url=url.rstrip("/"), model=model)
    assert found.origin  # refuses an address that is none
    return found
