import pytest
from django.core.files.images import ImageFile
from django.core.management import call_command
from django.db import connection
from tests.conftest import both_databases, files_alone
from tests.factories import ArticleFactory
from wagtail.images.tests.utils import get_test_image_file_jpeg
from wagtail.search.backends import get_search_backend
from wagtail.search.models import IndexEntry

from broadsheet.articles.models import Article, NewsImage
from broadsheet.newsroom.searching import matching

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]


@pytest.fixture
def make_image(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path

    def make(title):
        file = ImageFile(get_test_image_file_jpeg().file, name="harbour.jpg")
        return NewsImage.objects.create(title=title, credit="Ada Brook", file=file)

    return make


def statements_of(do):
    """Return what `do` asks of the search index: statements with their parameters."""
    asked = []

    def note(execute, sql, params, many, context):
        if IndexEntry._meta.db_table in sql:
            asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        do()
    return asked


def reads_all(statement):
    """Whether SQLite goes through a table from end to end for this statement."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {statement[0]}", statement[1])
        steps = [row[3] for row in cursor.fetchall()]
    return any(step.startswith("SCAN") and "CONSTANT ROW" not in step for step in steps)


def found(words):
    by_us = set(matching(Article.objects.all(), words))
    assert by_us == set(get_search_backend().search(words, Article))
    return by_us


@files_alone
def test_a_save_reads_and_writes_only_its_own_row_of_the_search_index():
    article = ArticleFactory(headline="Bridge opens")
    article.headline = "Ferry sails"
    changed = statements_of(article.save)
    created = statements_of(lambda: ArticleFactory(headline="Tram returns"))
    assert changed
    assert created
    assert [sql for sql, params in [*changed, *created] if reads_all((sql, params))] == []


def test_a_save_asks_as_much_of_the_search_index_in_a_larger_archive(make_image):
    article = ArticleFactory()
    small = len(statements_of(article.save))
    ArticleFactory.create_batch(10)
    make_image("Harbour at dawn")
    assert len(statements_of(article.save)) == small <= 2


def test_a_search_finds_what_was_saved_as_it_was_saved_last():
    article = ArticleFactory(headline="Bridge opens")
    assert found("bridge") == {article}
    article.headline = "Ferry sails"
    article.save()
    assert found("bridge") == set()
    assert found("ferry") == {article}
    article.delete()
    assert found("ferry") == set()


def test_building_the_index_anew_still_weighs_long_titles_less(make_image):
    short = make_image("Port")
    long = make_image("The port of the city on the morning after the storm")
    article = ArticleFactory(headline="Bridge opens")
    call_command("update_index", verbosity=0)
    norms = {image: image.index_entries.get().title_norm for image in (short, long)}
    assert norms[long] < 1 < norms[short]
    assert found("bridge") == {article}
