"""The sentence for a finding, made from its rule, its codes and the text it cites.

Findings carry no quoted text, so that they may stand in the log as they are; the sentence is made
when somebody reads it, from the release that the finding names. The sentences of the rules in
`resources/rules/guidelines.json` stand there beside the rules.
"""

from functools import cache
from types import MappingProxyType

from pipeline.model import Finding
from pipeline.validate import documented, shapes
from taxonomy import Taxonomy

_SENTENCES = MappingProxyType(
    {
        "exists": "{code} is not a code of {release}.{fix}",
        "billable": (
            "{code} is a header of {release}, not a billable code; one of those below it is "
            "needed: {detail}."
        ),
        "seventh-character": "{code} needs a 7th character: {detail}.",
        "placeholder": "{code} lacks the placeholder X: {detail}.",
        "duplicate": "{code} is in the set more than once; a code is reported once per encounter.",
        "excludes1": (
            "{code} and {other} exclude each other unless they are unrelated: {note} If the words "
            "of the note are the condition, {other} is its code; if the two conditions are "
            "unrelated, both stand; if the chart does not say, ask the provider."
        ),
        "excludes2.V07": (
            "{code} does not include what {other} stands for; both are coded where both are "
            "documented: {note}"
        ),
        "code-also.V11": "{code} may need a second code, in either order: {note}",
        "combination": "{code} stands for {rest} together.",
        "uncertain-diagnosis": (
            "{code} is documented as uncertain and counted as established, because this is an "
            "inpatient claim of a facility."
        ),
        "confirmed-only.Q03": (
            "{code} is coded only when confirmed; here it is uncertain.{instead}"
        ),
        "setting-assumed": "The setting was not given; outpatient rules were applied.",
        "release-assumed": "No date was given; the codes were checked against {release}.",
        "release-missing": (
            "The date of this encounter lies outside {release}; the codes were checked against "
            "it all the same. Confirm that they are valid on that date."
        ),
        "release-provisional": (
            "{release} is the release before it with the code changes that are known; its notes "
            "may have changed too."
        ),
        "valid-from": "{code} is a code from {values} on; check the date of this encounter.",
        "superseded": "{was} was billable in {before} and is no longer, as of {since}.{now}",
        "nothing-documented": "No condition to suggest a code for was found in this encounter.",
        "copied-forward": (
            "{values} words of later notes stand word for word in an earlier note of this "
            "encounter; evidence names the first occurrence first."
        ),
        "same-text": "Another encounter holds the same text; check that this one is not a copy.",
        "manifestation-first.V08": (
            "{code} is a manifestation and never first; the disease that causes it leads."
        ),
        "manifestation-order.V08": "{code} stands after its cause {other}: {note}",
        "manifestation-alone.V08": "{code} needs the code of the disease that causes it: {note}",
        "manifestation-cause.V08": (
            "{code} needs its cause before it; none of the causes the note names is there: {note}"
        ),
        "code-first.V09": "{other} is coded before {code}: {note}",
        "use-additional.V10": "{code} is the additional code of {other}, which leads: {note}",
        "additional-missing.V10": "{code} asks for an additional code: {note}",
        "integral-symptom.V24": "{code} is a sign or symptom that {other} explains.",
        "symptom-first.Q04": "{code} is a symptom; {other}, which explains it, leads.",
        "combination-missed.V16": "One code stands for {codes} together: {values}.",
        "hypertension-linked.C10": (
            "The classification links {codes}, unless documented as unrelated: {values}."
        ),
        "angina-linked.C11": (
            "The classification links {codes}, unless documented as unrelated: {values}."
        ),
        "side-unspecified.V20": "{code} leaves the side open; name it where the chart does.",
        "bilateral.V20": "{code} and {other} are one bilateral code: {values}.",
        "side-within-both.V20": "{other} is for both sides and says what {code} says of one.",
        "multiple-sites.V23": (
            "{code} is for sites that are not documented; {other} names one of them."
        ),
        "acute-with-sequela.V18": (
            "{code} is the acute injury and {other} its late effect; only one is right unless "
            "there are two injuries."
        ),
        "less-specific.V14": "{other} says more precisely what {code} leaves open.",
        "substance-level.C07": "{other} includes {code}: one pattern of use per substance.",
        "burn-degree.C19": "{code} and {other} are burns of one site; the highest degree counts.",
        "burn-order.C19": "{other} is the burn of the highest degree and stands before {code}.",
        "superficial-injury.C18": (
            "{code} is superficial and not coded where {other} is of the same site."
        ),
        "coma-scale-time.V21": "The scores {codes} are not of one time; 7th characters match.",
        "external-cause-episode.C18": (
            "The 7th character of {code} matches that of the injury; {other} has another."
        ),
        "place-at-first-visit.C22": (
            "{code} is reported once, at the initial encounter; {other} is a later one."
        ),
        "external-cause-order.C22": "{other} stands before {code} among the external causes.",
        "ulcer-stages.C15": (
            "{codes} are stages of one pressure ulcer; two are coded only where it evolved during "
            "the stay."
        ),
        "trimester-weeks.C17": (
            "{code} and {other} do not agree: {values} weeks is another trimester. The trimester "
            "of a long stay is the one in which the complication developed."
        ),
        "trimester-open.C17": "{code} leaves the trimester open; the chart or the weeks tell it.",
        "one-principal.Q05": "Only one code can be the principal or first-listed: {codes}.",
        "manifestation-list.P02": "{code} is a manifestation and never the principal diagnosis.",
        "unacceptable-principal.P03": "{code} is not acceptable as principal diagnosis.",
        "age-list.A01": "{code} does not fit the age given; it is for {values} years.",
        "poa-setting.Q12": "Present on admission is for inpatient claims of facilities: {codes}.",
        "poa-value.Q12": "The indicator of {code} is none of Y, N, U, W.",
        "poa-exempt.Q12": "The indicator of {code} is wrong; it should be {values}.",
        "poa-present.Q12": "Present on admission, by the chart: {codes}.{limits}",
        "poa-blank.Q12": "Exempt from the present-on-admission indicator: {codes}.",
        "poa-open.Q12": (
            "Whether present on admission is for a person to say, or a question to the "
            "provider: {codes}.{limits}"
        ),
        "principal-proposed.Q05": (
            "{code} is proposed as principal or first-listed diagnosis; the choice is yours."
        ),
        "result-alone.V25": (
            "{code} rests on results alone; ask the provider whether it matters clinically."
        ),
        "history-alone.Q07": (
            "{code} is documented as past; if it is over, a history code of Z80 to Z87 says so."
        ),
        "other-without-detail.V14": (
            "{code} is for a kind that is named and has no code of its own; the words name no kind."
        ),
        "comparative.Q05": (
            "{codes} are put against each other; for an inpatient both are coded as if confirmed, "
            "elsewhere neither is."
        ),
        "preoperative-only.Q09": (
            "{code} stands among the diagnoses before the operation only; the one after it counts."
        ),
        "uncertain-early.Q02": (
            "{code} is uncertain in earlier notes and not named in the last; only what is still "
            "uncertain at discharge is coded as if established."
        ),
        "author-not-provider.V21": (
            "{code} is named only by a clinician who is not the provider; ask the provider whether "
            "it is a diagnosis."
        ),
        "unsigned-social.C25": (
            "{code} rests on a note that is not signed; what a patient reports counts when a "
            "clinician has signed it."
        ),
        "unrelated.V12": (
            "{code} links {rest}, and the words beside one of them say that something is unrelated."
        ),
        "urosepsis.C01": "Urosepsis has no code and is no sepsis; ask the provider what is meant.",
        "not-checked": "Not checked ({values}).{limits}",
        "read-manually": "A note on {codes} that a person must read: {note}",
    }
)
_MISSING = MappingProxyType(
    {
        "missing=mce": " Import the MCE list to have it checked.",
        "missing=poa-exempt": (
            " Codes exempt from the indicator are not known; import the POA exempt list."
        ),
        "missing=order": " Nobody has put the codes in order yet.",
        "missing=age": " The age is not given.",
        "missing=date": " No date is given.",
        "missing=poa": " No present-on-admission indicator is given.",
    }
)

