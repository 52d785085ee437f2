import re
from pathlib import Path

import pytest
from tests.conftest import both_databases
from tests.factories import ArticleFactory, AuthorFactory
from tests.web.pages import find, parse, text_of

import broadsheet.web
from broadsheet.articles.models import AuthorName, Section, SectionName
from broadsheet.articles.setting_up import set_up_editions

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


@pytest.fixture
def arabic(editions):
    (edition,) = set_up_editions(
        ["ar"], site_name="برودشيت", time_zone="Africa/Cairo", section_names={"ar": "أخبار"}
    )
    return edition


@both_databases
def test_an_arabic_page_runs_from_right_to_left_and_keeps_foreign_names_apart(client, arabic):
    author = AuthorFactory(en="Ada Brook")
    AuthorName.objects.create(owner=author, edition=arabic, name="Ada Brook")
    article = ArticleFactory(
        edition="ar",
        headline="قمة في القاهرة",
        section=Section.objects.get(names__slug="news", names__edition=arabic),
        authors=[author],
    )
    assert article.get_absolute_url() == "/ar/news/qma-fi-al-qahra"
    tree = parse(client.get(article.get_absolute_url()))
    assert (tree.get("lang"), tree.get("dir")) == ("ar", "rtl")
    names = [text_of(name) for name in find(tree, "bdi")]
    assert "Ada Brook" in names
    assert "0 مشاهدة" in text_of(find(tree, "data")[0])
    (edition,) = [a for a in find(tree, "a") if a.get("hreflang") == "en"][:1]
    assert edition.get("dir") == "ltr"


@both_databases
def test_each_edition_publishes_for_itself(client, arabic):
    news = SectionName.objects.get(slug="news", edition=arabic).owner
    ArticleFactory(edition="ar", headline="قمة في القاهرة", section=news)
    ArticleFactory(headline="Council agrees")
    pages = {code: client.get(f"/{code}/").content.decode() for code in ("ar", "en", "uk")}
    assert "قمة في القاهرة" in pages["ar"]
    assert "Council agrees" in pages["en"]
    for headline, code in (("قمة", "en"), ("قمة", "uk"), ("Council", "ar"), ("Council", "uk")):
        assert headline not in pages[code]
