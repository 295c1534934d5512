"""Saved evaluations: which codes each document was given, and what two of them differ in.

A saved run holds ids of documents, codes, confidences and digests, and no word of a note, so that
it may be kept where notes may not. Two runs are compared over the documents they share.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from app import AppError, UsageError
from app.canonical import printable
from app.intervals import Counts, difference
from app.scores import Figures, Scored, prf
from pipeline.model import Route, Scope


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SuggestedCode(_Strict):
    """A code as it was suggested."""

    code: str
    confidence: float
    route: Route


class Document(_Strict):
    """One document: the codes it should have been given, and those it was; both in order."""

    doc_id: str
    gold: tuple[str, ...]
    suggested: tuple[SuggestedCode, ...]

    @property
    def assigned(self) -> frozenset[str]:
        """Return every suggested code."""
        return frozenset(each.code for each in self.suggested)


class Run(_Strict):
    """One evaluation; `gold_sha256` names the documents and their gold codes."""

    kind: Literal["chartproof-evaluation"] = "chartproof-evaluation"
    schema_version: Literal[1] = 1
    dataset: str
    scope: Scope
    release: str
    gold_sha256: str
    provenance: Mapping[str, str]
    documents: tuple[Document, ...]


def of(scored: Sequence[Scored], *, dataset: str, scope: Scope, release: str) -> Run:
    """Return what is kept of an evaluation; `dataset` is a name and no path."""
    documents = tuple(
        Document(
            doc_id=each.gold.encounter.encounter_id,
            gold=tuple(sorted(each.gold.codes)),
            suggested=tuple(
                SuggestedCode(code=s.code, confidence=s.confidence, route=s.route)
                for s in sorted(each.suggestions, key=lambda s: s.code)
            ),
        )
        for each in scored
    )
    gold = json.dumps([[each.doc_id, each.gold] for each in documents])
    origin = next((each.result.provenance for each in scored if each.result), None)
    names = ("code_version", "taxonomy_digest", "model_digest", "index_digest", "rules_digest")
    return Run(
        dataset=dataset,
        scope=scope,
        release=release,
        gold_sha256=hashlib.sha256(gold.encode()).hexdigest(),
        provenance={name: getattr(origin, name) for name in names} if origin else {},
        documents=documents,
    )


def write(path: Path, run: Run) -> None:
    """Write a run as JSON, one document a line, so that two of them can be compared by eye.

    Raises:
        AppError: the file cannot be written.
    """
    head = run.model_dump(mode="json", exclude={"documents"})
    opening = json.dumps(head, indent=1).removesuffix("\n}")
    rows = ",\n".join("  " + each.model_dump_json() for each in run.documents)
    write_text(path, f'{opening},\n "documents": [\n{rows}\n ]\n}}\n')


def write_text(path: Path, text: str) -> None:
    """Write a file of results.

    Raises:
        AppError: the file cannot be written.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        name, reason = printable(path.as_posix()), error.strerror
        raise AppError(f"{name} cannot be written ({reason}); choose another place.") from None


def require_place(path: Path) -> None:
    """Refuse a place that nothing can be written to, before the long work and not after it.

    Raises:
        UsageError: the folder does not exist, or the path is itself a folder.
    """
    name = printable(path.as_posix())
    if path.is_dir():
        raise UsageError(f"{name} is a folder; name the file to write.")
    if not path.absolute().parent.is_dir():
        raise UsageError(f"The folder of {name} does not exist; make it first.")


def read(path: Path) -> Run:
    """Read a saved run.

    Raises:
        UsageError: the file cannot be read, or is no saved run of this version.
    """
    name = printable(path.as_posix())
    try:
        return Run.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{name} cannot be read ({error.strerror}); check the file.") from None
    except ValidationError:
        raise UsageError(
            f"{name} is no saved run of this version; make one with `chartproof evaluate --save`."
        ) from None


def compare(before: Run, after: Run) -> Figures:
    """Return what changed from one run to another, document by document.

    Both are scored against the gold codes of the later one, over the documents both have;
    `relabelled` counts those whose gold codes differ. A document is listed where its codes changed:
    `gained` and `lost`, each cut into `right` (gold) and `wrong`.
    """
    earlier = {each.doc_id: each for each in before.documents}
    later = {each.doc_id: each for each in after.documents}
    shared = [(earlier[doc_id], one) for doc_id, one in later.items() if doc_id in earlier]
    changed = [
        {"doc_id": new.doc_id, **_change(old.assigned, new.assigned, set(new.gold))}
        for old, new in shared
        if old.assigned != new.assigned
    ]
    tables = [
        _table([(side.assigned, set(new.gold)) for side, new in sides])
        for sides in (shared, [(new, new) for _, new in shared])
    ]
    return {
        "dataset": before.dataset,
        "same_gold": before.gold_sha256 == after.gold_sha256,
        "scopes": [before.scope, after.scope],
        "documents": len(shared),
        "only_before": len(earlier.keys() - later.keys()),
        "only_after": len(later.keys() - earlier.keys()),
        "relabelled": sum(old.gold != new.gold for old, new in shared),
        "before": _prf(tables[0]),
        "after": _prf(tables[1]),
        "difference": difference(*tables),
        "changed": changed,
    }


def _change(old: frozenset[str], new: frozenset[str], gold: set[str]) -> Figures:
    gained, lost = new - old, old - new
    return {
        "gained_right": sorted(gained & gold),
        "gained_wrong": sorted(gained - gold),
        "lost_right": sorted(lost & gold),
        "lost_wrong": sorted(lost - gold),
    }


def _table(rows: Sequence[tuple[frozenset[str], set[str]]]) -> Counts:
    counted = [(len(mine & gold), len(mine), len(gold)) for mine, gold in rows]
    return np.array(counted, dtype=np.float64).reshape(-1, 3)


def _prf(table: Counts) -> Figures:
    true, assigned, gold = (int(value) for value in table.sum(axis=0))
    return prf(true=true, assigned=assigned, gold=gold)
