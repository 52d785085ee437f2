from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from tests.conftest import both_databases
from tests.factories import ArticleFactory
from wagtail.search.models import IndexEntry

from broadsheet.articles.events import ArticlePublished
from broadsheet.articles.models import FailedSchedule
from broadsheet.operations import health
from broadsheet.operations.health import CHECKS, check_health
from broadsheet.outbox.announcing import announce
from broadsheet.outbox.models import Fact, FailedReaction
from broadsheet.readership.models import RankedWindow
from broadsheet.readership.ranking import rank_popular

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]


def finding(name, *, now=None):
    return next(one for one in check_health(now=now or timezone.now()) if one.name == name)


def test_each_check_answers_on_a_new_installation():
    found = check_health(now=timezone.now())
    assert [one.name for one in found] == list(CHECKS)
    assert [one.name for one in found if not one.is_well] == ["worker"]
    assert "broadsheet serve" in finding("worker").what


def test_a_fact_that_waits_too_long_shows():
    with transaction.atomic():
        announce(ArticlePublished(article_id=1))
    assert finding("facts").is_well
    Fact.objects.update(announced_at=timezone.now() - timedelta(minutes=2))
    assert not finding("facts").is_well


def test_facts_of_an_import_may_wait():
    with transaction.atomic():
        announce(ArticlePublished(article_id=1), is_bulk=True)
    Fact.objects.update(announced_at=timezone.now() - timedelta(hours=2))
    assert finding("facts").is_well


def test_a_failed_reaction_shows_with_its_error():
    with transaction.atomic():
        fact = announce(ArticlePublished(article_id=1))
    FailedReaction.objects.create(
        fact=fact, reaction="a.b", last_error="Traceback\nValueError: ink", next_try_at=fact.announced_at
    )  # fmt: skip
    assert not finding("reactions").is_well
    assert "a.b: ValueError: ink" in finding("reactions").what


def test_an_article_that_missed_its_moment_shows():
    now = timezone.now()
    article = ArticleFactory()
    FailedSchedule.objects.create(
        article=article, act="go_live", due_at=now - timedelta(minutes=1), last_error="",
        next_try_at=now,
    )  # fmt: skip
    assert f"article {article.pk}" in finding("schedule").what


def test_a_search_index_with_a_gap_shows_with_its_cure():
    ArticleFactory()
    assert finding("search").is_well
    IndexEntry.objects.all().delete()
    assert "update_index" in finding("search").what


def test_an_old_ranking_shows():
    now = timezone.now()
    rank_popular(now=now)
    assert finding("popular").is_well
    RankedWindow.objects.filter(window="week").update(computed_at=now - timedelta(minutes=11))
    assert not finding("popular").is_well
    assert "week" in finding("popular").what


def test_a_lane_that_ends_no_round_is_stuck_but_counting_again_takes_its_time(monkeypatch):
    now = timezone.now()
    beats = {"facts": now, "recounting": now - timedelta(minutes=20)}
    monkeypatch.setattr(health, "is_worker_running", lambda _home: True)
    monkeypatch.setattr(health, "read_heartbeat", lambda _home: beats)
    assert finding("worker", now=now).is_well
    beats["facts"] = now - timedelta(minutes=2)
    assert finding("worker", now=now).what == "stuck in: facts"


def test_the_address_answers_503_where_something_is_wrong(client):
    answer = client.get("/-/health")
    assert answer.status_code == 503
    assert answer.json()["checks"]["worker"]["is_well"] is False
    assert answer["Cache-Control"] == "no-store"
    assert client.get("/-/ready").status_code == 200
