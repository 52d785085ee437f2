"""Pressing reads an edition and its sections anew only where they changed since."""

import pytest
from django.conf import settings
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from tests.conftest import both_databases
from tests.factories import ArticleFactory

from broadsheet.articles.models.names import SectionName
from broadsheet.pagestore.journal import Journal
from broadsheet.web.stored import page_store, press_page

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]


def text_of(page):
    return b"".join(part for part in page.parts if isinstance(part, bytes)).decode()


def queries_of(address):
    with CaptureQueriesContext(connection) as queries:
        press_page(address)
    return [one["sql"] for one in queries]


def asks_for_edition(queries):
    return any('FROM "broadsheet_articles_edition"' in sql for sql in queries)


def test_a_second_page_asks_for_no_edition():
    one, other = ArticleFactory(), ArticleFactory()
    assert asks_for_edition(queries_of(one.get_absolute_url()))
    assert not asks_for_edition(queries_of(other.get_absolute_url()))


def test_a_renamed_section_is_on_the_next_page():
    article = ArticleFactory()
    name = SectionName.objects.get(owner=article.section, edition__locale__language_code="en")
    assert name.name in text_of(press_page("/en/"))
    with TestCase.captureOnCommitCallbacks(execute=True):
        name.name = "Harbours"
        name.save()
    assert "Harbours" in text_of(press_page("/en/"))
    assert "Harbours" in text_of(press_page(article.get_absolute_url()))


def test_another_process_that_changes_it_is_heard_of():
    press_page("/en/")
    Journal(settings.PAGES_DIRECTORY).drop({"site"})
    assert asks_for_edition(queries_of("/en/news/"))
    assert not asks_for_edition(queries_of("/en/"))


def test_while_a_change_is_withheld_it_is_read_anew():
    press_page("/en/")
    page_store().journal.expect({"site"}, withhold=True)
    assert asks_for_edition(queries_of("/en/news/"))


def test_an_edition_that_is_not_there_is_not_remembered():
    press_page("/xx/news/")
    assert asks_for_edition(queries_of("/xx/news/"))
