import pytest
from tests.browser import open_chromium
from tests.web.open_page import OpenPage, place

pytestmark = pytest.mark.journey

EARLIER, SOON, LATER = (f"2026-02-14T13:05:0{n}.000Z" for n in range(3))


@pytest.fixture(scope="module")
def browser():
    with open_chromium() as chromium:
        yield chromium


@pytest.fixture
def front(browser):
    """A page with two articles, one of them twice, that is no article itself."""
    return OpenPage(browser, is_article=False, body=place(7, 9) + place(8, 9) + place(7, 9))


def test_the_reader_sees_the_view_that_was_just_counted(browser):
    page = OpenPage(browser)
    page.settle()
    page.say_counts({42: 10})
    page.pass_seconds(1.3)
    assert page.shown() == "10 views"
    assert page.asked == [[42]]


def test_a_number_has_one_value_wherever_it_stands(front):
    front.say_counts({7: 10, 8: 11})
    front.pass_seconds(16)
    assert front.asked == [[7, 8]]
    told = front.locator("data").evaluate_all("all => all.map((d) => [d.value, d.textContent])")
    assert told == [["10", "10 views"], ["11", "11 views"], ["10", "10 views"]]


def test_it_asks_less_and_less_often_while_nothing_changes(front):
    asked = []
    for seconds in (14, 2, 30, 60, 120, 240, 240):
        front.pass_seconds(seconds)
        asked.append(len(front.asked))
    assert asked == [0, 1, 2, 3, 4, 5, 6]
    front.say_counts({7: 10})
    front.pass_seconds(240)
    front.say_counts({7: 10})
    front.pass_seconds(16)
    assert len(front.asked) == 8


def test_chance_keeps_open_pages_out_of_step(browser):
    page = OpenPage(browser, is_article=False, body=place(7), stage="window.chance = 0.99;")
    page.pass_seconds(21)
    assert page.asked == []
    page.pass_seconds(2)
    assert page.asked == [[7]]


def test_nothing_is_asked_while_nobody_looks_and_at_once_when_somebody_does(front):
    front.be("hidden")
    front.pass_seconds(3600)
    assert front.asked == []
    front.say_counts({7: 10})
    front.be("visible")
    front.pass_seconds(0.01)
    assert front.shown(7) == "10 views"
    # Whoever leafs through tabs is no reason to ask each time.
    for state in ("hidden", "visible") * 3:
        front.be(state)
    front.pass_seconds(0.5)
    assert len(front.asked) == 1


def test_back_from_the_cache_of_the_browser_it_asks_at_once(front):
    front.be("hidden")
    front.pass_seconds(3600)
    front.say_counts({7: 10})
    front.evaluate(
        "window.seen = 'visible';"
        "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));"
    )
    front.pass_seconds(0.01)
    assert front.shown(7) == "10 views"


def test_it_goes_on_after_a_time_without_a_line(front):
    front.counts = None
    for seconds in (16, 30):
        front.pass_seconds(seconds)
    assert len(front.asked) == 2
    assert front.shown(7) == "9 views"
    front.say_counts({7: 10})
    front.pass_seconds(61)
    assert front.shown(7) == "10 views"


def test_whoever_saves_data_is_asked_for_none(browser):
    stage = "Object.defineProperty(navigator, 'connection', { value: { saveData: true } });"
    page = OpenPage(browser, stage=stage)
    page.pass_seconds(3600)
    assert page.asked == []
    assert page.views == [{"article": 42}]


def test_a_number_falls_only_where_views_were_taken_out_meanwhile(front):
    shown = []
    for views, as_of in ((8, SOON), (11, SOON), (10, EARLIER), (10, SOON), (6, LATER)):
        front.say_counts({7: views}, as_of=as_of)
        front.be("hidden")
        front.pass_seconds(60)
        front.be("visible")
        front.pass_seconds(0.01)
        shown.append(front.shown(7))
    # An older answer, or one older than the page perhaps, takes nothing back.
    assert shown == ["9 views", "11 views", "11 views", "11 views", "6 views"]
    assert len(front.asked) == 5


def test_of_very_many_those_near_to_what_is_seen_are_asked_for(browser):
    tall = "".join(f'<div style="height: 400px">{place(n)}</div>' for n in range(1, 251))
    page = OpenPage(browser, is_article=False, body=tall)
    page.pass_seconds(16)
    page.evaluate("scrollTo(0, 200 * 400)")
    page.pass_seconds(31)
    first, second = page.asked
    assert first == list(range(1, 101))
    assert len(second) == 100
    assert second == sorted(second)
    assert {155, 200, 203, 245} <= set(second)


def test_nothing_but_numbers_changes_and_nothing_is_said_aloud(front):
    front.evaluate(
        "() => { window.changes = []; new MutationObserver((seen) => window.changes.push("
        "...seen.map((m) => [m.type, m.attributeName, m.target.parentNode.className || "
        "m.target.className]))).observe(document, "
        "{ subtree: true, childList: true, attributes: true, characterData: true }); }"
    )
    front.say_counts({7: 10, 8: 9})
    front.pass_seconds(16)
    changes = front.evaluate("window.changes")
    assert changes == [["attributes", "value", "views"], ["characterData", None, "views"]] * 2
    tree = front.context.new_cdp_session(front.page).send("Accessibility.getFullAXTree")
    properties = {p["name"] for node in tree["nodes"] for p in node.get("properties", ())}
    assert not properties & {"live", "atomic", "busy"}
    assert "10 views" in {node.get("name", {}).get("value") for node in tree["nodes"]}
