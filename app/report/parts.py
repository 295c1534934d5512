"""The parts of the report, each from the figures it shows."""

from collections.abc import Sequence

from app.report import plots
from app.report.markup import Values, number, prf_table, prose, span, table
from app.report.plots import Bar
from app.wording import known, say

CHANGED = 200
"""Changed documents that are listed; the saved runs hold the rest."""


def scores(figures: Values) -> str:
    """Return the scores of codes, of evidence, and with partial credit."""
    named = [
        ("Exact codes", figures["exact"]),
        ("Categories, each once a document", figures["category"]),
        ("Exact, without symptom codes (chapter 18)", figures["without_symptom_chapter"]),
        ("Evidence: spans that overlap", figures["evidence"]),
        ("Evidence of the right codes", figures["evidence"]["matched"]),
    ]
    partial = figures["partial"]
    levels = [(say("credit", name), value) for name, value in partial["levels"].items()]
    levels.append(("Weighted by level", partial["weighted"]))
    weights = ", ".join(
        f"{weight:g} {say('levels', name).lower()}"
        for name, weight in partial["weighted"]["weights"].items()
    )
    return (
        prose(
            "Micro figures. Intervals above are 95 % bootstrap intervals over documents "
            f"({figures['intervals']['resamples']:,} resamples)."
        )
        + prf_table(named)
        + "<h3>Partial credit</h3>"
        + prose(
            "Each gold code is paired with at most one suggested code, the nearest first; a pair "
            f"counts as right from the level it agrees at. Weights: {weights}."
        )
        + prf_table(levels)
    )


def mentions(found: Values) -> str:
    """Return how well retrieval alone ranks the code of a mention."""
    return prose(
        f"{found['pairs']:,} pairs of words and code, ranked by retrieval alone; codes are "
        "compared without their 7th character."
    ) + table(
        ("R@1", "R@10", "R@50", "MRR", "Gold is a header", "Gold is unknown"),
        [
            [
                found[name]
                for name in (
                    "r_at_1",
                    "r_at_10",
                    "r_at_50",
                    "mrr",
                    "header_gold",
                    "unknown_gold",
                )
            ]
        ],
    )


def losses(figures: Values) -> str:
    """Return the funnel of the stages and why codes were lost in each."""
    told = figures["losses"]
    gold = told["gold"] or 1
    rows = [
        Bar(name="All gold codes", whole=told["gold"], part=told["gold"], told=f"{told['gold']:,}")
    ]
    before = told["gold"]
    for each in told["stages"]:
        if not each["lost"] and each["stage"] == "analysis":
            continue
        share = f"{each['held']:,} ({each['held'] / gold:.0%})"
        share += f", {each['lost']:,} lost" if each["lost"] else ""
        name = say("held_after", each["stage"])
        rows.append(Bar(name=name, whole=before, part=each["held"], told=share))
        before = each["held"]
    reasons = [
        (
            say("lost_at", each["stage"]),
            _reason(why["reason"]),
            why["count"],
            f"{why['count'] / gold:.1%}",
        )
        for each in told["stages"]
        for why in each["reasons"]
    ]
    return (
        prose(
            "Each gold code that is not suggested is counted once, at the stage after the furthest "
            "it came by any mention of its document. The last bar is what was suggested."
        )
        + plots.bars(rows, "Gold codes still held after each stage")
        + "<h3>Why</h3>"
        + table(("Lost", "Reason", "Codes", "Of all gold"), reasons)
    )


def confidence(figures: Values) -> str:
    """Return the reliability plot, and what thresholds would let through."""
    calibration = figures["calibration"]
    if calibration["ece"] is None:
        return prose("Nothing was suggested, so there is no confidence to judge.")
    holds = "holds" if calibration["holds_zero"] else "does not hold"
    thresholds = table(
        ("At or above", "Codes", "Coverage", "Precision", "Recall"),
        [
            (
                f"{each['threshold']:.2f}",
                *(each[name] for name in ("count", "coverage", "precision", "recall")),
            )
            for each in figures["auto"]["thresholds"]
        ],
        first="number",
    )
    routed = figures["auto"]["routed"]
    auto = (
        f"{routed['count']:,} codes were routed AUTO, at precision {number(routed['precision'])}."
        if routed["count"]
        else "No code was routed AUTO: no threshold is certified for it."
    )
    return (
        prose(
            f"Expected calibration error {number(calibration['ece'])}. Mean confidence minus "
            f"precision is {number(calibration['gap'])}; its 95 % interval, "
            f"{span(calibration['interval'])}, {holds} zero."
        )
        + f'<div class="beside"><div>{plots.reliability(calibration["bins"])}</div>'
        + f"<div>{thresholds}{prose(auto)}</div></div>"
    )


