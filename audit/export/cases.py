"""Cases written to files in the forms others read, one file a case and form."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from audit.checkpoints import Checkpoint
from audit.choice import Choice, choose
from audit.export.fhir import fhir_of
from audit.export.files import new_folder, private_file
from audit.export.forms import csv_of, json_of
from audit.export.page import page_of
from audit.export.sheet import Sheet, Title, make_sheet
from audit.handling import Handling
from audit.model import AuditError
from audit.people import roles_notice
from audit.store import Store

Printer = Callable[[str], bytes]
"""Makes a PDF of a page."""

_ENDS = {"csv": ".csv", "json": ".json", "fhir": ".fhir.json", "html": ".html", "pdf": ".pdf"}
FORMS = tuple(_ENDS)


def export_cases(
    store: Store,
    out: Path,
    choice: Choice,
    *,
    forms: Sequence[str],
    texts: bool,
    title: Title,
    printer: Printer | None = None,
) -> int:
    """Write the chosen cases into a new folder, whole or not at all; return how many there are.

    Files are named by case id, which is random. Each form is an event before its first byte
    leaves. AuditError where the person may not export, nothing is as chosen, something lies there
    already, or the disk does not take it. `printer` is needed for the form pdf.
    """
    if "pdf" in forms and printer is None:
        raise AuditError("A PDF needs the program's window parts; export html instead.")
    with new_folder(out) as folder:
        with store.door.reading() as connection:
            cases = choose(connection, choice)
        for form in forms:
            Handling(store).leaves(form, choice, texts=texts, cases=cases)
        point = store.door.vouched()[0][-1].checkpoint
        for case_id in cases:
            sheet = read_sheet(store, case_id, title=title, texts=texts)
            for form in forms:
                content = _written(form, store, sheet, point, printer)
                with private_file(folder / f"{case_id}{_ENDS[form]}") as stream:
                    stream.write(content)
    return len(cases)


def read_sheet(store: Store, case_id: str, *, title: Title, texts: bool) -> Sheet:
    """Return the sheet of a case as it is now, without recording that it was read."""
    with store.door.reading() as connection:
        return make_sheet(
            connection,
            case_id,
            store_id=store.store_id,
            title=title,
            texts=texts,
            roles=roles_notice(enforced=store.door.enforced),
        )


def print_page(store: Store, case_id: str, *, title: Title) -> str:
    """Return the page of a case that is about to be printed, which is an event."""
    choice = Choice(cases=(case_id,))
    Handling(store).leaves("print", choice, texts=True, cases=(case_id,))
    point = store.door.vouched()[0][-1].checkpoint
    return _page(store, read_sheet(store, case_id, title=title, texts=True), point)


def _page(store: Store, sheet: Sheet, point: Checkpoint) -> str:
    return page_of(sheet, point, made=store.door.watch.time(), by=store.door.actor.id)


def _written(
    form: str, store: Store, sheet: Sheet, point: Checkpoint, printer: Printer | None
) -> bytes:
    match form:
        case "csv":
            return csv_of(sheet).encode()
        case "json":
            return _json(json_of(sheet, point))
        case "fhir":
            return _json(fhir_of(sheet, point))
        case "html":
            return _page(store, sheet, point).encode()
        case "pdf" if printer is not None:
            return printer(_page(store, sheet, point))
        case _:
            raise AuditError(f"There is no form {form}; the forms are {', '.join(FORMS)}.")


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False).encode() + b"\n"
