"""An editor keeps the page of who reads now open in Chromium, while readers come."""

import re

import pytest
from playwright.sync_api import expect
from tests.browser import open_chromium

pytestmark = pytest.mark.journey

PASSWORD = "a-word-of-her-own-77"
#: A reader is another browser: the address is the same for all here.
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:{}.0) Gecko/20100101 Firefox/{}.0"


@pytest.fixture
def newsroom(program):
    program.run("user", "olena", "--password-stdin", stdin=PASSWORD + "\n")
    program.articles = program.publish_bridges()
    return program.start()


@pytest.fixture
def desk(newsroom):
    with open_chromium() as browser:
        tab = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
        tab.set_default_timeout(60_000)
        tab.goto(newsroom.address + "/desk/")
        tab.fill("input[name=username]", "olena")
        tab.fill("input[name=password]", PASSWORD)
        tab.press("input[name=password]", "Enter")
        tab.wait_for_url("**/desk/")
        yield tab


def readers(tab):
    return tab.locator(".desk-tiles dd").first


def send(program, *numbers, article):
    for number in numbers:
        assert program.read(article, agent=AGENT.format(number, number)) == 204


def test_readers_appear_and_nothing_that_is_looked_at_is_lost(desk, newsroom):
    first, second, _ = newsroom.articles
    send(newsroom, 130, 131, article=first)
    newsroom.wait_until(lambda: newsroom.views_of(first) == 2, "two counted views")
    errors = []
    desk.on("pageerror", lambda error: errors.append(str(error)))
    desk.goto(newsroom.address + "/desk/")
    desk.get_by_role("link", name="Audience").click()
    expect(readers(desk)).to_have_text("2")
    # Quicker than at the desk: the test waits for it.
    desk.evaluate("document.querySelector('[data-audience-now]').dataset.eachSeconds = 0.5")
    desk.get_by_role("button", name="Pause the refreshing").click()
    desk.get_by_role("button", name="Pause the refreshing").click()

    desk.get_by_text("The numbers as a table").focus()
    desk.keyboard.press("Enter")
    table = desk.locator("#numbers-minutes table")
    expect(table).to_be_visible()
    chart = desk.locator("[data-part=chart] .desk-chart").bounding_box()

    send(newsroom, 132, 133, 134, article=second)
    expect(readers(desk)).to_have_text("5")
    expect(desk.locator("[data-part=articles] tbody tr").first).to_contain_text(
        re.compile(r"Bridge 1 opens\s+3\s+3")
    )
    expect(table).to_be_visible()
    expect(desk.locator("[data-part=chart] summary")).to_be_focused()
    assert desk.locator("[data-part=chart] .desk-chart").bounding_box() == chart

    pause = desk.get_by_role("button", name="Pause the refreshing")
    pause.click()
    expect(pause).to_have_attribute("aria-pressed", "true")
    send(newsroom, 135, article=second)
    newsroom.wait_until(lambda: newsroom.views_of(second) == 4, "four counted views")
    asked = []
    desk.on("request", lambda request: asked.append(request.url))
    desk.evaluate("new Promise(resolve => setTimeout(resolve, 1500))")
    expect(readers(desk)).to_have_text("5")
    assert not asked
    pause.click()
    expect(readers(desk)).to_have_text("6")
    assert not errors
