"""What is handed out of a store: checkpoints, the key that signs them, exports of the record."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app import AppError
from app.wording import count
from audit import Store
from audit.export import Choice, Title, export_bundle, export_cases, print_page
from audit.handling import Handling

BUNDLE = "bundle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a person wants to hand out: where to, in which form, which cases, with words or not."""

    out: Path
    form: str
    choice: Choice
    texts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A checkpoint or key as it was handed out, and facts about it for JSON."""

    content: str
    facts: dict[str, Any]


class Outlet:
    """What the window hands out of one store; each is an event before anything leaves."""

    def __init__(self, store: Store, *, title: Title) -> None:
        self._store = store
        self._title = title

    def write(self, wanted: Wanted) -> str:
        """Write what is wanted and return a sentence that says so."""
        if wanted.form == BUNDLE:
            done = export(self._store, wanted.out, wanted.choice, texts=wanted.texts)
            cases, events = count(done["cases"], "case"), count(done["events"], "event")
            return f"{wanted.out} is written: {cases}, {events}."
        written = export_forms(
            self._store,
            wanted.out,
            wanted.choice,
            forms=[wanted.form],
            texts=wanted.texts,
            title=self._title,
        )
        return f"{wanted.out} is written: {count(written, 'case')} as {wanted.form}."

    def print_page(self, case_id: str) -> str:
        """Return the page of a case that goes to a printer now."""
        return print_page(self._store, case_id, title=self._title)


def issue_checkpoint(store: Store, file: Path | None) -> Issued:
    """Sign the log as it is; write the checkpoint to a new file where one is named."""
    if file is not None:
        _free(file)
    kept, key = Handling(store).checkpoint()
    facts = {
        "origin": kept.checkpoint.origin,
        "size": kept.checkpoint.size,
        "root": kept.checkpoint.root.hex(),
        "checkpoint": kept.content,
        "key": key.vkey,
        "fingerprint": key.fingerprint,
    }
    return _written(file, Issued(content=kept.content, facts=facts))


def issue_key(store: Store, file: Path | None) -> Issued:
    """Give the public key that signs on this machine; write it to a new file where one is named."""
    if file is not None:
        _free(file)
    _, key = Handling(store).checkpoint()
    facts = {"key": key.vkey, "fingerprint": key.fingerprint}
    return _written(file, Issued(content=f"{key.vkey}\n", facts=facts))


def export(store: Store, out: Path, choice: Choice, *, texts: bool) -> dict[str, Any]:
    """Write a bundle and return its manifest."""
    return export_bundle(store, out, choice, texts=texts)


def export_forms(
    store: Store,
    out: Path,
    choice: Choice,
    *,
    forms: Sequence[str],
    texts: bool,
    title: Title,
) -> int:
    """Write a file of each case in each form and return the number of cases."""
    if BUNDLE in forms:
        raise AppError("A bundle and other forms go into two exports; ask for one at a time.")
    printer = None
    if "pdf" in forms:
        from app.desktop.pdf import pdf_of  # noqa: PLC0415 - Qt is loaded for this alone

        printer = pdf_of
    return export_cases(store, out, choice, forms=forms, texts=texts, title=title, printer=printer)


def _free(file: Path) -> None:
    if file.exists():
        raise AppError(f"{file} is there already. Choose another name; nothing was written.")


def _written(file: Path | None, issued: Issued) -> Issued:
    if file is None:
        return issued
    try:
        with file.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(issued.content)
    except OSError as error:
        raise AppError(f"{file} cannot be written: {error.strerror}.") from None
    return issued
