"""A process that works on a job with a small coder in place of the engine; tests kill it.

    python driver.py JOB-FOLDER HOME FACTORY

Prints one line for each encounter, as soon as it is in the store.
"""

import sys
from pathlib import Path
from typing import Any

from app import coding
from app.batch import Call, Coder, LoadReport, Recipe
from app.jobs import Job
from app.jobs.work import work
from audit import Actor, ActorKind, Places, Store, Where, locate
from pipeline.model import CodingResult, Encounter, Provenance, Route, Scope
from taxonomy import Releases, releases

PROVENANCE = Provenance(
    code_version="1",
    release="FY2026",
    taxonomy_digest="",
    model_digest="",
    index_digest="",
    rules_digest="",
    config_digest="",
    scope=Scope.REPORTABLE,
)


def small(*, report: LoadReport, call: Call) -> Coder:
    """Return a coder that suggests nothing, and asks first as the engine's does."""
    report("Loading", 1, 1)

    def code(encounter: Encounter) -> CodingResult | None:
        if "fail" in encounter.notes[0].text:
            raise ValueError("Mr Secret")
        return None if call(PROVENANCE) else _nothing(encounter)

    return code


def _nothing(encounter: Encounter) -> CodingResult:
    return CodingResult(
        encounter_id=encounter.encounter_id,
        setting=encounter.setting,
        traces=(),
        suggestions=(),
        excluded=(),
        findings=(),
        lane=Route.REVIEW,
        lane_reasons=("nothing-suggested",),
        provenance=PROVENANCE,
    )


class AnyRelease(Releases):
    """Releases of which the coder above needs none."""

    def __init__(self) -> None:
        """Load nothing."""

    def recorded(self, label: str, digest: str) -> Any:
        """Return nothing: no code is suggested, so none is looked up."""
        del label, digest


def means(home: Path, store: Store, *, workers: int = 2, factory: str = "") -> coding.Job:
    """Return what coding needs; with a real engine where the factory is `app.engine:open_coder`."""
    options: dict[str, Any] = {}
    opened: Releases = AnyRelease()
    if factory:
        cache = Path(factory)
        options = {
            "cache": cache,
            "library": home / "library",
            "scope": Scope.REPORTABLE,
            "sex_advisory": False,
        }
        opened = releases(cache, home / "library")
    return coding.Job(
        store=store,
        releases=opened,
        recipe=Recipe(
            factory="app.engine:open_coder" if factory else "tests.app.jobs.driver:small",
            options=options,
            calls=True,
        ),
        scope=Scope.REPORTABLE,
        workers=workers,
    )


def open_store(home: Path, where: Where | None = None) -> Store:
    """Return the store of a test home, or the one that is named."""
    places = Places(state=home / "state", config=home / "config")
    actor = Actor(kind=ActorKind.PERSON, id="coder")
    return Store.create_or_open(where or home / "store", places=places, actor=actor)


def main(folder: Path, home: Path, factory: str) -> None:
    """Work on the job in a folder."""
    with open_store(home, locate(Job(folder).plan.store)) as store:
        for step in work(Job(folder), means(home, store, factory=factory)):
            print(step.row.encounter_id, step.row.added, flush=True)  # noqa: T201 - its protocol


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else "")
