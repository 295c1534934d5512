"""Plots are well-formed, to scale, and hold words only as text."""

from xml.etree import ElementTree as ET

from app.report.plots import Bar, bars, reliability

SPACE = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)


def marks(svg: str, tag: str, kind: str) -> list[ET.Element]:
    return [each for each in parsed(svg).iter(tag) if each.get("class") == kind]


def each_bin(
    number: int, count: int, confidence: float | None, precision: float | None
) -> dict[str, float | None]:
    return {
        "lower": number / 10,
        "upper": (number + 1) / 10,
        "count": count,
        "confidence": confidence,
        "precision": precision,
    }


def test_a_bin_is_a_dot_where_its_confidence_meets_its_precision() -> None:
    plot = reliability(
        [each_bin(0, 0, None, None), each_bin(4, 10, 0.5, 0.5), each_bin(9, 40, 1.0, 0.0)]
    )
    dots = marks(plot, "circle", "dot")
    assert len(dots) == 2, "an empty bin has no dot"
    (half, sure) = dots
    diagonal = marks(plot, "line", "diagonal")[0]
    left, right = float(diagonal.get("x1", "")), float(diagonal.get("x2", ""))
    floor, top = float(diagonal.get("y1", "")), float(diagonal.get("y2", ""))
    assert float(half.get("cx", "")) == (left + right) / 2
    assert float(half.get("cy", "")) == (floor + top) / 2
    assert (float(sure.get("cx", "")), float(sure.get("cy", ""))) == (right, floor)
    assert float(sure.get("r", "")) > float(half.get("r", "")), "more codes, a larger dot"
    assert "40 codes" in (sure.findtext("title") or "")
    heights = [float(bar.get("height", "")) for bar in marks(plot, "rect", "count")]
    assert heights[1] == 4 * heights[0]


def test_a_plot_without_a_suggestion_has_no_dot() -> None:
    assert marks(reliability([each_bin(0, 0, None, None)]), "circle", "dot") == []


def test_bars_share_one_scale() -> None:
    plot = bars(
        [
            Bar(name="a", whole=100, part=25, told="25 of 100"),
            Bar(name="b", whole=50, part=50, told="50 of 50"),
        ],
        "Found",
    )
    wholes = [float(each.get("width", "")) for each in marks(plot, "rect", "whole")]
    parts = [float(each.get("width", "")) for each in marks(plot, "rect", "part")]
    assert wholes[0] == 2 * wholes[1]
    assert parts == [wholes[0] / 4, wholes[1]]


def test_bars_of_nothing_are_drawn_all_the_same() -> None:
    assert marks(bars([Bar(name="a", whole=0, part=0, told="")], "x"), "rect", "whole")
    assert parsed(bars([], "x")).tag == "svg"


def test_words_are_escaped_and_long_names_are_cut() -> None:
    name = "<script>alert('x')</script> & a name far too long to stand beside a bar"
    plot = bars([Bar(name=name, whole=1, part=1, told="<b>")], '"><script>')
    assert "<script" not in plot
    text = next(each for each in parsed(plot).iter("text") if each.get("class") == "name")
    assert text.findtext("title") == name, "the whole of it is there on hovering"
    assert (text.find("title").tail or "").endswith("…")  # type: ignore[union-attr]
