"""Is all that codes in one run the same? What workers hold, and say of results, goes by digest.

A machine with another version, other rules, models or releases would code otherwise, and its
results would stand beside the others as if they were alike: it is refused.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from importlib.resources import files
from pathlib import Path

import taxonomy
from app.crew import BatchError, Recipe
from pipeline.model import Provenance

CODE = ("app", "audit", "pipeline", "taxonomy", "resources")
_OF_A_RELEASE = frozenset({"release", "taxonomy_digest", "index_digest", "sources"})
"""What differs between two encounters that are coded in two releases."""

_NAMES = {
    "code_version": "version of the program",
    "taxonomy_digest": "list of codes",
    "model_digest": "model",
    "index_digest": "index",
    "rules_digest": "set of rules",
    "config_digest": "configuration",
    "scope": "scope",
    "chat_model": "chat model",
    "sources": "imported lists",
    "libraries": "libraries",
}


def holds(recipe: Recipe) -> dict[str, str]:
    """Return the digests (SHA-256, hex) of what this machine would code with, by what it is."""
    roots = [(name, Path(str(files(name)))) for name in CODE]
    found = {
        "program": _digest(_files(roots, code=True)),
        "rules and models": _digest(_files(roots, code=False)),
    }
    inner = recipe.options.get("recipe")
    options = inner.options if isinstance(inner, Recipe) else recipe.options
    cache, library = options.get("cache"), options.get("library")
    if isinstance(cache, Path) and isinstance(library, Path):
        there = taxonomy.releases(cache, library)
        found["releases"] = _digest(
            (f"{release.label} {release.digest}", repr(sorted(lists.items())).encode())
            for release in there.all()
            for lists in (there.supplements(release.label).digests(),)
        )
    return found


def differing(ours: Mapping[str, str], theirs: Mapping[str, str]) -> tuple[str, ...]:
    """Return what two machines do not hold alike."""
    return tuple(name for name in {**ours, **theirs} if ours.get(name) != theirs.get(name))


def agree(said: Provenance, before: Iterable[Provenance]) -> None:
    """Compare what a worker codes with with what workers said in this run before.

    Raises:
        BatchError: they differ in more than the release, or in what belongs to one release.
    """
    for other in before:
        differ = [
            each.name
            for each in fields(Provenance)
            if getattr(said, each.name) != getattr(other, each.name)
            and not (each.name in _OF_A_RELEASE and said.release != other.release)
        ]
        if differ:
            what = ", ".join(_NAMES.get(name, name) for name in differ)
            raise BatchError(
                f"A worker codes with another {what} than the workers before it: the program or "
                "its data were changed meanwhile, or its machine has others. Its results are "
                "refused; run it again once all have the same."
            )


def _files(roots: Iterable[tuple[str, Path]], *, code: bool) -> Iterator[tuple[str, bytes]]:
    for name, root in roots:
        for path in sorted(root.rglob("*")):
            kept = path.suffix == ".py" if code else path.suffix not in {".py", ".pyc"}
            if kept and path.is_file():
                yield f"{name}/{path.relative_to(root).as_posix()}", path.read_bytes()


def _digest(items: Iterable[tuple[str, bytes]]) -> str:
    digest = hashlib.sha256()
    for name, data in items:
        digest.update(f"{len(name.encode())} {name} {len(data)} ".encode() + data)
    return digest.hexdigest()
