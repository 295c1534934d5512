"""Rules on codes by themselves: they exist, are whole, and stand once (V01 to V05)."""

from collections import Counter
from collections.abc import Iterator, Sequence

from pipeline.model import Finding, Severity
from pipeline.validate.context import facts
from taxonomy import Superseded, Taxonomy
from taxonomy.fy2027 import billable_changes, provisional_release
from taxonomy.places import normal

IDS = {
    "billable": "V01",
    "seventh-character": "V02",
    "placeholder": "V03",
    "exists": "V04",
    "duplicate": "V05",
    "valid-from": "V04",
    "superseded": "V04",
}
_FULL_LENGTH = 7
_CATEGORY = 3


def asked(taxonomy: Taxonomy) -> Iterator[str]:
    """Yield the rules that this release can be asked, each as `rule.number`.

    What was taken out of use is known by comparison with the release before, and what comes into
    use by the facts of FY2027.
    """
    known = {"superseded": taxonomy.before is not None, "valid-from": _knows_next(taxonomy)}
    return (f"{rule}.{number}" for rule, number in IDS.items() if known.get(rule, True))


def structure(codes: Sequence[str], taxonomy: Taxonomy) -> list[Finding]:
    """Return findings on existence, length, 7th character and repeats (I.A.2-5, I.B.2, I.B.12).

    `detail` is what would make the code valid: the codes with a 7th character, the codes below a
    header, the code with placeholders, or the code without the characters that are too many. A
    code that this release took out of use, or that took the place of one, is told by itself.
    """
    release = taxonomy.release.label
    findings = []
    for code, times in Counter(codes).items():
        found = facts(code, taxonomy)
        was = taxonomy.superseded(code)
        if was is not None:
            findings.append(_superseded(code, was, release))
        if found is None:
            findings += [*_valid_from(code, taxonomy), _unknown(code, taxonomy)]
            continue
        if not found.billable:
            findings += _valid_from(code, taxonomy)
            valid = tuple(_with_sevenths(found.code, taxonomy))
            if valid:
                findings.append(_error("seventh-character", code, "I.A.5", release, valid))
            else:
                below = taxonomy.children(code)
                findings.append(_error("billable", code, "I.B.2", release, below))
        if times > 1:
            findings.append(_error("duplicate", code, "I.B.12", release))
    return findings


def _superseded(code: str, was: Superseded, release: str) -> Finding:
    """Say what a code was, or stands for now, that the release before had and this one has not."""
    return Finding(
        rule="superseded",
        severity=Severity.INFO,
        codes=(code,),
        source="guideline introduction",
        release=release,
        detail=(
            f"was={was.code}",
            f"before={was.before}",
            *(f"now={each}" for each in was.successors),
        ),
    )


def _valid_from(code: str, taxonomy: Taxonomy) -> list[Finding]:
    """Say where a code that is not valid here is valid in the release that comes after.

    The plain facts of FY2027 tell it without loading that release. What was valid in the one
    before is told by comparison with it (`superseded`).
    """
    if not (_knows_next(taxonomy) and billable_changes().get(normal(code))):
        return []
    return [
        Finding(
            rule="valid-from",
            severity=Severity.INFO,
            codes=(code,),
            source="guideline introduction",
            release=taxonomy.release.label,
            detail=(f"day={provisional_release().effective_from}",),
        )
    ]


def _knows_next(taxonomy: Taxonomy) -> bool:
    return taxonomy.release.effective_from < provisional_release().effective_from


def _unknown(code: str, taxonomy: Taxonomy) -> Finding:
    """Say why a code is none of the release, by the longest beginning that is."""
    release = taxonomy.release.label
    bare = code.replace(".", "").upper()
    for length in range(len(bare) - 1, _CATEGORY - 1, -1):
        found = facts(bare[:length], taxonomy)
        if found is None:
            continue
        if found.billable:
            return _error("exists", code, "I.A.2", release, (found.code,))
        valid = tuple(_with_sevenths(found.code, taxonomy))
        if not valid:
            break
        padded = taxonomy.with_seventh(found.code, bare[-1])
        if padded and length == len(bare) - 1:
            return _error("placeholder", code, "I.A.4", release, (padded,))
        if len(bare) <= _FULL_LENGTH and not bare[length:-1].strip("X"):
            return _error("seventh-character", code, "I.A.5", release, valid)
        break
    return _error("exists", code, "I.A.2", release)


def _with_sevenths(base: str, taxonomy: Taxonomy) -> Iterator[str]:
    for character in taxonomy.seventh_characters(base):
        full = taxonomy.with_seventh(base, character)
        if full:
            yield full


def _error(
    rule: str, code: str, section: str, release: str, detail: tuple[str, ...] = ()
) -> Finding:
    return Finding(
        rule=rule,
        severity=Severity.ERROR,
        codes=(code,),
        source=f"guideline {section}",
        release=release,
        detail=detail,
    )
