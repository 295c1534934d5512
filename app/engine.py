"""What runs in a worker process: the taxonomy and one engine, loaded once.

Kept apart from `app.compose`, so that the process that talks to people imports no spaCy.
"""

from pathlib import Path

import pipeline.engine
import taxonomy
from app.batch import Coder, LoadReport
from pipeline.engine import Engine, EngineSettings
from pipeline.model import CodingResult, Encounter, Progress, Scope
from pipeline.run import analyse


def load(*, cache: Path, scope: Scope, report: LoadReport) -> Engine:
    """Return an engine of the newest release, building what is not in the cache."""
    codes = taxonomy.load(cache, report=report)
    return pipeline.engine.load(
        cache,
        taxonomy=codes,
        settings=EngineSettings(scope=scope),
        report=lambda step: report(step.stage, step.done, step.total),
    )


def open_coder(*, cache: Path, scope: Scope, report: LoadReport) -> Coder:
    """Return the function that codes one encounter; the factory `app.batch` calls in a worker."""
    engine = load(cache=cache, scope=scope, report=report)

    def code(encounter: Encounter) -> CodingResult:
        return analyse(encounter, engine, _silent)

    return code


def _silent(_step: Progress) -> None:
    """Report nothing: progress within one encounter is too short to show in a batch."""
