from datetime import UTC, datetime, timedelta

import pytest
from tests.conftest import both_databases
from tests.factories import ArticleFactory
from tests.web.pages import parse
from tests.web.seen import show

from broadsheet.web import paging

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]
OLDER = ".pager a[rel=next]"


@pytest.fixture
def pages(client, monkeypatch):
    """Three pages of the latest, of two days: path → bytes, from the first to the last."""
    monkeypatch.setattr(paging.slice_list, "__kwdefaults__", {"length": 3})
    noon = datetime(2026, 2, 14, 10, tzinfo=UTC)
    for hours in (0, 1, 2, 24, 25, 26, 27):
        ArticleFactory(published_at=noon - timedelta(hours=hours))
    found, address = {}, "/en/news/"
    while address:
        response = client.get(address)
        found[address] = response.content
        older = parse(response).find(".//nav[@class='pager']/a[@rel='next']")
        address = older.get("href") if older is not None else ""
    return found


def test_older_news_are_put_below_without_leaving_and_a_day_stays_one(pages):
    with show(pages) as browser, browser.open("/en/news/", width=800) as page:
        cards = page.locator("main .card")
        page.locator(OLDER).click()
        page.wait_for_function("() => document.querySelectorAll('main .card').length === 6")
        page.locator(OLDER).click()
        page.wait_for_function("() => document.querySelectorAll('main .card').length === 7")
        ids = [int(one.get_attribute("data-article")) for one in cards.all()]
        assert ids == sorted(set(ids))  # each once; the newest was made first
        days = page.locator(".day-heading time").all()
        assert [day.get_attribute("datetime") for day in days] == ["2026-02-14", "2026-02-13"]
        assert page.locator(".pager").count() == 0
        assert page.url.endswith("/en/news/")
        last = cards.nth(6).locator(".card-headline a")
        assert last.evaluate("(link) => link === document.activeElement")


def test_without_javascript_the_link_leads_to_the_next_page(pages):
    with (
        show(pages) as browser,
        browser.open("/en/news/", width=800, java_script_enabled=False) as page,
    ):
        page.locator(OLDER).click()
        page.wait_for_url("**/en/news/?before=*")
        assert page.locator("main .card").count() == 3
