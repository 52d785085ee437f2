"""The box of search in Chromium: the server's page and script, and suggestions that the test gives."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from tests.browser import open_chromium

import broadsheet.web
from broadsheet.web.editions import WORDS
from broadsheet.web.navigation import Site
from broadsheet.web.pressing import render
from broadsheet.web.search_page import empty_page, read_asked

ASSETS = Path(broadsheet.web.__file__).parent / "assets"
SITE = "https://site.example"
OFFERED = [
    {"text": "parliament", "url": "/en/search?q=parliament", "kind": ""},
    {"text": "Parviz Partow", "url": "/en/people/parviz-partow", "kind": "In the news"},
]


@pytest.fixture(scope="module")
def browser():
    with open_chromium() as opened:
        yield opened


@pytest.fixture
def page(browser):
    site = Site(
        id=1, code="en", name="The Test Wire", zone=ZoneInfo("Europe/Kyiv"), words=WORDS["en"],
        editions=(), sections={}, in_navigation=(),
    )  # fmt: skip
    html = render("web/search.html", empty_page(read_asked({}), site=site))
    asked = []

    def answer(route):
        address = urlsplit(route.request.url)
        if address.path == "/en/search/suggestions":
            asked.append(parse_qs(address.query)["q"][0])
            body = {"suggestions": OFFERED if asked[-1].startswith("par") else []}
            route.fulfill(json=body)
        elif address.path.startswith("/assets/"):
            file = ASSETS / address.path.removeprefix("/assets/")
            route.fulfill(path=file) if file.is_file() else route.fulfill(status=404)
        else:
            route.fulfill(body=html, content_type="text/html; charset=utf-8")

    opened = browser.new_page()
    opened.route("**/*", answer)
    opened.goto(f"{SITE}/en/search")
    opened.asked = asked
    yield opened
    opened.close()


def test_a_suggestion_is_chosen_and_followed(page):
    box = page.get_by_role("combobox", name="What are you looking for?")
    options = page.locator("#suggestions [role=option]")
    box.press_sequentially("par")
    options.nth(1).wait_for()
    assert page.asked[-1] == "par"
    assert box.get_attribute("aria-expanded") == "true"
    assert page.get_by_role("status").text_content() == "2 suggestions"
    box.press("ArrowDown")
    assert box.input_value() == "parliament"
    assert box.get_attribute("aria-activedescendant") == "suggestion-0"
    box.press("ArrowDown")
    assert box.input_value() == "par"  # a person is followed, not typed
    assert options.nth(1).get_attribute("aria-selected") == "true"
    box.press("ArrowUp")
    box.press("ArrowUp")
    assert box.get_attribute("aria-activedescendant") is None
    box.press("Escape")
    assert box.get_attribute("aria-expanded") == "false"
    assert box.input_value() == "par"
    box.press("ArrowUp")
    with page.expect_navigation(url=f"{SITE}/en/people/parviz-partow"):
        box.press("Enter")


def test_what_is_typed_is_sent_without_what_is_empty(page):
    box = page.get_by_role("combobox", name="What are you looking for?")
    box.fill("strike & port")
    with page.expect_navigation():
        box.press("Enter")
    assert page.url == f"{SITE}/en/search?q=strike+%26+port"


def test_what_nobody_has_offers_nothing(page):
    box = page.get_by_role("combobox", name="What are you looking for?")
    box.press_sequentially("par")
    options = page.locator("#suggestions li")
    options.nth(1).wait_for()
    box.fill("xyz")
    options.nth(0).wait_for(state="detached")
    assert page.asked[-1] == "xyz"
    assert box.get_attribute("aria-expanded") == "false"
    assert page.locator(".search-heard").text_content() == ""
