"""What runs in a worker process: the releases and their engines, loaded once.

Kept apart from `app.compose`, so that the process that talks to people imports no spaCy.
"""

import gc
from pathlib import Path

import taxonomy
from app.batch import Call, Coder, LoadReport
from app.chatting import ChatOptions, open_chat
from pipeline.chat import ChatModel
from pipeline.engine import Engine, Engines, EngineSettings
from pipeline.model import CodingResult, Encounter, Progress, Scope
from pipeline.run import analyse


def engines(
    *,
    cache: Path,
    library: Path,
    scope: Scope,
    sex_advisory: bool = False,
    chat: ChatModel | None = None,
    report: LoadReport,
) -> Engines:
    """Return the engines of all releases, building what is not in the cache."""
    return Engines(
        taxonomy.releases(cache, library, report=report),
        cache,
        settings=EngineSettings(scope=scope, sex_advisory=sex_advisory),
        chat=chat,
        report=lambda step: report(step.stage, step.done, step.total),
    )


def load(*, cache: Path, library: Path, scope: Scope, report: LoadReport) -> Engine:
    """Return the engine of the newest complete release."""
    return engines(cache=cache, library=library, scope=scope, report=report).newest


def open_coder(
    *,
    cache: Path,
    library: Path,
    scope: Scope,
    sex_advisory: bool,
    chat: ChatOptions | None = None,
    call: Call | None = None,
    report: LoadReport,
) -> Coder:
    """Return the function that codes one encounter; the factory `app.batch` calls in a worker.

    Each encounter is coded in the release in force on its day; the engine of a release is made
    when the first encounter needs it. With `call`, the one that runs it is asked first whether the
    result with this provenance is known already, and keeps what a chat model is asked.
    """
    made = engines(
        cache=cache,
        library=library,
        scope=scope,
        sex_advisory=sex_advisory,
        chat=None if chat is None or call is None else open_chat(chat, call),
        report=report,
    )

    # What is loaded stays for as long as the worker does: not to be gone over with every search for
    # garbage, which takes a tenth of the time of notes whose words are new.
    gc.collect()
    gc.freeze()

    def code(encounter: Encounter) -> CodingResult | None:
        engine = made.of(encounter)
        if call is not None and call(engine.provenance):
            return None
        return analyse(encounter, engine, _silent)

    return code


def _silent(_step: Progress) -> None:
    """Report nothing: progress within one encounter is too short to show in a batch."""
