import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.wire.imports.capture.captures import BRIDGE, SCHOOL, SHORTEST

from broadsheet.wire.imports.capture.reading import Capture, CaptureError, read_capture

LINES = BRIDGE.splitlines() + SCHOOL.splitlines()
ODD = ["•", "• 3", "• [x", "- said Ann.", "Popular", "News by theme", "99.99.26, 25:61 • 3",
       "x99.99.26, 25:61 • 3", "x09.02.26, 03:20 •", "09.02.26, 03:20 • 1", "\x00", "\ud800", "-",
       "- one", "• " + "9" * 5000, "a" * 400, "\u200b", "\ufeff"]  # fmt: skip

shuffled = st.lists(st.sampled_from(LINES + ODD), max_size=25).map("\n".join)


def capture_or_error(text) -> Capture | CaptureError:
    try:
        return read_capture(text)
    except CaptureError as error:
        return error


def head_then(lines):
    return "\n".join(["old-mill", "Old mill", "• 3 views", "The mill turns.", *lines])


@given(st.one_of(st.text(), shuffled, st.lists(st.sampled_from(LINES + ODD)).map(head_then)))
@example("")
@example("\n".join(ODD))
@example(SHORTEST + "- a single line with a dash, and no speech\n")
def test_nothing_but_a_capture_or_its_error(text):
    found = capture_or_error(text)
    if isinstance(found, CaptureError):
        assert 1 <= found.line <= text.count("\n") + text.count("\r") + 1
        assert str(found) == f"line {found.line}: {found.reason}"
    else:
        assert found.headline


@st.composite
def noisy(draw):
    space = st.text("  \t\u200b", max_size=3)
    lines = []
    for line in draw(st.sampled_from([BRIDGE, SCHOOL])).splitlines():
        lines += [draw(space) + line + draw(space)] + [draw(space)] * draw(st.integers(0, 2))
    return draw(st.sampled_from(["\n", "\r\n"])).join(lines)


def words_of(capture):
    """All that a capture says, without the numbers of its lines."""

    def plain(value):
        if isinstance(value, tuple):
            return tuple(plain(one) for one in value)
        if hasattr(value, "__dataclass_fields__"):
            fields = [name for name in value.__dataclass_fields__ if "line" not in name.split("_")]
            return tuple(plain(getattr(value, name)) for name in fields if name != "headline_line")
        return value

    return plain(capture)


@given(noisy())
def test_space_between_and_around_lines_says_nothing(text):
    expected = words_of(read_capture(BRIDGE if "bridge" in text else SCHOOL))
    assert words_of(read_capture(text)) == expected


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("", 1, "empty"),
        ("\n\nA Headline, no slug\n", 3, "address"),
        ("old-mill\n", 1, "headline is missing"),
        ("old-mill\n\n• 3 views", 3, "a count stands where the headline"),
        ("old-mill\nOld mill\nThe mill turns.\n", 3, "a count such as"),
        ("old-mill\nOld mill\n• 3 views\n", 3, "lead is missing"),
        ("old-mill\nOld mill\n• 3 views\nPopular\n", 4, "lead is missing"),
        (SHORTEST + "• 9 views\n", 8, "a count without its headline"),
        (SHORTEST + "Popular\nA headline\n", 9, "a headline without its count"),
        (SHORTEST + "Rain32.02.26, 03:20 • 5\n", 8, "no such moment"),
        (SHORTEST + "\nbad\x07line\n", 9, "control character"),
        ("old-mill\n" + "x" * 301 + "\n• 3\nThe mill.\n", 2, "301 characters"),
    ],
)
def test_the_error_names_the_line_and_the_fault(text, line, part):
    with pytest.raises(CaptureError) as caught:
        read_capture(text)
    assert caught.value.line == line
    assert part in caught.value.reason
