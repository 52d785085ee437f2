from datetime import UTC, datetime

import pytest
from tests.conftest import both_databases
from tests.factories import ArticleFactory
from tests.web.pages import cards, find, parse, text_of

from broadsheet.articles.publishing import delete
from broadsheet.web.touching import all_addresses

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]


def article(month, day, hour=12, **kwargs):
    return ArticleFactory(published_at=datetime(2026, month, day, hour, tzinfo=UTC), **kwargs)


def hrefs(tree, path):
    return [link.get("href") for link in find(tree, path)]


def test_a_day_has_what_was_published_on_it_in_the_editions_zone(client):
    article(2, 13, 21)  # still the 13th in Kyiv
    late, noon = article(2, 13, 22), article(2, 14)
    article(2, 14, edition="uk")
    tree = parse(client.get("/en/archive/2026/02/14/"))
    assert [card.get("data-article") for card in cards(tree.find(".//main"))] == [
        str(noon.pk),
        str(late.pk),
    ]
    assert text_of(tree.find(".//h1")) == "Saturday, 14 February 2026"


@pytest.mark.parametrize(
    "address", ["/en/archive/2026/02/15/", "/en/archive/2026/02/30/", "/en/archive/2026/03/"]
)
def test_a_day_or_month_without_articles_is_none(client, address):
    article(2, 14)
    assert client.get(address).status_code == 404


def test_days_and_months_lead_to_those_beside_them_that_have_articles(client):
    for month, day in ((1, 31), (2, 13), (2, 14), (2, 20)):
        article(month, day)
    tree = parse(client.get("/en/archive/2026/02/14/"))
    days, months = tree.findall(".//nav[@class='beside']")
    assert hrefs(days, "a") == ["/en/archive/2026/02/13/"]
    assert hrefs(months, "a") == ["/en/archive/2026/01/"]
    calendar = tree.find(".//table[@class='calendar']")
    assert hrefs(calendar, "a") == [f"/en/archive/2026/02/{day}/" for day in (13, 14, 20)]
    assert calendar.find(".//a[@aria-current]").get("aria-label") == "Saturday, 14 February 2026"


def test_the_archive_leads_to_every_month_that_has_articles(client):
    article(2, 14)
    ArticleFactory(published_at=datetime(2024, 12, 31, 22, tzinfo=UTC))  # 2025 in Kyiv
    tree = parse(client.get("/en/archive/"))
    assert hrefs(tree.find(".//main"), "li/a") == ["/en/archive/2026/02/", "/en/archive/2025/01/"]
    assert [text_of(year) for year in find(tree.find(".//main"), "h2")] == ["2026", "2025"]


def test_every_day_of_the_archive_is_among_the_addresses_that_can_exist(client):
    article(1, 31), article(2, 2)
    assert {
        "/en/archive/",
        *(f"/en/archive/2026/{month}/" for month in ("01", "02")),
        *(f"/en/archive/2026/{day}/" for day in ("01/31", "02/01", "02/02")),
    } <= set(all_addresses())


def test_what_is_deleted_leaves_the_calendar(client):
    article(2, 13)
    gone = article(2, 14)
    delete(gone)
    calendar = parse(client.get("/en/archive/2026/02/")).find(".//table[@class='calendar']")
    assert hrefs(calendar, "a") == ["/en/archive/2026/02/13/"]
