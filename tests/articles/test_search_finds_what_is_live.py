"""The index holds what is live, as it is, and nothing else, from the transaction on that changes it."""

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from tests.conftest import both_databases
from tests.factories import ArticleFactory, AuthorFactory, PersonFactory, SectionFactory

from broadsheet.articles.models import (
    Article,
    ArticleAuthor,
    SearchEntry,
    SearchSpelling,
    SearchWord,
)
from broadsheet.articles.publishing import kill, publish_imported
from broadsheet.articles.searching.finding import (
    Query,
    complete_text,
    find_articles,
    read_key,
)
from broadsheet.articles.searching.indexing import (
    VERSION,
    MissingArticles,
    forget_articles,
    index_articles,
    index_missing,
    rebuild,
)
from broadsheet.articles.setting_up import set_up_editions

pytestmark = both_databases
NOW = datetime(2026, 2, 9, 12, tzinfo=UTC)


def found(edition, text, **query):
    return find_articles(edition.pk, edition.code, Query(text=text, **query)).article_ids


def make(headline, *, edition="en", **kwargs):
    article = ArticleFactory(headline=headline, edition=edition, **kwargs)
    index_articles([article])  # the factory moves it in time
    return article


def make_draft(headline, **kwargs):
    return ArticleFactory(headline=headline, draft=True, **kwargs)


def publish(article):
    article.save_revision().publish()
    return article


@pytest.mark.parametrize(
    ("code", "headline", "typed"),
    [
        ("uk", "Угода Японії зі США", "Японія"),
        ("uk", "Страйки в порту", "страйк портами"),
        ("uk", "У Києві відкрили міст", "Київ мости"),
        ("uk", "Заява президентки", "президентка заяви"),
        ("uk", "Об’єднані нації", "об'єднана нація"),
        ("en", "Dockers end their strikes", "strike docker"),
        ("en", "Councils agreed to Japan’s terms", "council agrees japan"),
        ("en", "Wałęsa in Łódź", "walesa lodz"),
        ("en", "STRASSE", "straße"),
    ],
)
def test_words_are_found_in_any_form(editions, code, headline, typed):
    article = make(headline, edition=code)
    make("Інше / Nothing of that", edition=code)
    assert found(editions[code], typed) == (article.pk,)


def test_all_words_have_to_be_there_and_in_that_edition(en, uk):
    both = make("Harvest and strike")
    make("Harvest alone")
    make("Harvest strike", edition="uk")
    assert found(en, "strike harvest") == (both.pk,)


@pytest.mark.parametrize(
    ("headline", "typed", "meant"),
    [
        ("Parliament votes", "parlaiment", "parliament"),
        ("Parliament votes", "palriamnet", "parliament"),
        ("Zelensky arrives", "zelnesky", "zelensky"),
        ("Storm over Odesa", "storn", "storm"),
    ],
)
def test_a_mistake_is_forgiven_and_told(en, headline, typed, meant):
    article = make(headline)
    result = find_articles(en.pk, "en", Query(text=f"{typed} {headline.split()[-1]}"))
    assert result.article_ids == (article.pk,)
    assert result.corrected == {typed: meant}


def test_the_last_word_may_be_a_beginning(en):
    article = make("Parliament votes")
    assert found(en, "parliam") == (article.pk,)
    assert complete_text(en.pk, "en", "votes parl", limit=5) == ["votes parliament"]
    assert complete_text(en.pk, "en", "nothing parl", limit=5) == []


def test_what_is_not_public_is_never_found(en):
    make_draft("Drafted plutonium")
    make_draft("Embargoed plutonium", go_live_at=timezone.now() + timedelta(days=1))
    killed = publish(make_draft("Killed plutonium"))
    down = publish(make_draft("Withdrawn plutonium"))
    gone = publish(make_draft("Deleted plutonium"))
    assert set(found(en, "plutonium")) == {killed.pk, down.pk, gone.pk}
    kill(killed, notice="It was wrong.", now=NOW)
    Article.objects.get(pk=down.pk).unpublish()
    Article.objects.get(pk=gone.pk).delete()
    assert found(en, "plutonium") == ()
    assert complete_text(en.pk, "en", "plut", limit=5) == []
    assert not SearchWord.objects.exists()
    assert not SearchSpelling.objects.exists()


def test_a_change_is_found_and_what_it_replaced_is_not(en):
    article = publish(make_draft("Reactor stops"))
    article.headline = "Turbine stops"
    article.save_revision()
    assert found(en, "turbine") == ()  # a draft of what is live
    publish(article)
    assert found(en, "turbine") == (article.pk,)
    assert found(en, "reactor") == ()


def test_what_is_rolled_back_was_never_in_the_index(en):
    article = publish(make_draft("Reactor stops"))
    with contextlib.suppress(RuntimeError), transaction.atomic():
        Article.objects.get(pk=article.pk).unpublish()
        assert found(en, "reactor") == ()
        raise RuntimeError
    assert found(en, "reactor") == (article.pk,)


