from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections
from django.utils import timezone
from tests.conftest import both_databases
from tests.factories import ArticleFactory, AuthorFactory, SectionFactory
from tests.newsroom.desk import desk

from broadsheet.articles.models import Article
from broadsheet.articles.publishing import kill
from broadsheet.newsroom import article_list
from broadsheet.readership.models import ArticleCount

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]

MOST_STATEMENTS = 15
HOSTILE = ['"', "'", "   ", "\0", "a\0b", "*", "NEAR(", 'say "hello', "AND", "-", "%", "юш" * 400]


@pytest.fixture
def newsroom(editions):
    """One article of each kind, by name."""
    section, author = SectionFactory(en="World"), AuthorFactory(en="Ada Brook")
    made = {
        "live": ArticleFactory(
            headline="Harbour reopens",
            section=section,
            authors=[author],
            published_at=datetime(2026, 2, 9, 12, tzinfo=UTC),
        ),
        "ukrainian": ArticleFactory(headline="Порт відкрито", edition="uk"),
        "draft": ArticleFactory(headline="Harbour plans", draft=True),
        "scheduled": ArticleFactory(
            headline="Harbour budget", scheduled=True, go_live_at=timezone.now() + timedelta(days=1)
        ),
        "changed": ArticleFactory(headline="Ferry sails"),
        "killed": ArticleFactory(headline="Ferry sinks"),
    }
    made["changed"].headline = "Ferry sails late"
    made["changed"].save_revision()
    kill(made["killed"], notice="It did not.", now=timezone.now())
    ArticleCount.objects.create(article_id=made["live"].pk, imported=3228, total=3228)
    return made


def ask(client, query=""):
    """Return the rows, and the number of statements in both databases."""
    asked = 0

    def count(execute, *args):
        nonlocal asked
        asked += 1
        return execute(*args)

    content, counts = connections["default"], connections["readership"]
    with content.execute_wrapper(count), counts.execute_wrapper(count):
        response = client.get(desk("list", query=query))
    assert response.status_code == 200, query
    return list(response.context["object_list"]), asked


def names(newsroom, rows):
    return {name for name, article in newsroom.items() if article in rows}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"live", "ukrainian", "draft", "scheduled", "changed", "killed"}),
        ("?status=live", {"live", "ukrainian", "changed"}),
        ("?status=draft", {"draft"}),
        ("?status=scheduled", {"scheduled"}),
        ("?status=changed", {"changed"}),
        ("?status=killed", {"killed"}),
        ("?locale=uk", {"ukrainian"}),
        ("?locale=en&status=live", {"live", "changed"}),
        ("?section={section}", {"live"}),
        ("?author={author}", {"live"}),
        ("?first_published_at_from=2026-02-09&first_published_at_to=2026-02-09", {"live"}),
        ("?q=harbour", {"live", "draft", "scheduled"}),
        ("?q=harb", {"live", "draft", "scheduled"}),
        ("?q=ПОРТ", {"ukrainian"}),
        ("?q=harbour+reopens", {"live"}),
        ("?q=harbour&status=draft&locale=en", {"draft"}),
        ("?q=zebra", set()),
        ("?ordering=first_published_at&q=harbour", {"live", "draft", "scheduled"}),
        ("?status=unheard-of&locale=xx&section=x&author=0&p=x", None),
    ],
)
def test_each_filter_and_search_finds_its_own_in_few_statements(editor, newsroom, query, expected):
    live = newsroom["live"]
    query = query.format(section=live.section_id, author=live.bylines.get().author_id)
    rows, asked = ask(editor, query)
    if expected is not None:
        assert names(newsroom, rows) == expected
    assert asked <= MOST_STATEMENTS


def test_more_articles_ask_no_more(editor, newsroom):
    ask(editor)  # templates and content types are loaded once
    _, few = ask(editor)
    ArticleFactory.create_batch(12, authors=[AuthorFactory(en="Zoe Field")])
    rows, many = ask(editor)
    assert len(rows) == 18
    assert many == few


@pytest.mark.parametrize("words", HOSTILE)
def test_a_hostile_search_is_answered(editor, newsroom, words):
    response = editor.get(desk("list"), {"q": words})
    assert response.status_code == 200
    assert editor.get(desk("list_results"), {"q": words}).status_code == 200


def test_the_row_says_where_the_article_stands(editor, newsroom):
    page = editor.get(desk("list")).content.decode()
    for text in (
        "Harbour reopens", "World", "3,228", "9 Feb 2026, 14:00",  # in the edition's zone
        "Ukrainian", "scheduled", "killed", "live + draft", "Ferry sails late",
    ):  # fmt: skip
        assert text in page, text


def test_newest_first_with_drafts_on_top(editor, newsroom):
    rows, _ = ask(editor)
    assert [row.first_published_at is None for row in rows[:2]] == [True, True]
    published = [row.first_published_at for row in rows[2:]]
    assert published == sorted(published, reverse=True)
    oldest, _ = ask(editor, "?ordering=first_published_at")
    assert oldest[0] == newsroom["live"]


def test_beyond_what_is_counted_the_list_says_more_than(editor, newsroom, monkeypatch):
    monkeypatch.setattr(article_list, "MOST_COUNTED", 4)
    page = editor.get(desk("list")).content.decode()
    assert "More than 4 articles" in page


def test_the_list_works_where_english_is_no_edition(editor, newsroom, uk):
    Article.objects.filter(locale__language_code="en").delete()
    type(uk).objects.filter(pk=uk.pk).update(is_default=False)
    type(uk).objects.exclude(pk=uk.pk).delete()
    for name in ("list", "add"):
        response = editor.get(desk(name))
        assert response.status_code == 200
        assert response.context["locale"] == uk.locale
