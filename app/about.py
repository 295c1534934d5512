"""What `chartproof info` shows: versions, release, digests, the store, and where things lie."""

import platform
import sys
from dataclasses import asdict
from importlib import metadata
from pathlib import Path

from app import compose, engine, faults
from app.batch import LoadReport
from app.settings import Settings
from audit import Where

_LIBRARIES = (
    "PySide6-Essentials",
    "hnswlib",
    "numpy",
    "pydantic",
    "rapidfuzz",
    "simple-icd-10-cm",
    "spacy",
    "sqlcipher3",
    "sqlmodel",
    "tokenizers",
)


def version() -> str:
    """Return the installed version of this program."""
    try:
        return metadata.version("chartproof")
    except metadata.PackageNotFoundError:
        return "not installed"


def facts(settings: Settings, *, store: Where, report: LoadReport) -> dict[str, object]:
    """Return everything as a JSON value; what cannot be loaded is a sentence in its place.

    Loads the engine for its digests, which builds the index where the cache has none.
    """
    return {
        "schema": 1,
        "chartproof": version(),
        "python": f"{platform.python_version()} ({sys.executable})",
        "platform": platform.platform(),
        "release": _release(settings, report),
        "releases": _releases(settings),
        "digests": _digests(settings, report),
        "settings": {
            "scope": settings.scope,
            "setting": settings.setting,
            "workers": settings.workers,
            "actor": settings.actor,
        },
        "paths": {
            "store": _place(store),
            "demo_store": _place(settings.demo),
            "heads": _place(settings.state / "heads"),
            "locks": _place(settings.state / "locks"),
            "keys": _place(settings.config / "keys"),
            "settings_file": _place(settings.file),
            "cache": _place(settings.cache),
            "program": str(Path(__file__).parent.parent),
        },
        "libraries": {name: _library(name) for name in _LIBRARIES},
    }


def _release(settings: Settings, report: LoadReport) -> object:
    try:
        release = compose.load_taxonomy(settings, report=report).release
    except Exception as error:  # noqa: BLE001 - info must say what is wrong, not end with it
        return faults.sentence(error)
    return {
        "label": release.label,
        "effective_from": release.effective_from.isoformat(),
        "effective_to": release.effective_to.isoformat(),
        "digest": release.digest,
        "source": release.source,
    }


def _releases(settings: Settings) -> object:
    """Return what coding uses by date: label, dates, and the imported lists that rules ask."""
    try:
        found = compose.open_releases(settings).facts()
    except Exception as error:  # noqa: BLE001 - info must say what is wrong, not end with it
        return faults.sentence(error)
    return {
        each.release.label: ", ".join(
            (
                f"{each.release.effective_from} to {each.release.effective_to}",
                *(["provisional"] if each.release.provisional else []),
                *each.coding,
            )
        )
        for each in found
    }


def _digests(settings: Settings, report: LoadReport) -> object:
    try:
        loaded = engine.load(
            cache=settings.cache, library=settings.library, scope=settings.scope, report=report
        )
    except Exception as error:  # noqa: BLE001 - info must say what is wrong, not end with it
        return faults.sentence(error)
    values = asdict(loaded.provenance)
    return {name: value for name, value in values.items() if name.endswith("_digest")}


def _place(path: Where) -> str:
    if not isinstance(path, Path):
        return str(path)
    return str(path) if path.exists() else f"{path} (not there yet)"


def _library(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"
