"""An evaluation as one HTML page: figures, plots, tables; no script, nothing loaded from elsewhere.

The page shows what `evaluate --json` prints and nothing else, so it holds ids of documents and
codes, and no word of a note. Everything that is put in is escaped.
"""

from collections.abc import Mapping
from html import escape
from importlib.resources import files

from app.report import parts
from app.report.markup import Values, number, span
from app.wording import say

__all__ = ["page"]


def page(figures: Values, *, dataset: str, provenance: Mapping[str, str]) -> str:
    """Return the page of an evaluation; `figures` are those of `app.evaluate`."""
    shown = [("scores", "Scores", parts.scores(figures))]
    if "comparison" in figures:
        shown.append(("changes", "Changes", parts.comparison(figures["comparison"])))
    shown += [
        ("losses", "Where codes are lost", parts.losses(figures)),
        ("confidence", "Confidence", parts.confidence(figures)),
        ("chapters", "Chapters", parts.chapters(figures["chapters"])),
        ("sections", "Sections", parts.sections(figures["sections"])),
        ("blind", "Blind spots", parts.blind_spots(figures["blind_spots"])),
        ("confusion", "Confusion", parts.confusion(figures["confusion"])),
    ]
    if "mentions" in figures:
        shown.append(("mentions", "Mentions", parts.mentions(figures["mentions"])))
    links = "".join(f'<a href="#{key}">{escape(title)}</a>' for key, title, _ in shown)
    body = "".join(f'<h2 id="{key}">{escape(title)}</h2>{text}' for key, title, text in shown)
    style = files("resources").joinpath("ui/report.css").read_text(encoding="utf-8")
    count = f"{figures['documents']:,} document" + ("s" if figures["documents"] != 1 else "")
    failed = f", {figures['failed']} of them failed" if figures["failed"] else ""
    lead = (
        f"{count}{failed}; {say('scopes', figures['scope'])} (scope {figures['scope']}); "
        f"codes of {figures['release']}."
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Evaluation of {escape(dataset)}</title><style>{style}</style></head><body><main>"
        f'<header><h1>Evaluation of {escape(dataset)}</h1><p class="lead">{escape(lead)}</p>'
        f"<nav>{links}</nav></header>{_cards(figures)}{body}{_footer(provenance)}"
        "</main></body></html>\n"
    )


def _cards(figures: Values) -> str:
    exact, ranges = figures["exact"], figures["intervals"]
    calibration, routed = figures["calibration"], figures["auto"]["routed"]
    shown = [
        ("Micro F1", exact["f1"], span(ranges["f1"])),
        ("Precision", exact["precision"], span(ranges["precision"])),
        ("Recall", exact["recall"], span(ranges["recall"])),
        ("F1 of categories", figures["category"]["f1"], "first three characters"),
        ("Calibration error", calibration["ece"], "ECE, ten bins"),
        ("Confidence − precision", calibration["gap"], span(calibration["interval"])),
        ("Routed AUTO", routed["coverage"], f"precision {number(routed['precision'])}"),
        (
            "Seconds a note",
            figures["seconds"]["p95"],
            f"p95; p50 {number(figures['seconds']['p50'])}",
        ),
    ]
    return (
        '<div class="cards">'
        + "".join(
            f'<div class="card"><div class="what">{escape(what)}</div>'
            f'<div class="figure">{number(value)}</div>'
            f'<div class="range">{escape(told)}</div></div>'
            for what, value, told in shown
        )
        + "</div>"
    )


def _footer(provenance: Mapping[str, str]) -> str:
    facts = "".join(
        f"<br>{escape(name.replace('_', ' '))}: <code>{escape(value)}</code>"
        for name, value in provenance.items()
    )
    return (
        "<footer>Made by <code>chartproof evaluate</code>. Suggestions are assistive; a coder "
        f"decides and answers for the claim.{facts}</footer>"
    )
