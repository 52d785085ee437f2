import re
from pathlib import Path

import broadsheet.web

STYLES = sorted((Path(broadsheet.web.__file__).parent / "assets").rglob("*.css"))
# What names a side of the screen; its logical twin names one of the text.
SIDE = re.compile(
    r"(?:^|[;{\s])(?:(?:margin|padding|border|inset|scroll-margin|scroll-padding)-(?:left|right)"
    r"(?:-\w+)*|left|right|border-(?:top|bottom)-(?:left|right)-radius)\s*:"
    r"|(?:text-align|float|clear)\s*:\s*(?:left|right)\b"
)
FOUR_SIDES = re.compile(r"\b(?:margin|padding|inset|border-width|border-radius)\s*:\s*([^;{}]+);")


def values_of(shorthand):
    """Return the values of a shorthand; what stands in brackets is one."""
    return re.findall(r"(?:[^\s()]|\((?:[^()]|\([^()]*\))*\))+", shorthand)


def sides_named_in(css):
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    found = [match[0].strip() for match in SIDE.finditer(css)]
    for match in FOUR_SIDES.finditer(css):
        values = values_of(match[1])
        if len(values) == 4 and values[1] != values[3]:
            found.append(match[0])
    return found


def test_what_names_a_side_of_the_screen_is_found():
    assert sides_named_in("a { margin-left: 1px; }")
    assert sides_named_in("a { text-align: right; }")
    assert sides_named_in("a {left: 0}")
    assert sides_named_in("a { padding: 1px 0 2px clamp(1px, (2px + 1vw), 3px); }")
    assert not sides_named_in("a { padding: 1px 0 2px 0; margin-inline-start: 1px; }")


def test_styles_name_sides_of_the_text_and_never_of_the_screen():
    assert STYLES
    for path in STYLES:
        assert sides_named_in(path.read_text()) == [], path.name
