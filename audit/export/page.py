"""A case as a page to print: one HTML file that needs nothing else, in plain tags for any printer.

Everything from outside is escaped. The style is small enough for Qt's rich text, which makes the
PDF, and for a browser.
"""

from html import escape

from audit.checkpoints import Checkpoint
from audit.export.forms import ids_of
from audit.export.sheet import Coded, Quote, Sheet

_STYLE = """
body { font-family: sans-serif; font-size: 10pt; color: #1a1a1a; }
h1 { font-size: 15pt; } h2 { font-size: 12pt; }
th { text-align: left; background: #eeeeee; }
td, th { padding: 3px 8px 3px 0; vertical-align: top; }
.quote { color: #444444; } .words { font-weight: bold; color: #000000; }
.small { font-size: 8pt; color: #444444; }
"""

_MAKER = {
    "machine-suggested": "suggested by the program, confirmed by nobody",
    "human-confirmed": "suggested by the program, confirmed by a person",
    "human-entered": "entered by a person",
}


def page_of(sheet: Sheet, checkpoint: Checkpoint, *, made: str, by: str) -> str:
    """Return the page of a case: codes with their words in context, who decided and when."""
    title = f"Coding record {sheet.case_id}"
    parts = [
        f"<h1>{escape(title)}</h1>",
        _facts(sheet),
        "<h2>Codes</h2>",
        _notice(sheet),
        *(_code(coded) for coded in sheet.codes),
        "" if sheet.codes else "<p>This case has no code.</p>",
        _signatures(sheet),
        _remarks(sheet),
        _history(sheet),
        _source(checkpoint, made=made, by=by),
        f'<p class="small">{escape(sheet.roles)}</p>' if sheet.roles else "",
    ]
    body = "\n".join(part for part in parts if part)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n<body>{body}</body></html>\n"
    )


def _source(checkpoint: Checkpoint, *, made: str, by: str) -> str:
    return (
        f'<p class="small">Made {escape(made)} by {escape(by)} from the log '
        f"{escape(checkpoint.origin)} at {checkpoint.size} events, root "
        f"{checkpoint.root.hex()}.</p>"
    )


def _facts(sheet: Sheet) -> str:
    ids = ids_of(sheet)
    origin = sheet.provenance
    rows = [
        ("Encounter", ids["encounter_id"]),
        ("Patient", ids["patient_id"]),
        ("Account", ids["account_id"]),
        ("Setting", f"{sheet.encounter.setting.value}, {sheet.encounter.claim.value} claim"),
        ("Service date", ids["service_date"]),
        ("Admitted", ids["admitted"]),
        ("Discharged", ids["discharged"]),
        ("Release", None if origin is None else origin.release),
        ("State", sheet.state.value),
        ("Submitted", f"{sheet.submitted_at} by {sheet.submitted_by}" if sheet.submitted else None),
    ]
    cells = "".join(
        f"<tr><th>{name}</th><td>{escape(value)}</td></tr>" for name, value in rows if value
    )
    return f"<table>{cells}</table>"


def _notice(sheet: Sheet) -> str:
    if sheet.submitted:
        return ""
    return (
        "<p><b>This case is not submitted. Every code below is a suggestion and none is final.</b>"
        "</p>"
    )


def _code(coded: Coded) -> str:
    said = [coded.standing.value, _MAKER[coded.maker.value]]
    if coded.replaced_by:
        said.append(f"replaced by {coded.replaced_by}")
    if coded.poa is not None:
        said.append(f"present on admission: {coded.poa or 'exempt'}")
    if coded.confidence is not None:
        said.append(f"confidence {coded.confidence:.2f}")
    lines = ["; ".join(said)]
    if coded.decided_by:
        lines.append(f"{coded.decision.value} by {coded.decided_by}, {coded.decided_at}")
    if coded.reason:
        lines.append(f"Reason: {coded.reason}")
    quotes = "".join(_quote(quote) for quote in coded.quotes)
    return (
        f"<p><b>{coded.position}. {escape(coded.code)}</b> {escape(coded.title)}<br>"
        f"{'<br>'.join(escape(line) for line in lines)}</p>{quotes}"
    )


def _quote(quote: Quote) -> str:
    place = f"{escape(quote.note)}, characters {quote.start} to {quote.end}"
    if not quote.words:
        return f'<p class="quote">{place}</p>'
    before, words, after = (
        escape(" ".join(text.split())) for text in (quote.before, quote.words, quote.after)
    )
    return (
        f'<p class="quote">… {before} <span class="words">{words}</span> {after} …<br>'
        f'<span class="small">{place}</span></p>'
    )


def _signatures(sheet: Sheet) -> str:
    if not sheet.signatures:
        return ""
    rows = "".join(
        f"<tr><td>{escape(each.name)}</td><td>{escape(each.role.value)}</td>"
        f"<td>{escape(each.meaning)}</td><td>{escape(each.at)}</td><td>{each.version}</td></tr>"
        for each in sheet.signatures
    )
    head = "<tr><th>Name</th><th>Role</th><th>Meaning</th><th>Time (UTC)</th><th>Version</th></tr>"
    return f"<h2>Signatures</h2><table>{head}{rows}</table>"


def _remarks(sheet: Sheet) -> str:
    rows = "".join(
        f'<p>{escape(each.text)}<br><span class="small">{what}, {escape(each.by)}, '
        f"{escape(each.when)}</span></p>"
        for what, remarks in (("Comment", sheet.comments), ("Query", sheet.queries))
        for each in remarks
    )
    return f"<h2>Comments and queries</h2>{rows}" if rows else ""


def _history(sheet: Sheet) -> str:
    rows = "".join(
        f"<tr><td>{step.seq}</td><td>{escape(step.when)}</td><td>{escape(step.who)}</td>"
        f"<td>{escape(step.role)}</td><td>{escape(step.kind)}</td></tr>"
        for step in sheet.history
    )
    head = "<tr><th>Event</th><th>Time (UTC)</th><th>Who</th><th>Role</th><th>What</th></tr>"
    return f'<h2>History</h2><table class="small">{head}{rows}</table>'
