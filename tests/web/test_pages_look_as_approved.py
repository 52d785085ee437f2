"""Screenshots, made small, against those in `approved/`.

After a change of the design look at every page, then approve it: run this file with APPROVE=1 in the
environment, and look at the pictures again.
"""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from PIL import Image
from tests.conftest import both_databases
from tests.factories import ArticleFactory, AuthorFactory, PersonFactory, SectionFactory
from tests.web.pages import find, parse, text_of
from tests.web.seen import make_picture, show, thumbnail, unlikeness

import broadsheet
from broadsheet.articles.models import Article
from broadsheet.web.answering import fill
from broadsheet.web.navigation import find_site
from broadsheet.web.pressing import make_page, render
from broadsheet.web.slots import cut
from broadsheet.web.style_page import gather_style
from broadsheet.web.templatetags import looks

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]

APPROVED = Path(__file__).parent / "approved"
LOOK = Path(broadsheet.__file__).parents[2] / "docs" / "examples" / "look"
NOW = datetime(2026, 2, 14, 13, 5, tzinfo=UTC)
THUMBNAIL_WIDTH = 200
#: Above the noise between two versions of Chromium, below a rule or a column that moved.
MOST_MEAN, MOST_PLAIN = 0.012, 0.012
ARTICLE = "/en/news/harbour-opens-after-nine-days"
STYLE = "/desk/styleguide/"
#: The tallest part of a page that is compared.
HEIGHT = 1800
IN_SIGHT_ARE_LOADED = """() => [...document.images].every(
    (one) => one.complete || one.getBoundingClientRect().top > innerHeight)"""

PICTURES = {
    "front-375-light": ("/en/", 375, {}),
    "front-1280-dark": ("/en/", 1280, {"color_scheme": "dark"}),
    "front-2560-light": ("/en/", 2560, {}),
    "article-320-dark": (ARTICLE, 320, {"color_scheme": "dark"}),
    "article-1280-light": (ARTICLE, 1280, {}),
    "article-1280-contrast": (ARTICLE, 1280, {"contrast": "more"}),
    "day-1280-light": ("/uk/archive/2026/02/14/", 1280, {}),
    "style-1280": (STYLE, 1280, {}),
}


@pytest.fixture
def newspaper(ranked, counted):
    """A newsroom whose pages are the same on every day and machine; returns its pages' paths."""
    sections = [
        SectionFactory(en=en, uk=uk) for en, uk in (("World", "Світ"), ("Economy", "Економіка"))
    ]
    pictures = [make_picture(name, name) for name in ("steelblue", "indianred", "darkolivegreen")]
    speaker = PersonFactory(en="Ada Brook", uk="Ада Брук")
    body = [
        (
            "paragraph",
            "<p>" + "The first ferry left at noon, with a band on the quay. " * 5 + "</p>",
        ),
        ("heading", "What was agreed"),
        ("quote", {"text": "We build the harbour that we promised.", "speaker": speaker}),
        ("heading", "What it costs"),
        ("list", ["<p>Four cranes</p>", "<p>Two locks</p>"]),
        ("heading", "What comes next"),
        ("paragraph", "<p>" + "The council votes on the second quay in spring. " * 5 + "</p>"),
    ]
    made = []
    for number in range(16):
        made.append(
            ArticleFactory(
                headline=f"Council agrees on plan number {number} for the town"
                if number < 15
                else "Harbour opens after nine days",
                section=sections[number % 2],
                image=pictures[number % 3] if number > 6 else None,
                published_at=NOW - timedelta(hours=16 - number),
                authors=[AuthorFactory(en="Olena Marchuk", uk="Олена Марчук")]
                if number == 15
                else [],
                body=body if number == 15 else [("paragraph", "<p>The plan.</p>")],
            )
        )
        if number < 3:
            ArticleFactory(
                edition="uk", headline=f"Рада схвалила план № {number}", section=sections[0],
                lead="Рада схвалила план після ночі перемовин.", published_at=NOW - timedelta(hours=number + 1),
            )  # fmt: skip
    ranked("day", made[:6])
    counted({article.pk: 1000 + article.pk for article in made})
    return ["/en/", ARTICLE, "/uk/archive/2026/02/14/", STYLE]


def print_pages(paths):
    pages = {}
    with time_machine.travel(NOW, tick=False):
        for path in paths:
            if path == STYLE:
                parts, code = (
                    cut(render("web/style_page.html", gather_style(find_site("en")))),
                    "en",
                )
            else:
                page = make_page(path, 0, now=NOW)
                assert page.status == 200, path
                parts, code = page.parts, page.edition
            pages[path] = fill(parts, code)
    return pages


