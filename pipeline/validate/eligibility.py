"""Rules on who may come first, and those that need an imported list (P02, P03, §7.4, Q12)."""

from pipeline.model import Setting, Severity
from pipeline.validate.codeset import Role
from pipeline.validate.context import Context

_INDICATORS = frozenset({"Y", "N", "U", "W", ""})


def run(context: Context) -> None:
    """Ask the rules of this family."""
    _one_principal(context)
    _edits(context)
    _ages(context)
    _poa(context)


def _one_principal(context: Context) -> None:
    principal = [e.code for e in context.given.entries if e.role is Role.PRINCIPAL]
    context.ledger.look("one-principal.Q05", len(principal))
    if len(principal) > 1:
        section = "II" if context.given.setting is Setting.INPATIENT else "IV.A"
        context.say("one-principal.Q05", Severity.ERROR, tuple(principal), f"guideline {section}")


def _edits(context: Context) -> None:
    """Ask the lists of the Medicare Code Editor about the first-listed code."""
    leading = context.first
    if leading is None:
        return
    lists = context.lists
    if lists.manifestation is None:
        context.skip("manifestation-list.P02", "mce", "mce edit 6")
    else:
        context.ledger.look("manifestation-list.P02", 1)
        if leading.code in lists.manifestation:
            context.say("manifestation-list.P02", Severity.ERROR, (leading.code,), "mce edit 6")
    if lists.unacceptable is None:
        context.skip("unacceptable-principal.P03", "mce", "mce edit 9")
        return
    context.ledger.look("unacceptable-principal.P03", 1)
    alone = leading.code in lists.unless_secondary and len(context.facts) == 1
    if leading.code in lists.unacceptable or alone:
        inpatient = context.given.setting is Setting.INPATIENT
        severity = Severity.ERROR if inpatient else Severity.WARNING
        context.say("unacceptable-principal.P03", severity, (leading.code,), "mce edit 9")


def _ages(context: Context) -> None:
    """Compare with the age lists of the Medicare Code Editor; soft outside Medicare."""
    age = context.given.age
    if age is None:
        context.skip("age-list.A01", "age", "mce edit 4")
        return
    if context.lists.ages is None:
        context.skip("age-list.A01", "mce", "mce edit 4")
        return
    context.ledger.look("age-list.A01", len(context.facts))
    for low, high, codes in context.lists.ages.values():
        if low <= age < high + 1:
            continue
        for found in context.facts:
            if found.code in codes:
                context.say(
                    "age-list.A01",
                    Severity.WARNING,
                    (found.code,),
                    "mce edit 4",
                    f"age={low}-{high}",
                )


def _poa(context: Context) -> None:
    """Hold present-on-admission indicators against Appendix I."""
    given = [entry for entry in context.given.entries if entry.poa is not None]
    source = "guideline Appendix I"
    if not context.given.takes_poa:
        wrong = tuple(entry.code for entry in given if entry.poa)
        context.ledger.look("poa-setting.Q12", len(given))
        if wrong:
            context.say("poa-setting.Q12", Severity.ERROR, wrong, source)
        return
    missing = tuple(entry.code for entry in context.given.entries if entry.poa is None)
    if missing:
        context.skip("poa-missing.Q12", "poa", source, missing)
    exempt = context.lists.poa_exempt
    blank = tuple(entry.code for entry in given if entry.poa == "")
    if exempt is None and blank:
        context.skip("poa-exempt.Q12", "poa-exempt", source, blank)
    for entry in given:
        context.ledger.look("poa-value.Q12", 1)
        if entry.poa not in _INDICATORS:
            context.say("poa-value.Q12", Severity.ERROR, (entry.code,), source, "valid=Y,N,U,W")
        elif exempt is not None:
            context.ledger.look("poa-exempt.Q12", 1)
            if (entry.poa == "") != (entry.code in exempt):
                fix = "valid=blank" if entry.code in exempt else "valid=Y,N,U,W"
                context.say("poa-exempt.Q12", Severity.ERROR, (entry.code,), source, fix)
