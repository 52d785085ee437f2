"""The page in Chromium, over answers that the test gives; no server, so no log and no fold."""

import json
import mimetypes
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.browser import open_chromium
from tests.conftest import both_databases
from tests.factories import ArticleFactory

import broadsheet.web
from broadsheet.articles.setting_up import set_up_editions
from broadsheet.web.editions import WORDS

pytestmark = [
    both_databases,
    pytest.mark.usefixtures("editions"),
    pytest.mark.journey,
]
ASSETS = Path(broadsheet.web.__file__).parent / "assets"
SITE = "https://site.example"
WIDTHS = (320, 768, 1024, 1280)
TWO_FRAMES = "new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))"
SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


class Answers:
    """What the browser asked for, and the numbers it is told."""

    def __init__(self, response, counts):
        self.response, self.counts = response, counts
        self.read, self.asked, self.elsewhere, self.complaints = [], [], [], []

    def open(self, browser, address, **options):
        page = browser.new_context(**options).new_page()
        page.on("console", lambda message: self.complaints.append(message.text))
        page.add_init_script(SHIFTS)
        page.route("**/*", self.answer)
        page.goto(SITE + address)
        return page

    def answer(self, route):
        request = route.request
        parts = urlsplit(request.url)
        if not request.url.startswith(SITE):
            self.elsewhere.append(request.url)
            route.fulfill(status=200, content_type="text/html", body="player")
        elif parts.path in {"/-/read", "/-/read.gif"}:
            self.read.append((request.method, parts.path, request.post_data or parts.query))
            route.fulfill(status=204)
        elif parts.path == "/-/numbers":
            query = parse_qs(parts.query)
            self.asked.append((query["ids"][0].split(","), query["edition"]))
            route.fulfill(
                content_type="application/json",
                body=json.dumps({"as_of": "2026-02-14T13:05:00Z", "counts": self.counts}),
            )
        elif parts.path.startswith("/assets/"):
            asset = ASSETS / parts.path.removeprefix("/assets/")
            kind = mimetypes.guess_type(asset.name)[0]
            route.fulfill(content_type=kind, body=asset.read_bytes())
        else:
            headers = dict(self.response.items())
            route.fulfill(status=200, headers=headers, body=self.response.content)


@pytest.fixture
def page_of(client, ranked, counted):
    """`page_of(views)`: a page with two articles on it, one of them twice, and its answers."""

    def make(views, **fields):
        other = ArticleFactory(headline="Bridge closes")
        article = ArticleFactory(headline="Harbour opens", **fields)
        ranked("day", [article, other])
        counted({article.pk: views, other.pk: views})
        response = client.get(article.get_absolute_url())
        return article, other, response

    return make


@pytest.mark.parametrize(("views", "grown"), [(9, 10), (999, 1000)])
def test_the_number_rises_everywhere_and_nothing_moves(page_of, views, grown):
    article, other, response = page_of(views, is_exclusive=True)
    told = {"views": grown, "label": f"{grown:,} views"}
    answers = Answers(response, {str(article.pk): told, str(other.pk): told})
    address = article.get_absolute_url()
    labels, shifted = [], []
    with open_chromium() as browser:
        for width in WIDTHS:
            viewport = {"width": width, "height": 3000}
            page = answers.open(browser, address, viewport=viewport)
            page.locator(f'data.views[value="{grown}"]').first.wait_for()
            labels.append(page.locator("data.views").all_text_contents())
            # What has moved is told once it is painted.
            shifted.append(page.evaluate(f"{TWO_FRAMES}.then(() => window.shifted)"))
    assert labels == [[f"{grown:,} views"] * 4] * len(WIDTHS)
    assert shifted == [0] * len(WIDTHS)
    assert answers.read == [("POST", "/-/read", f'{{"article":{article.pk}}}')] * len(WIDTHS)
    both = [str(pk) for pk in sorted([article.pk, other.pk])]
    assert answers.asked == [(both, ["en"])] * len(WIDTHS)
    assert answers.complaints == []  # the policy forbids nothing that the page does
    assert answers.elsewhere == []


@pytest.mark.parametrize("code", sorted(WORDS))
def test_there_is_room_for_six_digits_in_each_edition(client, counted, code):
    if code not in {"en", "uk"}:
        set_up_editions([code], site_name="Wire", time_zone="UTC", section_names={code: "News"})
    article = ArticleFactory(edition=code)
    response = client.get(article.get_absolute_url())
    with open_chromium() as browser:
        page = Answers(response, {}).open(browser, article.get_absolute_url())
        widths = page.locator(".meta .views").first.evaluate(
            "(place, labels) => labels.map((label) => {"
            "place.textContent = label; return place.getBoundingClientRect().width; })",
            [WORDS[code].count_views(views) for views in (0, 1, 22, 555, 7777, 88_888, 999_999)],
        )
    assert len(set(widths)) == 1, widths


def test_without_javascript_the_view_is_taken_by_the_image(page_of):
    article, _, response = page_of(9)
    answers = Answers(response, {})
    with open_chromium() as browser:
        page = answers.open(browser, article.get_absolute_url(), java_script_enabled=False)
        page.wait_for_load_state("networkidle")
    assert answers.read == [("GET", "/-/read.gif", f"article={article.pk}")]


def test_a_video_loads_nothing_before_the_click(page_of):
    video = {"url": "https://youtu.be/abcdefghijk", "title": "The bridge", "poster": None}
    article, _, response = page_of(9, body=[("video", video)])
    answers = Answers(response, {})
    with open_chromium() as browser:
        page = answers.open(browser, article.get_absolute_url())
        link = page.locator("a.video-frame")
        assert "Play the video" in link.inner_text()
        before, asked_before = link.bounding_box(), list(answers.elsewhere)
        link.click()
        frame = page.locator("iframe.video-frame")
        frame.wait_for()
        after = frame.bounding_box()
        page.wait_for_load_state("networkidle")
    assert asked_before == []
    assert answers.elsewhere == ["https://www.youtube-nocookie.com/embed/abcdefghijk?autoplay=1"]
    assert (before["width"], before["height"]) == (after["width"], after["height"])
    assert answers.complaints == []


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_no_page_scrolls_sideways(client, width):
    long = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
    ArticleFactory(headline=long, lead=long)
    article = ArticleFactory(
        headline=f"On {long}", body=[("heading", long), ("paragraph", f"<p>{long}</p>")]
    )
    addresses = (article.get_absolute_url(), "/en/", "/en/news/", "/en/society/")
    responses = {address: client.get(address) for address in addresses}
    with open_chromium() as browser:
        widths = {}
        for address, response in responses.items():
            viewport = {"width": width, "height": 800}
            page = Answers(response, {}).open(browser, address, viewport=viewport)
            widths[address] = page.evaluate("document.documentElement.scrollWidth")
    assert set(widths.values()) == {width}, widths
