import pytest
from tests.browser import open_chromium
from tests.web.open_page import OpenPage

pytestmark = pytest.mark.journey

HIDDEN = "window.seen = 'hidden';"
PRERENDERED = "Object.defineProperty(document, 'prerendering', { get: () => !window.activated });"


@pytest.fixture(scope="module")
def browser():
    with open_chromium() as chromium:
        yield chromium


def test_once_a_load(browser):
    page = OpenPage(browser)
    page.pass_seconds(600)
    page.be("hidden")
    page.be("visible")
    assert page.views == [{"article": 42}]
    assert page.beacons == []


def test_a_page_that_is_no_article_says_nothing(browser):
    page = OpenPage(browser, is_article=False)
    page.pass_seconds(60)
    assert page.views == []


@pytest.mark.parametrize(
    ("stage", "show"),
    [
        (HIDDEN, "window.seen = 'visible'; document.dispatchEvent(new Event('visibilitychange'))"),
        (
            PRERENDERED,
            "window.activated = true; document.dispatchEvent(new Event('prerenderingchange'))",
        ),
    ],
)
def test_not_before_it_is_seen(browser, stage, show):
    page = OpenPage(browser, stage=stage)
    page.pass_seconds(600)
    assert (page.views, page.asked) == ([], [])
    page.evaluate(show)
    page.settle()
    assert page.views == [{"article": 42}]


def test_again_when_it_comes_back_from_the_cache_of_the_browser(browser):
    page = OpenPage(browser, referer="https://search.example/find?q=secret")
    page.settle()
    for persisted in ("false", "true"):
        page.evaluate(
            f"dispatchEvent(new PageTransitionEvent('pageshow', {{ persisted: {persisted} }}))"
        )
    page.settle()
    # Nobody referred the reader who came back.
    assert page.views == [
        {"article": 42, "referrer": "https://search.example"},
        {"article": 42},
    ]


@pytest.mark.parametrize(
    ("referer", "told"),
    [
        ("https://search.example/find?q=secret", {"referrer": "https://search.example"}),
        ("https://site.example/en/", {}),
        (None, {}),
    ],
)
def test_it_names_the_site_that_referred_and_not_the_page(browser, referer, told):
    page = OpenPage(browser, referer=referer)
    page.settle()
    assert page.views == [{"article": 42, **told}]


@pytest.mark.parametrize("status", [503, 502, 0])
def test_a_view_that_was_not_taken_is_sent_again_and_not_for_ever(browser, status):
    page = OpenPage(browser, status=status)
    sent = []
    for seconds in (0, 4, 2, 10, 20, 40, 80, 3600):
        page.pass_seconds(seconds)
        sent.append(len(page.views))
    assert sent == [1, 1, 2, 3, 4, 5, 6, 6]
    assert page.asked  # the numbers go on without it


def test_chance_keeps_those_who_come_again_apart(browser):
    page = OpenPage(browser, status=503, stage="window.chance = 0.99;")
    page.pass_seconds(0)  # the answer is there, and the clock of the next try runs
    page.pass_seconds(7)
    assert len(page.views) == 1
    page.pass_seconds(1)
    assert len(page.views) == 2


def test_it_is_not_sent_again_once_it_was_taken(browser):
    page = OpenPage(browser, status=503)
    page.settle()
    page.status = 204
    page.pass_seconds(6)
    assert len(page.views) == 2
    page.pass_seconds(3600)
    assert len(page.views) == 2


@pytest.mark.parametrize("status", [400, 404])
def test_what_will_never_be_taken_is_not_sent_again(browser, status):
    page = OpenPage(browser, status=status)
    page.pass_seconds(3600)
    assert len(page.views) == 1


def test_who_leaves_before_it_was_taken_sends_it_on_the_way(browser):
    page = OpenPage(browser, status=503)
    page.settle()
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
    page.settle()
    assert (page.views, page.beacons) == ([{"article": 42}], [{"article": 42}])
    page.pass_seconds(3600)
    assert len(page.views) == 1
