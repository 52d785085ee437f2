from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from tests.factories import ArticleFactory
from wagtail.models import ModelLogEntry

from broadsheet.articles import scheduling
from broadsheet.articles.models import Article, FailedSchedule
from broadsheet.articles.scheduling import publish_due, take_down_expired
from broadsheet.outbox.models import Fact

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("editions")]


def schedule(at, **fields):
    """An article whose draft is scheduled for `at`, as the desk's button does it."""
    article = ArticleFactory(draft=True, **fields)
    article.go_live_at = at
    article.publish(article.save_revision())
    return Article.objects.get(pk=article.pk)


def at(moment):
    """What the worker does at that moment: its clock, and Wagtail's, say so."""
    with time_machine.travel(moment, tick=False):
        return publish_due(now=moment)


@pytest.fixture
def broken(monkeypatch):
    """`broken(article)`: from now on this one cannot be published, alone or with others."""
    ids = set()
    real_publish, real_quotes = scheduling.publish, scheduling.index_quotes

    def publish(article, revision, **kwargs):
        if article.pk in ids:
            raise ValueError("this one never works")
        return real_publish(article, revision, **kwargs)

    def index_quotes(articles):
        if ids & {article.pk for article in articles}:
            raise ValueError("this one never works")
        real_quotes(articles)

    monkeypatch.setattr(scheduling, "publish", publish)
    monkeypatch.setattr(scheduling, "index_quotes", index_quotes)
    return lambda article: ids.add(article.pk)


def facts():
    """What was said of articles, not of the section that a factory made for them."""
    return Fact.objects.filter(name__startswith="Article").order_by("pk")


def test_an_article_is_not_public_before_its_moment_and_is_after_it():
    now = timezone.now()
    article = schedule(now + timedelta(minutes=5))
    assert not article.live
    assert at(now + timedelta(minutes=4)).published == ()
    assert not facts()
    due = at(now + timedelta(minutes=5, seconds=1))
    assert due.published == (article.pk,)
    article.refresh_from_db()
    assert article.live
    assert not article.has_unpublished_changes
    entry = ModelLogEntry.objects.filter(action="wagtail.publish").get()
    assert (entry.object_id, entry.label) == (str(article.pk), article.headline)
    assert [fact.payload for fact in facts()] == [{"article_id": article.pk}]


def test_the_overdue_go_out_in_the_order_of_their_moments():
    now = timezone.now()
    minutes = [7, 2, 9, 4]
    articles = {m: schedule(now + timedelta(minutes=m)) for m in minutes}
    published = at(now + timedelta(minutes=20)).published
    assert published == tuple(articles[m].pk for m in sorted(minutes))
    assert [fact.payload["article_id"] for fact in facts()] == list(published)


def test_one_that_always_fails_is_reported_and_holds_back_no_other(broken):
    now = timezone.now()
    articles = [schedule(now + timedelta(seconds=10 + n)) for n in range(5)]
    broken(articles[1])
    due = at(now + timedelta(minutes=1))
    others = tuple(a.pk for n, a in enumerate(articles) if n != 1)
    assert due.published == others
    assert due.failed == (articles[1].pk,)
    failure = FailedSchedule.objects.get()
    assert failure.article_id == articles[1].pk
    assert "this one never works" in failure.last_error


def test_a_failure_pauses_longer_each_time_and_is_forgotten_when_mended(broken, monkeypatch):
    now = timezone.now() + timedelta(minutes=1)
    article = schedule(now - timedelta(seconds=30))
    broken(article)
    at(now)
    assert at(now).failed == ()  # its pause is not over
    assert at(now + timedelta(seconds=2)).failed == (article.pk,)
    assert FailedSchedule.objects.get().tries == 2
    monkeypatch.undo()
    assert at(now + timedelta(minutes=10)).published == (article.pk,)
    assert not FailedSchedule.objects.exists()


def test_a_scheduled_update_of_a_live_article_replaces_its_content_at_the_moment():
    now = timezone.now()
    article = ArticleFactory(headline="Bridge opens")
    Fact.objects.all().delete()
    draft = article.get_latest_revision_as_object()
    draft.headline = "Bridge opens late"
    draft.go_live_at = now + timedelta(minutes=5)
    draft.publish(draft.save_revision())
    assert Article.objects.get(pk=article.pk).headline == "Bridge opens"
    at(now + timedelta(minutes=6))
    assert Article.objects.get(pk=article.pk).headline == "Bridge opens late"
    assert Fact.objects.count() == 1


def test_a_draft_written_after_scheduling_stays_a_draft():
    now = timezone.now()
    article = schedule(now + timedelta(minutes=5), headline="Approved headline")
    later = article.get_latest_revision_as_object()
    later.headline = "Not approved yet"
    later.save_revision()
    at(now + timedelta(minutes=6))
    article = Article.objects.get(pk=article.pk)
    assert article.headline == "Approved headline"
    assert article.has_unpublished_changes
    assert article.get_latest_revision_as_object().headline == "Not approved yet"


def test_an_expired_article_is_taken_down_and_says_so():
    now = timezone.now()
    article = ArticleFactory()
    Fact.objects.all().delete()
    Article.objects.filter(pk=article.pk).update(expire_at=now + timedelta(minutes=1))
    assert take_down_expired(now=now).expired == ()
    assert take_down_expired(now=now + timedelta(minutes=2)).expired == (article.pk,)
    article.refresh_from_db()
    assert (article.live, article.expired) == (False, True)
    assert [fact.name for fact in Fact.objects.all()] == ["ArticleUnpublished"]


def test_one_bad_article_costs_its_batch_little(broken, django_assert_max_num_queries):
    now = timezone.now()
    articles = [schedule(now + timedelta(seconds=5)) for _ in range(8)]
    with django_assert_max_num_queries(60):
        at(now + timedelta(seconds=6))  # all together
    others = [schedule(now + timedelta(seconds=15)) for _ in range(8)]
    broken(others[3])
    with django_assert_max_num_queries(230):  # one by one would be 8 × 58
        due = at(now + timedelta(seconds=16))
    assert set(due.published) == {a.pk for a in others} - {others[3].pk}
    assert not Article.objects.filter(pk__in=[a.pk for a in articles], live=False).exists()