def photograph(page):
    page.wait_for_load_state("networkidle")
    size = page.viewport_size
    height = page.evaluate("() => document.documentElement.scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": min(height, HEIGHT)})
    page.wait_for_function(IN_SIGHT_ARE_LOADED)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), "too wide"
    return thumbnail(page.screenshot(), width=THUMBNAIL_WIDTH)


def compare(name, picture, tmp_path):
    """Return what is wrong with a picture, "" where it is as it was approved."""
    approved = APPROVED / f"{name}.png"
    if os.environ.get("APPROVE"):
        picture.quantize(64).save(approved, optimize=True)
    if approved.is_file():
        mean, plain = unlikeness(Image.open(approved).convert("RGB"), picture)
        if mean <= MOST_MEAN and plain <= MOST_PLAIN:
            return ""
        told = f"differs by {mean:.3f}, plainly in {plain:.3f} of its points"
    else:
        told = "was never approved"
    picture.save(tmp_path / f"{name}.png")
    return f"{name} {told}: {tmp_path / name}.png"


def test_pages_look_as_approved_by_type_theme_and_width(newspaper, tmp_path):
    wrong = []
    with show(print_pages(newspaper)) as browser:
        for name, (path, width, options) in PICTURES.items():
            with browser.open(path, width=width, **options) as page:
                if path == STYLE:  # its table says what the style sheet says
                    page.locator(".style-values").evaluate("(table) => table.remove()")
                wrong.append(compare(name, photograph(page), tmp_path))
    assert [one for one in wrong if one] == []
    assert browser.missing == []


def test_another_look_shows_the_same_articles_by_overrides_alone(newspaper, settings, tmp_path):
    plain = print_pages(["/en/"])
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [LOOK / "templates"]}]
    settings.STATICFILES_DIRS = [LOOK / "assets", *settings.STATICFILES_DIRS]
    looks._address_of.cache_clear()
    try:
        other = print_pages(["/en/", ARTICLE])
    finally:
        looks._address_of.cache_clear()
    trees = [parse_bytes(pages["/en/"]) for pages in (plain, other)]
    shown = [[e.get("data-article") for e in find(tree, "article")] for tree in trees]
    assert shown[0] == shown[1]
    assert len(shown[0]) > 16
    assert "1 Quay Street" in text_of(find(trees[1], "footer")[0])
    assert find(trees[1], "header//img")[0].get("alt") == "The Test Wire"
    assert not find(trees[1], "link[@as='font']")
    with show(other) as browser, browser.open("/en/", width=1280) as page:
        picture = photograph(page)
    assert compare("front-1280-other-look", picture, tmp_path) == ""
    built_in = Image.open(APPROVED / "front-1280-dark.png").convert("RGB")
    assert unlikeness(built_in, picture)[1] > 0.2
    assert browser.missing == []


def test_the_setting_puts_a_look_before_the_built_in_one():
    script = (
        "import django; django.setup()\n"
        "from django.contrib.staticfiles import finders\n"
        "from django.template.loader import get_template\n"
        "print(get_template('web/footer.html').origin.name, finders.find('css/look.css'))"
    )
    environ = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "broadsheet.project.settings",
        "BROADSHEET_LOOK": str(LOOK),
    }
    done = subprocess.run(
        [sys.executable, "-c", script], env=environ, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [
        str(LOOK / "templates" / "web" / "footer.html"),
        str(LOOK / "assets" / "css" / "look.css"),
    ]


def parse_bytes(html):
    class Response:
        content = html

    return parse(Response)


def test_the_style_page_is_for_staff_and_shows_every_card_in_every_scheme(
    client, django_user_model
):
    assert client.get(STYLE).status_code == 302
    user = django_user_model.objects.create_superuser("ada", password="not-a-secret")
    client.force_login(user)
    tree = parse(client.get(STYLE))
    schemes = [e for e in tree.iter("section") if e.get("class") == "style-scheme"]
    assert [(one.get("data-scheme"), one.get("data-contrast")) for one in schemes] == [
        ("light", None), ("dark", None), ("light", "more"), ("dark", "more"),
    ]  # fmt: skip
    for scheme in schemes:
        looks_shown = {e.get("data-look") for e in scheme.iter("article")}
        assert looks_shown == {"lead", "second", "strip", "theme", "entry", "line", "related"}
    values = {text_of(e) for e in find(tree, "table//th")}
    assert {"--accent", "--size-text", "--gap", "--measure"} <= values
    assert not Article.objects.exists()
