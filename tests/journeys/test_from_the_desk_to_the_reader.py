"""A journalist writes at the desk in Chromium, publishes, and readers of both editions read it."""

import re

import pytest
from playwright.sync_api import expect
from tests.browser import open_chromium

pytestmark = pytest.mark.journey

PASSWORD = "a-word-of-her-own-77"
HEADLINE = "Ferry line across the Grey Sound opens in June"
UKRAINIAN_HEADLINE = "Пором через Сіру протоку піде в червні"
UKRAINIAN_SLUG = "porom-cherez-siru-protoku-pide-v-chervni"


@pytest.fixture(scope="module")
def newsroom(installed, tmp_path_factory):
    with installed.copy_to(tmp_path_factory.mktemp("desk") / "home") as program:
        program.run("user", "olena", "--password-stdin", stdin=PASSWORD + "\n")
        yield program.start()


@pytest.fixture
def desk(newsroom):
    """A tab of Chromium in which Olena is logged in."""
    with open_chromium() as browser:
        tab = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
        tab.set_default_timeout(60_000)
        blocked = []
        tab.on("console", lambda said: "Security Policy" in said.text and blocked.append(said.text))
        tab.goto(newsroom.address + "/desk/")
        tab.fill("input[name=username]", "olena")
        tab.fill("input[name=password]", PASSWORD)
        tab.press("input[name=password]", "Enter")
        tab.wait_for_url("**/desk/")
        yield tab
        assert blocked == []


def publish(tab):
    tab.get_by_role("button", name="More actions").click()
    tab.get_by_role("button", name="Publish", exact=True).click()
    expect(tab.get_by_text(re.compile("published", re.IGNORECASE)).first).to_be_visible(
        timeout=60_000
    )


def write_paragraph(tab, text):
    tab.get_by_role("button", name="Insert a block").first.click()
    tab.get_by_role("option", name="Paragraph").click()
    tab.locator("[data-contentpath=body] [role=textbox]").last.click()
    tab.keyboard.type(text)
    # The editor hands what was typed on to the form a quarter of a second later.
    expect(tab.locator("input[name=body-0-value]")).to_have_value(re.compile(re.escape(text)))


def test_an_article_is_written_published_and_read_in_both_editions(desk, newsroom):
    desk.get_by_role("link", name="Write in English").click()
    desk.fill("#id_headline", HEADLINE)
    desk.select_option("#id_section", label="News")
    desk.fill("#id_lead", "Ships will cross six times a day, the two ministries say.")
    write_paragraph(desk, "The first ship is being fitted out in Harwick.")
    publish(desk)

    english = newsroom.get("/en/news/ferry-line-across-the-grey-sound-opens-in-june")
    assert english.status == 200
    assert HEADLINE in english.text
    assert "being fitted out in Harwick" in english.text
    assert "0 views" in english.text

    desk.goto(newsroom.address + "/desk/articles/")
    desk.get_by_role("link", name=HEADLINE).click()
    desk.get_by_role("button", name="Actions").first.click()
    desk.get_by_role("link", name="Write in Ukrainian").click()
    desk.get_by_role("button", name="Write in Ukrainian").click()
    desk.wait_for_url("**/translate/**")
    beside = '[data-part="{}"] [lang="uk"] :is(input, textarea)'
    desk.locator(beside.format("headline")).fill(UKRAINIAN_HEADLINE)
    desk.locator(beside.format("lead")).fill(
        "Судна ходитимуть шість разів на день, кажуть обидва міністерства."
    )
    desk.get_by_role("button", name="Save and approve everything").click()
    desk.get_by_role("link", name="Go to the article’s form").click()
    desk.wait_for_url("**/edit/**")
    assert newsroom.get(f"/uk/news/{UKRAINIAN_SLUG}").status == 404  # a draft is nobody's yet
    publish(desk)

    address = f"/uk/news/{UKRAINIAN_SLUG}"
    ukrainian = newsroom.get(address)
    assert ukrainian.status == 200
    assert UKRAINIAN_HEADLINE in ukrainian.text
    assert "0 переглядів" in ukrainian.text
    assert "/en/news/ferry-line-across-the-grey-sound-opens-in-june" in ukrainian.text
    newsroom.wait_until(
        lambda: address in newsroom.get("/en/news/ferry-line-across-the-grey-sound-opens-in-june").text,
        "the link to the translation",
    )  # fmt: skip
    for edition in ("en", "uk"):
        front = newsroom.get(f"/{edition}/").text
        assert (HEADLINE if edition == "en" else UKRAINIAN_HEADLINE) in front


def test_every_part_of_the_form_starts_though_the_desk_runs_no_script_of_a_page(desk, newsroom):
    desk.goto(newsroom.address + "/desk/articles/add/?locale=en")
    desk.get_by_role("tab", name="Corrections").click()
    desk.locator("#id_corrections-ADD").click()
    desk.locator("#id_corrections-0-corrected_at").click()
    expect(desk.locator(".xdsoft_datetimepicker:visible")).to_have_count(1)
    desk.get_by_role("tab", name="Byline and sources").click()
    desk.locator("#id_bylines-ADD").click()
    desk.locator("#id_bylines-0-author-chooser [data-chooser-action-choose]:visible").click()
    expect(desk.get_by_role("dialog").get_by_text("author").first).to_be_visible()
