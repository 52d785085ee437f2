"""A journalist is told what stands beside what she writes, and decides what belongs together."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from tests.browser import open_chromium

pytestmark = pytest.mark.journey

PASSWORD = "a-word-of-her-own-77"
FLOOD = [
    ("River Tarn bursts its banks at Oldbridge",
     "The river Tarn burst its banks at Oldbridge in the night, and water stood a metre high in the "
     "market square. Firefighters took two hundred residents out of their flats by boat."),
    ("Oldbridge mayor asks for sandbags as the Tarn rises",
     "The mayor of Oldbridge, Edna Marsh, asked the river authority for sandbags while the Tarn still "
     "rises above the market square, where two hundred residents left their flats by boat."),
]  # fmt: skip
MAYOR = (
    "Edna Marsh elected mayor of Oldbridge",
    "Edna Marsh has won the election for mayor of Oldbridge with four votes more than her rival.",
)
FLOOD_SLUG = "/en/news/river-tarn-bursts-its-banks-at-oldbridge"


@pytest.fixture(scope="module")
def newsroom(installed, tmp_path_factory):
    directory = tmp_path_factory.mktemp("stories")
    archive = directory / "archive.jsonl"
    lines = [
        {"id": n, "edition": "en", "headline": headline, "body": f"<p>{text}</p>",
         "published_at": (datetime.now(UTC) - timedelta(hours=hours)).isoformat()}
        for n, (hours, (headline, text)) in enumerate(zip((9, 3, 400), (*FLOOD, MAYOR), strict=True))
    ]  # fmt: skip
    archive.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    with installed.copy_to(directory / "home") as program:
        program.run("user", "olena", "--password-stdin", stdin=PASSWORD + "\n")
        program.run("import", "jsonl", archive, "--source", "old-site")
        started = program.start()
        started.wait_until(
            lambda: FLOOD[1][0] in started.get(FLOOD_SLUG).text.split('data-block="theme"')[-1],
            "the story of the flood",
        )
        yield started


@pytest.fixture
def desk(newsroom):
    with open_chromium() as browser:
        tab = browser.new_context(viewport={"width": 1400, "height": 1000}).new_page()
        tab.set_default_timeout(60_000)
        tab.goto(newsroom.address + "/desk/")
        tab.fill("input[name=username]", "olena")
        tab.fill("input[name=password]", PASSWORD)
        tab.press("input[name=password]", "Enter")
        tab.wait_for_url("**/desk/")
        yield tab


def test_what_is_beside_a_text_is_told_as_it_grows_and_put_in_as_a_card(desk, newsroom):
    desk.get_by_role("link", name="Write in English").click()
    desk.get_by_role("button", name="Toggle story").click()
    desk.fill("#id_headline", "River Tarn bursts its banks at Oldbridge again")
    beside = desk.locator("[data-beside]")
    expect(beside.locator("[data-stories]")).to_contain_text(FLOOD[1][0])
    desk.fill("#id_lead", FLOOD[0][1])
    expect(desk.locator("[data-already-note]")).to_contain_text(FLOOD[0][0])
    desk.fill("#id_headline", "Court hears Edna Marsh on her garden")
    desk.fill("#id_lead", "Edna Marsh, the mayor of Oldbridge, spoke before the court for an hour.")
    related = beside.locator("[data-related]")
    expect(related).to_contain_text(MAYOR[0])
    expect(desk.locator("[data-already-note]")).to_be_empty()
    button = beside.get_by_role("button", name=re.compile(f"Insert as card.*{MAYOR[0]}"))
    button.click()
    expect(desk.locator("[data-contentpath=body]")).to_contain_text(MAYOR[0])
    expect(button).to_have_count(0)
    desk.get_by_role("button", name="More actions").click()
    desk.get_by_role("button", name="Publish", exact=True).click()
    expect(desk.get_by_text(re.compile("published", re.IGNORECASE)).first).to_be_visible()
    page = newsroom.get("/en/news/court-hears-edna-marsh-on-her-garden").text
    card = page.split('data-block="related"')[1].split("</aside>")[0]
    assert MAYOR[0] in card


def test_an_article_is_taken_out_of_its_story_and_the_story_renamed(desk, newsroom):
    desk.get_by_role("link", name="Stories").click()
    desk.get_by_role("link", name=re.compile("Tarn")).first.click()
    desk.get_by_role("link", name="Headline and summary").click()
    desk.fill("#id_headline", "The Oldbridge flood")
    desk.get_by_role("button", name="Headline and summary").click()
    expect(desk.get_by_role("heading", name="The Oldbridge flood").first).to_be_visible()
    readers = desk.get_by_role("link", name="As readers see it").get_attribute("href")
    newsroom.wait_until(lambda: "The Oldbridge flood" in newsroom.get(readers).text, "its headline")
    assert FLOOD[1][0] in newsroom.get(f"{readers}/feed.xml").text
    desk.get_by_role("link", name=f"Take out “{FLOOD[1][0]}”").click()
    desk.fill("#id_reason", "It is about the mayor.")
    desk.get_by_role("button", name="Take out of its story").click()
    desk.wait_for_url("**/edit/**")
    newsroom.wait_until(
        lambda: FLOOD[1][0] not in newsroom.get(f"{readers}/feed.xml").text, "the story without it"
    )
    desk.goto(newsroom.address + "/desk/stories/?state=all&q=sandbags")
    expect(desk.get_by_role("link", name=FLOOD[1][0])).to_be_visible()
