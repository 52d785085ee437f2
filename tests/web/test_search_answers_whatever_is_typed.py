"""The page of search as its readers meet it, and what it is for those who do not search."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from tests.conftest import both_databases
from tests.factories import ArticleFactory, PersonFactory, SectionFactory
from tests.web.pages import cards, counts, find, parse, text_of

from broadsheet.articles.searching import finding
from broadsheet.articles.searching.indexing import index_articles
from broadsheet.articles.setting_up import set_up_editions
from broadsheet.project import server
from broadsheet.web import searching, stored

pytestmark = both_databases
NOW = datetime(2026, 2, 9, 12, tzinfo=UTC)


def make(headline, **kwargs):
    article = ArticleFactory(headline=headline, **kwargs)
    index_articles([article])  # the factory moves it in time
    return article


def marked(tree):
    return [text_of(one) for one in tree.iter("mark")]


def ids(tree):
    return [int(one.get("data-article")) for one in cards(tree)]


def test_results_are_cards_with_counts_and_marked_words(client, uk):
    article = make("Угода з Японією <про> порт", lead="Порти Японії.", edition="uk")
    response = client.get("/uk/search", {"q": "японія порту"})
    tree = parse(response)
    assert ids(tree) == [article.pk]
    assert [one for one, _, _ in counts(tree)] == [str(article.pk)]
    assert marked(tree) == ["Японією", "порт", "Порти", "Японії"]
    assert "Знайдено 1 статтю" in response.content.decode()
    assert response["cache-control"] == "no-store"
    assert "form-action 'self'" in response["content-security-policy"]


def test_a_word_of_the_body_alone_is_shown_where_it_stands(client, en):
    body = [("paragraph", f"<p>{'Much else. ' * 40}The <b>reactor</b> &amp; its core.</p>")]
    make("Nothing of that", lead="Nor here.", body=body)
    tree = parse(client.get("/en/search", {"q": "reactors"}))
    assert marked(tree) == ["reactor"]
    assert "The reactor & its core." in text_of(cards(tree)[0])


def test_without_scripts_the_form_keeps_what_was_asked(client, en):
    section = SectionFactory(en="Politics")
    make("Strike", section=section, published_at=NOW)
    make("Strike of others", published_at=NOW - timedelta(days=1))
    asked = {"q": "strike", "section": "politics", "since": "2026-02-09", "sort": "newest",
             "until": "2026-02-09", "author": "nobody", "person": "%00"}  # fmt: skip
    tree = parse(client.get("/en/search", asked))
    assert len(cards(tree)) == 1
    assert {one.get("name"): one.get("value") for one in find(tree, "input")} == {
        "q": "strike", "since": "2026-02-09", "until": "2026-02-09",
    }  # fmt: skip
    chosen = [one.get("value") for one in find(tree, "option") if one.get("selected") is not None]
    assert chosen == ["politics", "newest"]


def test_pages_are_followed_to_the_end(client, en):
    made = {make(f"Strike {number}", published_at=NOW - timedelta(days=number)).pk
            for number in range(45)}  # fmt: skip
    path, seen = "/en/search?q=strike", []
    while path:
        tree = parse(client.get(path))
        seen += ids(tree)
        older = [one.get("href") for one in find(tree, "a") if one.get("rel") == "next"]
        path = older[0] if older else ""
    assert len(seen) == 45
    assert set(seen) == made


def test_a_mistake_is_said(client, en):
    make("Parliament votes")
    text = client.get("/en/search", {"q": "parlaiment"}).content.decode()
    assert "These are for “parliament”" in text
    assert (
        "Nothing was found for “xyzzy &lt;b&gt;”"
        in client.get("/en/search", {"q": "xyzzy <b>"}).content.decode()
    )


def test_what_is_typed_is_completed_and_names_are_offered(client, en):
    make("Parliament votes")
    PersonFactory(en="Parviz Partow")
    answer = client.get("/en/search/suggestions", {"q": "par"})
    assert answer["cache-control"] == "no-store"
    assert json.loads(answer.content)["suggestions"] == [
        {"text": "parliament", "url": "/en/search?q=parliament", "kind": ""},
        {"text": "Parviz Partow", "url": "/en/people/parviz-partow", "kind": "In the news"},
    ]


def test_nothing_of_search_is_kept(client, en):
    make("Strike")
    store = stored.page_store()
    for address in ("/en/search", "/en/search?q=strike"):
        assert client.get(address).status_code == 200
        assert store.get(address) is None
    assert client.get("/xx/search?q=strike").status_code == 404
    assert client.post("/en/search").status_code == 405


def test_a_search_that_takes_too_long_says_so(client, en, monkeypatch):
    def break_off(*_args, **_kwargs):
        raise finding.SearchTooSlowError

    monkeypatch.setattr("broadsheet.web.search_page.find_articles", break_off)
    response = client.get("/en/search?q=strike")
    assert response.status_code == 503
    assert response["retry-after"] == str(searching.RETRY_AFTER_SECONDS)
    assert "Very many people are searching" in response.content.decode()


def test_searches_wait_apart_from_all_others():
    """However many search, the desk has its turns; and of those who search most are sent away."""
    started, let_go = [], asyncio.Event()

    async def django(scope, _receive, send):
        started.append(scope["path"])
        if "search" in scope["path"]:
            await let_go.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def flood():
        rest = server.Rest(beacon=None, django=django)
        statuses = []

        async def ask(path):
            async def send(message):
                if "status" in message:
                    statuses.append(message["status"])

            await rest({"type": "http", "path": path, "headers": []}, None, send)

        searches = [asyncio.create_task(ask("/en/search")) for _ in range(100)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await asyncio.wait_for(ask("/desk/"), 5)
        assert started == ["/en/search"] * server.SEARCHES_AT_ONCE + ["/desk/"]
        let_go.set()
        await asyncio.gather(*searches)
        return statuses

    statuses = asyncio.run(flood())
    let_in = server.SEARCHES_AT_ONCE + server.SEARCHES_WAITING
    assert statuses.count(503) == 100 - let_in
    assert statuses.count(200) == let_in + 1


@pytest.mark.parametrize("path", ["/en/search", "/uk/search/suggestions"])
def test_search_is_made_anew_and_an_article_of_that_name_is_not(path):
    assert server.MADE_ANEW.fullmatch(path)
    assert not server.MADE_ANEW.fullmatch("/en/news/search")
    assert not server.MADE_ANEW.fullmatch("/en/search/")


ODD = ["\0", "'", '"', "*", "%", "\\", "a:b", "NEAR(", "-1", "9999-12-31", "0001-01-01", "1_2",
       f"{2**61}_3", f"-{2**62}_0", "9" * 400, "newest", "news", "—", "\u202e", "İ", "ﷺ"]  # fmt: skip
any_value = st.text(max_size=40) | st.sampled_from(ODD)


class AnyAddressTest(TestCase):
    databases = frozenset({"default", "readership", "views"})

    def setUp(self):
        set_up_editions(
            ["en", "uk"], site_name="X", time_zone="UTC", section_names={"en": "N", "uk": "Н"}
        )
        ArticleFactory(headline="A strike at the port of Odesa")

    @given(
        asked=st.dictionaries(
            st.sampled_from(
                ["q", "section", "author", "person", "since", "until", "sort", "after"]
            ),
            any_value.filter(lambda text: text.encode("utf-8", "replace").decode() == text),
        ),
        base=st.sampled_from([{}, {"q": "strike"}, {"q": "strkie", "sort": "newest"}]),
        page=st.sampled_from(["search", "search/suggestions"]),
    )
    def test_no_address_is_an_error(self, asked, base, page):
        response = self.client.get(f"/en/{page}", {**base, **asked})
        assert response.status_code == 200

    @given(query=st.binary(max_size=60))
    def test_no_bytes_are_an_error(self, query):
        response = self.client.get("/en/search", QUERY_STRING=query.decode("latin-1"))
        assert response.status_code in {200, 400}
