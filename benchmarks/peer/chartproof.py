"""Chartproof itself, asked the way its peers are. Setting: `scope`; the terms are its own."""

import hashlib
from pathlib import Path

from platformdirs import user_cache_path

import taxonomy
from benchmarks.peer.exchange import Coder, Job, Settings, serve
from pipeline.engine import EngineSettings, load
from pipeline.model import Encounter, Note, Scope
from pipeline.run import analyse


def make(_job: Job, settings: Settings) -> Coder:
    """Load the engine of a scope and return its coder."""
    cache: Path = user_cache_path("chartproof")
    engine = load(
        cache,
        taxonomy=taxonomy.load(cache),
        settings=EngineSettings(scope=Scope(settings["scope"])),
    )

    def code(text: str) -> set[str]:
        note = Note(note_id="note", text=text, sha256=hashlib.sha256(text.encode()).hexdigest())
        chart = Encounter(encounter_id="chart", notes=(note,))
        return {s.code for s in analyse(chart, engine, lambda _: None).suggestions}

    return code


if __name__ == "__main__":
    serve(make)
