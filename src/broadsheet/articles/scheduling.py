"""Publish and take down at the moment that an editor set.

Wagtail's own command loads one revision after the other, at 58 queries each, and stops at the
first that fails. Here the first publishing of many articles is one set of statements: when it
was scheduled, Wagtail already wrote the content to the row, which only has to become live.
What fails is set apart, reported, and tried again with growing pauses.
"""

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import F
from wagtail.models import ModelLogEntry, Revision, WorkflowState

from broadsheet.outbox.announcing import announce_all

from .events import ArticlePublished
from .models import Article, FailedSchedule
from .publishing import publish, reclaim_slugs, unpublish
from .quoting import index_quotes
from .searching.indexing import index_articles

logger = logging.getLogger(__name__)

#: At 50 articles a transaction stays under 100 ms.
BATCH = 50
LONGEST_PAUSE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Due:
    """What one round did, by article id, in the order in which it was due."""

    published: tuple[int, ...] = ()
    expired: tuple[int, ...] = ()
    failed: tuple[int, ...] = ()


def publish_due(*, now: datetime, limit: int = BATCH) -> Due:
    """Publish up to `limit` articles whose moment has come, the longest overdue first.

    Updates of live articles, and what fails, are published each in a transaction of its own.
    """
    due = list(
        Revision.objects.filter(
            base_content_type=ContentType.objects.get_for_model(Article),
            approved_go_live_at__lte=now,
        )
        .exclude(object_id__in=_held_back(FailedSchedule.Act.GO_LIVE, now))
        .order_by("approved_go_live_at", "pk")[:limit]
    )
    published, failed = _publish_each(due, now=now)
    return Due(published=tuple(published), failed=tuple(failed))


def take_down_expired(*, now: datetime, limit: int = BATCH) -> Due:
    """Take down up to `limit` live articles that expire, each in a transaction of its own."""
    held = [int(pk) for pk in _held_back(FailedSchedule.Act.EXPIRE, now)]
    due = Article.objects.filter(live=True, expire_at__lte=now).exclude(pk__in=held)
    ids = list(due.order_by("expire_at").values_list("pk", flat=True)[:limit])
    done = [pk for pk in ids if _try_one(FailedSchedule.Act.EXPIRE, pk, None, now=now)]
    return Due(expired=tuple(done), failed=tuple(pk for pk in ids if pk not in done))


def _publish_each(due: list[Revision], *, now: datetime) -> tuple[list[int], list[int]]:
    """Publish revisions, together where that works; return ids published and failed, in order.

    Where it does not, each half is tried together: one that fails costs its batch a few
    transactions more, not one for each of the others.
    """
    if not due:
        return [], []
    try:
        with transaction.atomic():
            together = _go_live_together(due, now)
    except Exception:  # noqa: BLE001 - which one it was shows when it is alone
        if len(due) > 1:
            half = len(due) // 2
            first, second = (_publish_each(part, now=now) for part in (due[:half], due[half:]))
            return first[0] + second[0], first[1] + second[1]
        together = []
    published, failed = list(together), []
    for revision in due:
        article_id = int(revision.object_id)
        if article_id in together:
            continue
        if _try_one(FailedSchedule.Act.GO_LIVE, article_id, revision, now=now):
            published.append(article_id)
        else:
            failed.append(article_id)
    return published, failed


def _held_back(act: str, now: datetime) -> list[str]:
    waiting = FailedSchedule.objects.filter(act=act, next_try_at__gt=now)
    return [str(pk) for pk in waiting.values_list("article_id", flat=True)]


def _go_live_together(revisions: list[Revision], now: datetime) -> list[int]:
    """Make the rows live that hold their content already; return their ids in order."""
    by_article = {int(revision.object_id): revision for revision in revisions}
    articles = Article.objects.filter(
        pk__in=by_article, live=False, live_revision=None, killed_at=None
    ).in_bulk()
    # A revision newer than the one that was scheduled stays a draft over the live article.
    ids = [pk for pk in by_article if pk in articles]
    if not ids:
        return []
    drafted = {pk for pk in ids if articles[pk].latest_revision_id != by_article[pk].pk}
    for pk in ids:
        article = articles[pk]
        article.live = True
        article.expired = False
        article.last_published_at = now
        article.first_published_at = article.first_published_at or now
        article.live_revision_id = by_article[pk].pk
        article.has_unpublished_changes = pk in drafted
    rows = [articles[pk] for pk in ids]
    Article.objects.bulk_update(
        rows,
        [
            "live",
            "expired",
            "last_published_at",
            "first_published_at",
            "live_revision",
            "has_unpublished_changes",
        ],
    )
    Revision.objects.filter(
        base_content_type=ContentType.objects.get_for_model(Article),
        object_id__in=[str(pk) for pk in ids],
        approved_go_live_at__isnull=False,
    ).update(approved_go_live_at=None)
    reclaim_slugs(rows)
    _log_published(rows, by_article, now)
    _end_workflows(ids)
    index_quotes(rows)
    index_articles(rows)
    FailedSchedule.objects.filter(article_id__in=ids, act=FailedSchedule.Act.GO_LIVE).delete()
    announce_all([ArticlePublished(article_id=pk) for pk in ids])
    return ids


def _log_published(articles: list[Article], revisions: dict[int, Revision], now: datetime) -> None:
    """What `wagtail.log_actions.log` writes for each, in one statement."""
    kind = ContentType.objects.get_for_model(Article)
    ModelLogEntry.objects.bulk_create(
        ModelLogEntry(
            content_type=kind,
            object_id=str(article.pk),
            label=str(article),
            action="wagtail.publish",
            timestamp=now,
            revision=revisions[article.pk],
            data={},
        )
        for article in articles
    )


def _end_workflows(article_ids: list[int]) -> None:
    running = WorkflowState.objects.active().filter(
        base_content_type=ContentType.objects.get_for_model(Article),
        object_id__in=[str(pk) for pk in article_ids],
    )
    for state in running:
        state.cancel()


def _try_one(act: str, article_id: int, revision: Any, *, now: datetime) -> bool:
    do: Callable[[], Any]
    if act == FailedSchedule.Act.GO_LIVE:
        do = lambda: publish(Article.objects.get(pk=article_id), revision)  # noqa: E731
    else:
        do = lambda: unpublish(Article.objects.get(pk=article_id), set_expired=True)  # noqa: E731
    try:
        do()
    except Exception:  # noqa: BLE001 - whatever is wrong with one, the others go on
        _report(act, article_id, now, traceback.format_exc(limit=-6))
        return False
    FailedSchedule.objects.filter(article_id=article_id, act=act).delete()
    return True


def _report(act: str, article_id: int, now: datetime, error: str) -> None:
    logger.error("Article %d did not %s at its moment:\n%s", article_id, act, error)
    failure, is_new = FailedSchedule.objects.get_or_create(
        article_id=article_id,
        act=act,
        defaults={"due_at": now, "last_error": error, "next_try_at": now + timedelta(seconds=1)},
    )
    if not is_new:
        pause = min(timedelta(seconds=2**failure.tries), LONGEST_PAUSE)
        FailedSchedule.objects.filter(pk=failure.pk).update(
            tries=F("tries") + 1, last_error=error, next_try_at=now + pause
        )
