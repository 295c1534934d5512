"""Validate: hold proposed codes against the classification and the guidelines.

Pure look-ups: the same codes, encounter and release give the same findings. A rule that the
guidelines state without a choice (an uncertain diagnosis on an outpatient claim, a symptom that is
part of a confirmed disease, the same thing less specifically) takes the code out and says why; a
rule that leaves the choice to a person (Excludes1, an order) leaves it in and raises a finding.

A rule added with the list of rules of the project carries its id (`first-listed-only.P04`): V are
conventions, Q setting and sequence, P the first code, C chapters, A age and sex. Rules that need a
published list (Medicare Code Editor, POA exempt) say that they were not asked until it is imported.

Public: `Validator.read()` with `validate` for a whole encounter, `check_set` for a `CodeSet` as a
claim carries it and `check` for bare codes; `message`, the sentence for a finding; `words_of`,
where the words of the notes stand that it points to; `lists_of`, the imported lists of a release.
"""

from pipeline.validate.codeset import Checked, CodeEntry, CodeSet, Lists, Options, Role, lists_of
from pipeline.validate.documented import words_of
from pipeline.validate.messages import known_rules, message
from pipeline.validate.rules import Validator

__all__ = [
    "Checked",
    "CodeEntry",
    "CodeSet",
    "Lists",
    "Options",
    "Role",
    "Validator",
    "known_rules",
    "lists_of",
    "message",
    "words_of",
]
