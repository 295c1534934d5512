"""Validate: hold proposed codes against the classification and the guidelines.

Pure look-ups: the same codes, encounter and release give the same findings. A rule that the
guidelines state without a choice (an uncertain diagnosis on an outpatient claim, a symptom that is
part of a confirmed disease, the same thing less specifically) takes the code out and says why; a
rule that leaves the choice to a person (Excludes1) leaves it in and raises a finding.

Public: `Validator.read()` with `validate` for a whole encounter and `check` for any set of codes,
and `message`, the sentence for a finding.
"""

from pipeline.validate.messages import message
from pipeline.validate.rules import Validator

__all__ = ["Validator", "message"]
