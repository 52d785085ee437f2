import re
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from broadsheet.newsroom.charts import (
    HEIGHT,
    WIDTH,
    Band,
    Bar,
    Line,
    bar_chart,
    curve,
    line_chart,
    scale_for,
)

SVG = "{http://www.w3.org/2000/svg}"
texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)
counts = st.integers(0, 10**9)


def parse(drawing):
    """Read it as a strict program does: as the SVG that it says it is."""
    return ET.fromstring(
        str(drawing).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    )


def draw(bars):
    return parse(bar_chart(bars, name="x", title="T", description="D"))


@given(st.lists(st.builds(Bar, texts, counts, texts), min_size=1, max_size=40))
def test_bars_are_as_high_as_their_values_and_stay_inside(bars):
    drawing = draw(bars)
    drawn = drawing.findall(f".//{SVG}rect")
    assert len(drawn) == len(bars)
    highest = max(bar.value for bar in bars)
    for bar, rect in zip(bars, drawn, strict=True):
        x, y, width, height = (float(rect.get(name)) for name in ("x", "y", "width", "height"))
        assert x >= 0
        assert x + width <= WIDTH
        assert y >= 0
        assert y + height <= HEIGHT
        tallest = max(float(other.get("height")) for other in drawn)
        if highest:
            assert abs(height / tallest - bar.value / highest) < 0.01
        assert rect.find(f"{SVG}title").text.startswith(bar.label)


@given(st.floats(0, 1e12))
def test_a_scale_is_of_round_numbers_and_reaches_the_highest(highest):
    scale = scale_for(highest)
    assert scale[0] == 0
    assert scale[-1] >= highest
    assert scale[-2] < max(1, highest)
    assert 2 <= len(scale) <= 6
    step = scale[1]
    assert re.fullmatch("[125]0*", str(step))
    assert scale == [step * number for number in range(len(scale))]


@given(texts, texts)
def test_whatever_a_chart_is_called_it_says_so_and_stays_one(title, description):
    drawing = parse(bar_chart([Bar("a", 1)], name="x", title=title, description=description))
    assert drawing.get("role") == "img"
    assert drawing.get("aria-labelledby") == "x-title x-desc"
    assert (drawing.find(f"{SVG}title").text or "") == title
    assert (drawing.find(f"{SVG}desc").text or "") == description


def test_a_hostile_label_is_text():
    drawing = draw([Bar("<script>alert(1)</script>", 1, "</svg>")])
    assert drawing.find(f".//{SVG}script") is None
    assert "<script>alert(1)</script>" in "".join(drawing.itertext())


@given(st.lists(st.tuples(counts, counts, counts), min_size=2, max_size=50))
def test_lines_go_through_their_values_from_edge_to_edge(rows):
    own, one, other = zip(*rows, strict=True)
    low, high = zip(*(sorted(pair) for pair in zip(one, other, strict=True)), strict=True)
    drawing = parse(
        line_chart(
            [Line("own", own), Line("usual", low, 2)], band=Band("half", low, high),
            ticks={0: "0"}, name="x", title="T", description="D",
        )
    )  # fmt: skip
    band, first, second = drawing.findall(f".//{SVG}path")
    points = [
        [float(number) for number in point.split(",")]
        for point in first.get("d").removeprefix("M").split("L")
    ]
    assert len(points) == len(rows)
    assert points[0][0] < points[-1][0] <= WIDTH
    order = sorted(range(len(own)), key=lambda place: own[place])
    heights = [points[place][1] for place in order]
    assert heights == sorted(heights, reverse=True)  # what is more stands higher
    assert band.get("d").endswith("Z")
    # Not the colour alone tells lines apart.
    assert first.get("class") != second.get("class")


def test_a_chart_of_nothing_has_its_axis_all_the_same():
    drawing = draw([Bar("a", 0), Bar("b", 0)])
    assert {rect.get("height") for rect in drawing.findall(f".//{SVG}rect")} == {"0"}
    assert "1" in [text.text for text in drawing.findall(f".//{SVG}text")]


@given(st.lists(counts, min_size=1, max_size=30), texts.filter(str.strip))
def test_a_small_curve_says_what_it_shows(values, label):
    drawing = parse(curve(values, label=label))
    assert drawing.get("aria-label") == drawing.find(f"{SVG}title").text == label
    path = drawing.findall(f"{SVG}path")[1].get("d")
    assert path.count(",") == len(values)