def chapters(rows: Sequence[Values]) -> str:
    """Return bars and figures by chapter."""
    bars = [
        Bar(
            name=f"{each['chapter']}  {each['title']}",
            whole=each["gold"],
            part=each["true"],
            told=f"{each['true']} of {each['gold']}",
        )
        for each in rows
        if each["gold"]
    ]
    return (
        prose("Bars: gold codes of the chapter, and how many of them were suggested.")
        + plots.bars(bars, "Gold codes found, by chapter")
        + table(
            ("Chapter", "Precision", "Recall", "F1", "Right", "Suggested", "Gold"),
            [
                (
                    f"{each['chapter']}  {each['title']}",
                    *(each[name] for name in ("precision", "recall", "f1")),
                    *(each[name] for name in ("true", "assigned", "gold")),
                )
                for each in rows
            ],
        )
    )


def sections(rows: Sequence[Values]) -> str:
    """Return figures by section of the note."""
    return prose(
        "Recall by the section the gold words stand in (a code counts in each of its sections), "
        "precision by the section of a suggestion's best words."
    ) + table(
        ("Section", "Recall", "Gold", "Precision", "Suggested"),
        [
            (
                say("sections", each["section"]) or "No heading",
                each["recall"],
                each["gold"],
                each["precision"],
                each["assigned"],
            )
            for each in rows
        ],
    )


def blind_spots(rows: Sequence[Values]) -> str:
    """Return the codes that are never found."""
    if not rows:
        return prose("No code that is gold three times or more is always missed.")
    return prose("Codes that are gold three times or more and were never suggested.") + table(
        ("Code", "Title", "Gold", "Mostly lost", "Reason"),
        [
            (
                each["code"],
                each["title"] or "not in this release",
                each["gold"],
                say("lost_at", each["stage"]),
                _reason(each["reason"]),
            )
            for each in rows
        ],
        first="code",
    )


def confusion(told: Values) -> str:
    """Return the families suggested in place of others."""
    return prose(
        f"Of {told['missed']:,} gold codes that were missed, {told['missed'] - told['alone']:,} "
        "have a wrong suggestion on their words or in their sentence. Equal families: the detail "
        "was wrong."
    ) + table(
        ("Gold family", "Suggested", "Times", "On the same words", "Most often"),
        [
            (
                each["gold"],
                each["suggested"],
                each["count"],
                each["same_words"],
                " → ".join(each["example"]),
            )
            for each in told["pairs"]
        ],
        first="code",
    )


def comparison(told: Values) -> str:
    """Return what changed since a saved run."""
    grown = told["difference"]
    if grown["f1"] is None:
        return prose("The two runs share no document.")
    verdict = (
        "holds zero: the sample does not tell them apart"
        if grown["holds_zero"]
        else "holds no zero"
    )
    notes = [
        (
            f"F1 changed by {grown['f1']:+.4f}; its 95 % interval over the same draws of "
            f"documents, {span(grown['interval'])}, {verdict}."
        )
    ]
    if told["relabelled"]:
        notes.append(
            f"{told['relabelled']} documents have other gold codes now; both are scored by these."
        )
    if told["only_before"] or told["only_after"]:
        notes.append(
            f"Left out: {told['only_before']} documents of the earlier run alone, "
            f"{told['only_after']} of this one alone."
        )
    if len(set(told["scopes"])) > 1:
        notes.append(f"The scopes differ: {' before, '.join(told['scopes'])} now.")
    changed = told["changed"]
    notes.append(f"{len(changed)} of {told['documents']} documents were given other codes.")
    rows = [
        (
            each["doc_id"],
            " ".join(each["gained_right"]),
            " ".join(each["lost_wrong"]),
            " ".join(each["lost_right"]),
            " ".join(each["gained_wrong"]),
        )
        for each in changed[:CHANGED]
    ]
    listed = table(
        ("Document", "Gained, right", "Lost, wrong", "Lost, right", "Gained, wrong"),
        rows,
        kinds=("code", "good", "good", "bad", "bad"),
    )
    more = len(changed) - len(rows)
    rest = prose(f"{more} more documents changed.") if more else ""
    return (
        "".join(prose(note) for note in notes)
        + prf_table([("Before", told["before"]), ("After", told["after"])])
        + (f"<details><summary>Changed documents</summary>{listed}{rest}</details>" if rows else "")
    )


def _reason(identifier: str) -> str:
    """Return why a code was lost, in the words of the stage or in the report's own."""
    return say("losses" if known("losses", identifier) else "reasons", identifier)
