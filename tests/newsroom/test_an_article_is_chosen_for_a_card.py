from datetime import UTC, datetime

import pytest
from django.urls import reverse
from tests.conftest import both_databases
from tests.factories import ArticleFactory
from tests.newsroom.desk import publish

from broadsheet.articles.models import Article

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]


def chooser(name, *args):
    return reverse(Article.snippet_viewset.chooser_viewset.get_url_name(name), args=args)


@pytest.fixture
def articles(editions):
    return {
        "live": ArticleFactory(
            headline="Harbour reopens", published_at=datetime(2026, 2, 9, 12, tzinfo=UTC)
        ),
        "draft": ArticleFactory(headline="Harbour plans", draft=True),
        "ukrainian": ArticleFactory(headline="Гавань відкрито", edition="uk"),
    }


def chosen_from(client, **query):
    page = client.get(chooser("choose_results"), query)
    assert page.status_code == 200
    return page.content.decode()


def test_it_shows_edition_time_and_status(editor, articles):
    page = chosen_from(editor)
    for text in ("Harbour reopens", "9 Feb 2026, 14:00", "English", "Ukrainian", "draft", "live"):
        assert text in page, text


def test_it_finds_by_words_and_edition(editor, articles):
    page = chosen_from(editor, q="harbour")
    assert "Harbour reopens" in page
    assert "Harbour plans" in page
    assert "Гавань" not in page
    assert "Harbour" not in chosen_from(editor, locale="uk")
    assert "No article has the words" in chosen_from(editor, q="zebra")


@pytest.mark.parametrize("words", ['"', "   ", "\0", "NEAR(", "a" * 2000])
def test_hostile_words_are_answered(editor, articles, words):
    assert editor.get(chooser("choose_results"), {"q": words}).status_code == 200
    assert editor.get(chooser("choose"), {"q": words}).status_code == 200


def test_many_articles_ask_no_more(editor, articles, django_assert_max_num_queries):
    ArticleFactory.create_batch(12)
    with django_assert_max_num_queries(12):
        chosen_from(editor)


def test_a_page_that_does_not_exist_is_not_found(editor, articles):
    assert editor.get(chooser("choose_results"), {"p": "99"}).status_code == 404


def test_a_chosen_draft_is_kept_and_no_reader_sees_it(editor, articles):
    draft, live = articles["draft"], articles["live"]
    answer = editor.get(chooser("chosen", draft.pk)).json()
    assert answer["result"]["string"] == "Harbour plans"
    article = ArticleFactory(headline="Ferries wait")
    publish(editor, article, slug=article.slug, body=[("related", draft.pk), ("related", live.pk)])
    stored = Article.objects.get(pk=article.pk)
    assert [block.value.pk for block in stored.body] == [draft.pk, live.pk]
    page = editor.get(article.get_absolute_url()).content.decode()
    assert "Harbour reopens" in page
    assert "Harbour plans" not in page