_PROVISIONAL = " (Provisional: import the official release.)"


def message(finding: Finding, taxonomy: Taxonomy) -> str:
    """Return the sentence for a finding; a rule without one is named by its id.

    `taxonomy` is the release that the finding names; where that is provisional, the sentence ends
    with what to do about it.
    """
    template = _templates().get(finding.rule, "Rule {rule} applies.")
    codes = [*finding.codes, "", ""]
    shown = [each for each in finding.detail if not each.startswith(("missing=", "words="))]
    values = [each.partition("=")[2] or each for each in shown]
    sentence = template.format(
        rule=finding.rule,
        code=codes[0],
        other=codes[1],
        codes=_list(finding.codes),
        rest=" and ".join(finding.codes[1:]),
        release=finding.release or taxonomy.release.label,
        detail=", ".join(values),
        values=", ".join(values),
        limits="".join(_MISSING.get(each, "") for each in finding.detail),
        instead=f" Instead: {', '.join(values)}." if values else " Code the signs and symptoms.",
        fix=f" {finding.detail[0]} is." if finding.detail else "",
        note=_cited(finding, taxonomy),
        since=taxonomy.release.effective_from.isoformat(),
        was=_value(finding, "was"),
        before=_value(finding, "before"),
        now=_now(finding),
    )
    provisional = taxonomy.release.provisional and finding.release == taxonomy.release.label
    return sentence + _PROVISIONAL if provisional else sentence


def known_rules() -> frozenset[str]:
    """Return the rules that have a sentence."""
    return frozenset(_templates())


@cache
def _templates() -> MappingProxyType[str, str]:
    rows = {row.rule: row.say for row in shapes.read().rows}
    rows |= {row.rule: row.say for row in documented.read()}
    return MappingProxyType({**rows, **_SENTENCES})


def _value(finding: Finding, name: str) -> str:
    return next((d.partition("=")[2] for d in finding.detail if d.startswith(f"{name}=")), "")


def _now(finding: Finding) -> str:
    """Say what stands in the place of a code that is no longer billable."""
    successors = tuple(d.partition("=")[2] for d in finding.detail if d.startswith("now="))
    return f" In its place: {_list(successors)}." if successors else " It was deleted."


def _list(codes: tuple[str, ...]) -> str:
    return " and ".join(filter(None, (", ".join(codes[:-1]), *codes[-1:])))


def _cited(finding: Finding, taxonomy: Taxonomy) -> str:
    """Return the tabular note that a source such as `tabular I10 excludes1 1` points to."""
    release = taxonomy.release.label
    parts = finding.source.split()
    if parts[:1] == ["tabular"] and finding.release not in {"", release}:
        return f"the note stands in {finding.release} at {' '.join(parts[1:])}."
    if len(parts) != 4 or parts[0] != "tabular":  # noqa: PLR2004 - four words, see Finding.source
        return ""
    found = taxonomy.note_at(parts[1], parts[2], int(parts[3]))
    return f"“{found.text}” ({parts[1]}, {release})" if found else ""
