"""The passes that make a list of codes for an outpatient claim."""

from collections.abc import Callable
from typing import Any

from pipeline.model import Assertion

Visit = Callable[..., Any]


def test_a_weak_match_is_believed_where_a_problem_line_has_no_other(visit: Visit) -> None:
    weak = {"Hypogonadism": ("E29.1", Assertion.PRESENT, 0.35)}
    assert visit("ASSESSMENT\n1. Hypogonadism.\n", weak).codes == {"E29.1"}
    assert visit("ASSESSMENT\nHe asked about Hypogonadism.\n", weak).codes == set()


def test_a_sign_that_is_a_problem_of_its_own_says_so(visit: Visit) -> None:
    found = {"Weight gain": "R63.5", "Hypothyroidism": "E03.9", "fatigue": "R53.83"}
    text = "ASSESSMENT\n1. Hypothyroidism with fatigue.\n2. Weight gain.\n"
    marked = {t.code for t in visit(text, found).traces if "own-problem" in t.verdict.reasons}
    assert marked == {"R63.5"}


def test_the_complaint_is_coded_where_nothing_is_settled(visit: Visit) -> None:
    text = "CHIEF COMPLAINT\nCough.\n\nASSESSMENT\n1. Possible pneumonia.\n"
    found = {"Cough": "R05.9", "pneumonia": ("J18.9", Assertion.NEGATED)}
    assert visit(text, found).codes == {"R05.9"}
    found = {"Cough": "R05.9", "pneumonia": "J18.9"}
    assert visit(text, found).codes == {"J18.9"}


def test_no_cause_without_an_injury(visit: Visit) -> None:
    found = {"fall": "W19.XXXA", "Gout": "M10.9"}
    result = visit("ASSESSMENT\n1. Gout.\nWe discussed fall treatment plan.\n", found)
    assert result.codes == {"M10.9"}
    assert result.why_not("W19.XXXA") & {"no-injury", "not-managed"}
