from app import tables
from app.evaluate import base_of
from app.scores import automatic, calibration, codes, exact, stages
from taxonomy import Taxonomy


def test_codes_are_compared_without_their_seventh_character(icd: Taxonomy) -> None:
    base = base_of(icd)
    assert base("S52.501A") == base("S52.501D") == base("S52.501") == "S52.501"
    assert base("T81.4XXA") == base("T81.4XXD") == "T81.4", "a code of an earlier release"
    assert base("I10") == "I10"
    assert base("E11.9") == "E11.9"
    assert base("Z99.999") == "Z99.999", "a code the release has not stays as it is"


def test_every_figure_has_a_place_in_the_tables() -> None:
    figures = {
        "documents": 0,
        "exact": codes([], exact),
        "stages": stages([], str),
        "calibration": calibration([]),
        "auto": automatic([]),
        "mentions": {"r_at_1": 0.5},
    }
    shown = tables.figures(figures)
    assert len(shown) == 4
    assert shown[1].row_count == 1
