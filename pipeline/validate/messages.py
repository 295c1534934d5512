"""The sentence for a finding, made from its rule, its codes and the text it cites.

Findings carry no quoted text, so that they may stand in the log as they are; the sentence is made
when somebody reads it, from the release that the finding names.
"""

from pipeline.model import Finding
from taxonomy import Taxonomy

_SENTENCES = {
    "exists": "{code} is not a code of {release}.",
    "billable": "{code} is a header of {release}, not a billable code; more characters are needed.",
    "seventh-character": "{code} needs a 7th character: {detail}.",
    "duplicate": "{code} is in the set more than once; a code is reported once per encounter.",
    "excludes1": "{code} and {other} exclude each other unless they are unrelated: {note}",
    "combination": "{code} stands for {rest} together.",
    "uncertain-diagnosis": (
        "{code} is documented as uncertain and counted as established, because this is an "
        "inpatient claim of a facility."
    ),
    "setting-assumed": "The setting was not given; outpatient rules were applied.",
    "release-assumed": "No date was given; the codes were checked against {release}.",
    "release-missing": (
        "The date of this encounter lies outside {release}; the codes were checked against it all "
        "the same. Confirm that they are valid on that date."
    ),
    "nothing-documented": "No condition to suggest a code for was found in this encounter.",
    "same-text": "Another encounter holds the same text; check that this one is not a copy.",
}


def message(finding: Finding, taxonomy: Taxonomy) -> str:
    """Return the sentence for a finding; a rule without one is named by its id."""
    template = _SENTENCES.get(finding.rule, "Rule {rule} applies.")
    codes = [*finding.codes, "", ""]
    return template.format(
        rule=finding.rule,
        code=codes[0],
        other=codes[1],
        rest=" and ".join(finding.codes[1:]),
        release=finding.release or taxonomy.release.label,
        detail=", ".join(finding.detail),
        note=_cited(finding, taxonomy),
    )


def _cited(finding: Finding, taxonomy: Taxonomy) -> str:
    """Return the tabular note that a source such as `tabular I10 excludes1 1` points to."""
    parts = finding.source.split()
    if len(parts) != 4 or parts[0] != "tabular":  # noqa: PLR2004 - four words, see Finding.source
        return ""
    found = taxonomy.note_at(parts[1], parts[2], int(parts[3]))
    return f"“{found.text}” ({parts[1]})" if found else ""
