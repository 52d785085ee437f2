"""The pages and blocks of what is read most."""

from datetime import UTC, datetime

import pytest
from tests.conftest import both_databases
from tests.factories import ArticleFactory, AuthorFactory, TagFactory
from tests.web.pages import block, cards, parse, text_of

from broadsheet.readership.queries import WINDOWS, PopularList
from broadsheet.web.addresses import address_of
from broadsheet.web.fragments import popular_address
from broadsheet.web.invalidating import press_rankings, press_waiting
from broadsheet.web.stored import address_filter, page_store, press_page
from broadsheet.web.touching import all_addresses, popular_paths

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]
AT = datetime(2026, 11, 20, 12, 34, 56, tzinfo=UTC)


def ids_of(element):
    return [int(card.get("data-article")) for card in cards(element)]


@pytest.mark.parametrize("code", ["en", "uk"])
@pytest.mark.parametrize("window", WINDOWS)
def test_every_window_has_a_page_in_each_edition(client, ranked, code, window):
    articles = ArticleFactory.create_batch(3, edition=code)
    asked = ranked(window, articles)
    address = f"/{code}/popular/{window}"
    response = client.get(address)
    assert response.status_code == 200
    tree = parse(response)
    assert ids_of(tree.find(".//main")) == [one.pk for one in articles]
    assert text_of(tree.find(".//h1"))
    assert asked[0]["edition"] == articles[0].locale_id
    links = tree.findall(".//nav[@class='windows']//a")
    assert [link.get("href") for link in links if link.get("aria-current")] == [address]
    assert {link.get("href") for link in links} == set(popular_paths(code))
    assert {link.get("hreflang") for link in tree.findall(".//link[@hreflang]")} == {
        "en", "uk", "x-default",
    }  # fmt: skip
    assert tree.find(".//link[@rel='canonical']").get("href").endswith(address)


def test_a_window_that_does_not_exist_is_not_found_and_a_query_makes_no_page(client):
    for window in ("year", "newest", "hour/", "Day", "%00"):
        assert client.get(f"/en/popular/{window}").status_code == 404
    assert address_of("/en/popular", "window=week") == "/en/popular"
    assert address_of("/en/popular/week", "before=2026-01-01T00:00:00.000000Z_1") == (
        "/en/popular/week"
    )


def test_the_pages_are_among_the_addresses_that_can_exist():
    address_filter().build(all_addresses(), expected=100)
    for path in popular_paths("uk"):
        assert address_filter().may_exist(path)
    assert not address_filter().may_exist("/uk/popular/year")


def test_a_page_of_a_window_says_that_a_longer_one_is_shown(client, ranked):
    ranked("week", ArticleFactory.create_batch(5))
    tree = parse(client.get("/en/popular/hour"))
    assert text_of(tree.find(".//h1")) == "Most read in the last hour"
    assert text_of(tree.find(".//p[@class='page-intro']")).startswith("Too little was read")
    assert text_of(tree.find(".//h2")) == "Most read in the last 7 days"
    tree = parse(client.get("/en/popular/week"))
    assert "Too little" not in text_of(tree)
    assert tree.find(".//h2") is None  # the page's heading says it


def test_where_nothing_rises_the_page_says_so(client):
    tree = parse(client.get("/en/popular/rising"))
    assert text_of(tree.find(".//p[@class='nothing']")) == (
        "No article is being read unusually often just now."
    )
    assert "незвично часто" in client.get("/uk/popular/rising").content.decode()


def test_the_overview_shows_each_list_once_and_what_is_pinned_on_top_alone(client, monkeypatch):
    articles = ArticleFactory.create_batch(4)
    ids = tuple(one.pk for one in articles)

    def answer(_edition_id, *, window, limit, has_pins, now):
        assert limit == 10
        if window in {"month", "all"}:
            window = "all"
        pinned = frozenset(ids[:1]) if has_pins else frozenset()
        return PopularList(window, now, ids, pinned)

    monkeypatch.setattr("broadsheet.web.lists.popular", answer)
    tree = parse(client.get("/en/popular"))
    headings = [text_of(heading) for heading in tree.findall(".//main//h2")]
    assert headings == [
        "Most read in the last 24 hours",
        "Rising now",
        "Most read in the last hour",
        "Most read in the last 7 days",
        "Most read of all time",
    ]
    links = [link.get("href") for link in tree.findall(".//main//h2/a")]
    assert links == [f"/en/popular/{name}" for name in ("day", "rising", "hour", "week", "all")]
    blocks = tree.findall(".//section[@data-block='popular']")
    assert [len(one.findall(".//li[@data-pinned]")) for one in blocks] == [1, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("code", "words"),
    [("en", "As of 20 Nov 2026, 14:34"), ("uk", "Станом на 20 лист. 2026, 14:34")],
)
def test_a_block_says_as_of_when_it_was_computed(client, monkeypatch, code, words):
    article = ArticleFactory(edition=code)
    ranking = PopularList("day", AT, (article.pk,))
    monkeypatch.setattr("broadsheet.web.fragments.popular", lambda *_a, **_k: ranking)
    time = block(parse(client.get(article.get_absolute_url())), "popular").find("p/time")
    assert time.get("datetime") == "2026-11-20T14:34:00+02:00"
    assert text_of(time) == words


def test_tags_and_authors_have_a_block_of_their_own(client, ranked):
    tag, author = TagFactory(en="Ports"), AuthorFactory(en="Olena Marchuk")
    articles = ArticleFactory.create_batch(5, tags=[tag], authors=[author])
    asked = ranked("month", articles)
    for address, of in (
        ("/en/tags/ports", {"tag_id": tag.pk}),
        ("/en/authors/olena-marchuk", {"author_id": author.pk}),
    ):
        asked.clear()
        found = block(parse(client.get(address)), "popular")
        assert ids_of(found) == [one.pk for one in articles]
        assert text_of(found.find("h2")) == "Most read in the last 30 days"
        assert asked == [{"edition": articles[0].locale_id, **of}]
    assert block(parse(client.get("/en/news/")), "popular") is None
    for window, few in (("newest", articles), ("all", articles[:4])):
        ranked(window, few)  # all of them stand on the page
        assert block(parse(client.get("/en/tags/ports")), "popular") is None


def test_after_a_ranking_what_is_in_use_is_pressed_anew(en):
    tag = TagFactory(en="Ports")
    article = ArticleFactory(tags=[tag])
    used = [
        *popular_paths("en")[:3],
        popular_address("en"),
        popular_address("en", "section", article.section_id),
    ]
    of_tag = popular_address("en", "tag", tag.pk)
    for address in (*used, of_tag):
        press_page(address)
    before = {address: page_store().get(address).version for address in used}
    press_rankings()
    assert page_store().get(of_tag) is None
    while press_waiting(AT):
        pass
    assert all(page_store().get(address).version > before[address] for address in used)
    assert page_store().get(popular_paths("en")[4]) is None
