import logging

import pytest
from django.utils import timezone
from tests.conftest import both_databases
from tests.factories import ArticleFactory
from tests.program import free_port

from broadsheet.articles.events import ArticleUnpublished
from broadsheet.articles.models import Article
from broadsheet.articles.publishing import kill
from broadsheet.pagestore.purging import PurgeFailedError, Purger
from broadsheet.web import invalidating

pytestmark = both_databases


def test_it_is_told_before_and_after(en, monkeypatch, django_capture_on_commit_callbacks):
    told = []
    monkeypatch.setattr(Purger, "purge", lambda _self, tags: told.append(set(tags)))
    article = ArticleFactory()
    with django_capture_on_commit_callbacks(execute=True):
        told.clear()
        kill(Article.objects.get(pk=article.pk), notice="It was wrong.", now=timezone.now())
        assert f"article:{article.pk}" in told[0]  # in the transaction
        before = len(told)
    assert any(f"article:{article.pk}" in tags for tags in told[before:])


def test_a_cache_that_is_away_does_not_stop_the_desk_and_the_worker_tries_again(
    en, settings, caplog, django_capture_on_commit_callbacks
):
    settings.PURGE_URLS = [f"http://127.0.0.1:{free_port()}"]
    article = ArticleFactory()
    with caplog.at_level(logging.ERROR), django_capture_on_commit_callbacks(execute=True):
        kill(Article.objects.get(pk=article.pk), notice="It was wrong.", now=timezone.now())
    assert "could not be purged" in caplog.text
    with pytest.raises(PurgeFailedError):
        invalidating.on_fact(ArticleUnpublished(article_id=article.pk))
