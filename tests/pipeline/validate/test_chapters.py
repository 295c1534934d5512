"""Substances, burns, coma scale, external causes: rules that compare many codes."""

from collections.abc import Callable

import pytest

from pipeline.model import Finding, Severity

Fired = Callable[..., dict[str, Finding]]


@pytest.mark.parametrize(
    ("rule", "fires", "silent"),
    [
        ("substance-level.C07", "F10.10 F10.20", "F10.10 F12.20"),
        ("substance-level.C07", "F11.90 F11.10", "F11.20 F11.288"),
        ("burn-degree.C19", "T24.311A T24.211A", "T24.311A T24.212A"),
        ("burn-degree.C19", "T24.311A T24.211A", "T24.311A T24.611A"),
        ("burn-order.C19", "T24.111A T23.301A", "T23.301A T24.111A"),
        ("superficial-injury.C18", "S52.501A S50.01XA", "S52.501A S80.01XA"),
        ("ulcer-stages.C15", "L89.152 L89.153", "L89.152 L89.313"),
        ("trimester-weeks.C17", "O23.41 Z3A.20", "O23.42 Z3A.20"),
        ("trimester-weeks.C17", "O23.42 Z3A.28", "O23.43 Z3A.28"),
        ("trimester-weeks.C17", "O23.42 Z3A.01", "O23.42 Z3A.00"),
        ("trimester-weeks.C17", "O23.41 Z3A.14", "O23.41 Z3A.13"),
        ("trimester-open.C17", "O23.40", "O23.41"),
        ("coma-scale-time.V21", "R40.2110 R40.2211 R40.2310", "R40.2110 R40.2210 R40.2310"),
        ("external-cause-episode.C18", "S52.501D W19.XXXA", "S52.501D W19.XXXD"),
        ("external-cause-episode.C18", "S52.501A W19.XXXS", "S52.501C W19.XXXA"),
        ("place-at-first-visit.C22", "S52.501D W19.XXXD Y92.009", "S52.501B W19.XXXA Y92.009"),
        ("external-cause-order.C22", "S52.501A Y92.009 W19.XXXA", "S52.501A W19.XXXA Y92.009"),
        ("external-cause-order.C22", "S52.501A W19.XXXA V43.52XA", "S52.501A V43.52XA W19.XXXA"),
        ("external-cause-order.C22", "S52.501A V43.52XA X37.0XXA", "S52.501A X37.0XXA V43.52XA"),
        ("external-cause-order.C22", "S52.501A X37.0XXA Y38.2X1A", "S52.501A Y38.2X1A X37.0XXA"),
        ("external-cause-order.C22", "T74.11XA V43.52XA Y07.01", "T74.11XA Y07.01 V43.52XA"),
    ],
)
def test_a_rule_fires_where_its_section_says(
    fired: Fired, rule: str, fires: str, silent: str
) -> None:
    assert rule in fired(fires)
    assert rule not in fired(silent)


def test_the_highest_level_of_use_is_kept(fired: Fired) -> None:
    found = fired("F10.10 F10.20")["substance-level.C07"]
    assert (found.severity, found.detail) == (Severity.ERROR, ("keep=F10.20",))
