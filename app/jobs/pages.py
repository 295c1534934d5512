"""The report of a job: a page of counts for whoever runs it, a table of cases for who works them.

The page holds no id of a patient or encounter but those of files that could not be read. The table
has one line for each encounter, so it is as confidential as the charts.
"""

import csv
from collections.abc import Iterable, Mapping
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from app.jobs.ledger import Line
from app.outputs.results import safe
from app.report.markup import prose, table
from app.report.plots import Bar, bars
from audit import AuditError, Store

COLUMNS = (
    "case_id",
    "encounter_id",
    "outcome",
    "lane",
    "state",
    "setting",
    "notes",
    "codes",
    "lane_reasons",
    "errors",
)


def page(figures: Mapping[str, Any]) -> str:
    """Return the page of a job's figures (`app.jobs.shown.figures`), without a script."""
    style = files("resources").joinpath("ui/report.css").read_text(encoding="utf-8")
    name = escape(str(figures["job"]))
    body = "".join(
        f"<h2>{escape(title)}</h2>{text}"
        for title, text in (
            ("Outcome", _outcome(figures)),
            ("Could not be read", _unread(figures["unread"])),
            ("Chapters of the suggested codes", _bars(figures["chapters"], "chapter ")),
            ("Sections the evidence stands in", _bars(figures["sections"])),
            ("Kinds of note", _bars(figures["kinds"])),
            ("Against earlier jobs", _drift(figures)),
        )
    )
    lead = f"{figures['state']}; {figures['total']:,} encounters and files."
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Job {name}</title><style>{style}</style></head><body><main>"
        f'<header><h1>Job {name}</h1><p class="lead">{escape(lead)}</p></header>{body}'
        "<footer>Made by <code>chartproof batch report</code>. Suggestions are assistive; every "
        "case needs a person's sign-off.</footer></main></body></html>\n"
    )


def _outcome(figures: Mapping[str, Any]) -> str:
    rows = [
        ("coded", figures["coded"]),
        ("there already, unchanged", figures["known"]),
        ("analysis failed", figures["failed"]),
        ("could not be read", figures["quarantined"]),
        ("still to do", figures["left"]),
    ]
    lanes = [(f"lane {lane}", count) for lane, count in figures["lanes"].items()]
    seconds = f"{figures['analysis_seconds']:,.1f} s of analysis, {figures['per_second']} a second."
    return prose(seconds) + table(("", "Encounters"), [*rows, *lanes])


def _unread(unread: list[dict[str, str]]) -> str:
    if not unread:
        return prose("Everything could be read.")
    return table(("Name", "Reason"), [(each["name"], each["reason"]) for each in unread])


def _bars(counts: Mapping[str, int], prefix: str = "") -> str:
    if not counts:
        return prose("None.")
    return bars(
        [
            Bar(name=prefix + name, whole=count, part=count, told=f"{count:,}")
            for name, count in counts.items()
        ],
        "Counts",
    )


def _drift(figures: Mapping[str, Any]) -> str:
    compared = figures["drift"]
    rows = [
        (each["what"], each["measure"], each["value"], each["limit"], each["verdict"])
        for each in compared["compared"]
    ]
    strange = figures["not_in_golden_set"]
    names = [
        (what, name, count) for what, found in strange.items() for name, count in found.items()
    ]
    text = prose(f"{compared['jobs']} earlier jobs on the same store.") + table(
        ("", "Measure", "Value", "Limit", "Verdict"), rows
    )
    if names:
        text += prose("Seen here and absent from the golden examples:")
        text += table(("What", "Name", "Count"), names)
    return text


def write_csv(path: Path, store: Store, lines: Iterable[Line]) -> int:
    """Write one line for each encounter or file of a job; return how many."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        path.chmod(0o600)
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for line in lines:
            writer.writerow(_cells(line, store))
            count += 1
    return count


def _cells(line: Line, store: Store) -> list[object]:
    try:
        case = store.case(line.case_id)
    except AuditError:
        return [line.case_id, "", line.outcome, line.lane, "gone", "", "", "", "", ""]
    return [
        case.case_id,
        safe(case.encounter.encounter_id),
        line.outcome,
        case.lane.value,
        case.state.value,
        case.encounter.setting.value,
        len(case.encounter.notes),
        " ".join(row.code for row in case.assigned),
        " ".join(case.lane_reasons),
        safe(" ".join(case.errors)),
    ]