def test_filters_narrow(en):
    politics, sport = SectionFactory(en="Politics"), SectionFactory(en="Sport")
    author, person = AuthorFactory(en="Ann Author"), PersonFactory(en="Pat Person")
    old = make("Strike one", section=politics, published_at=NOW - timedelta(days=9))
    article = ArticleFactory.build(
        locale=en.locale, headline="Strike two", slug="two", section=sport,
        first_published_at=NOW, body=[],
    )  # fmt: skip
    article.body = [("quote", {"text": "Yes.", "speaker": person, "role": "", "where": "",
                               "said_on": None})]  # fmt: skip
    article.bylines.add(ArticleAuthor(author=author))
    publish_imported([article], now=NOW)
    assert found(en, "strike", section_id=sport.pk) == (article.pk,)
    assert found(en, "strike", author_id=author.pk) == (article.pk,)
    assert found(en, "strike", person_id=person.pk) == (article.pk,)
    assert found(en, "strike", since=NOW) == (article.pk,)
    assert found(en, "strike", until=NOW) == (old.pk,)
    assert found(en, "", section_id=politics.pk) == (old.pk,)
    assert found(en, "!", section_id=politics.pk) == ()


def test_relevance_goes_by_where_the_words_stand_and_then_by_time(en):
    def article(headline, lead, days):
        moment = NOW - timedelta(days=days)
        return make(headline, lead=lead, published_at=moment)

    text = [("paragraph", "<p>A <b>trade</b> union.</p>")]
    body = make("Nothing", lead="Of a kind.", published_at=NOW, body=text)
    in_lead = article("Other", "The trade union.", 30)
    apart = article("Union leaves trade talks", "", 100)
    in_a_row = article("Trade union wins", "", 600)
    newest = (body.pk, in_lead.pk, apart.pk, in_a_row.pk)
    assert found(en, "trade union") == newest[::-1]
    assert found(en, "trade union", order="newest") == newest


@pytest.mark.parametrize("order", ["relevance", "newest"])
def test_pages_repeat_and_skip_nothing_while_articles_come(en, order):
    for number in range(30):
        texts = {"headline": f"Number {number}", "lead": ""}
        texts["headline" if number % 3 else "lead"] = "A strike"
        make(**texts, published_at=NOW - timedelta(days=20 * number))
    query = Query(text="strike", order=order)
    whole = find_articles(en.pk, "en", query, length=100)
    assert len(whole.article_ids) == 30
    seen, after = [], None
    for _ in range(20):
        page = find_articles(en.pk, "en", query, after=after, length=4)
        seen += page.article_ids
        make("A new strike", published_at=NOW + timedelta(days=1))
        if page.after is None:
            break
        after = read_key(str(page.after))
    assert tuple(seen) == whole.article_ids


def test_a_rebuilt_index_is_as_one_that_followed(en, uk):
    for code in ("en", "uk"):
        make(f"Страйк strike {code}", edition=code)
    for _ in range(3):
        make("Same second", published_at=NOW)
    before = [found(en, "strike"), found(uk, "страйк"), found(en, "same second")]
    words = set(SearchWord.objects.values_list("count", "edition_id"))
    assert list(rebuild(step=2))[-1] == 5
    assert [found(en, "strike"), found(uk, "страйк"), found(en, "same second")] == before
    assert set(SearchWord.objects.values_list("count", "edition_id")) == words
    assert list(index_missing()) == []


def test_what_is_missing_in_the_index_is_put_there_by_the_clock(en):
    articles = [make(f"Strike {number}") for number in range(3)]
    make_draft("Strike of drafts")
    SearchEntry.objects.filter(article=articles[0]).update(version=VERSION - 1)
    forget_articles([articles[1].pk])
    clock = MissingArticles()
    assert [clock.index_some(), clock.index_some()] == [True, False]
    assert set(found(en, "strike")) == {article.pk for article in articles}
    assert not SearchEntry.objects.exclude(version=VERSION).exists()


class AnyTextTest(TestCase):
    databases = frozenset({"default", "readership", "views"})

    def setUp(self):
        self.en = set_up_editions(
            ["en", "uk"],
            site_name="X",
            time_zone="UTC",
            section_names={"en": "N", "uk": "Н"},
        )[0]
        ArticleFactory(headline="A strike at the port of Odesa")

    @settings(max_examples=150, deadline=None)
    @given(
        text=st.text(max_size=60)
        | st.sampled_from(
            [
                '"',
                "\0",
                "strike*",
                "h_strike",
                "_e1",
                "NEAR(a b)",
                "strike' | 'x",
                "a-b AND",
                "И\u0306",
                "\ud800",
            ]
        )
    )
    def test_nothing_typed_is_an_error(self, text):
        result = find_articles(self.en.pk, "en", Query(text=text))
        complete_text(self.en.pk, "en", text, limit=5)
        assert result.count == len(result.article_ids)
