"""Rank what is read most, from folded buckets alone; the cost follows what is read, not the archive."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import nsmallest

from django.db import connections, router, transaction
from django.db.models import Q, Sum

from . import statements
from .models import (
    ALL_SECTIONS,
    DAY,
    FIVE_MINUTES,
    HOUR,
    ArticleCount,
    Bucket,
    FoldState,
    Ranking,
)

WINDOWS = {"hour": timedelta(hours=1), "day": timedelta(hours=24), "week": timedelta(days=7)}
LIST_LENGTH = 20
#: Articles whose places are read in one query; SQLite takes 32,766 values in a statement.
_STEP = 10_000


@dataclass(frozen=True, slots=True)
class Read:
    """How often a live article was read in a window."""

    article_id: int
    edition_id: int
    section_id: int | None
    published_at: datetime | None
    views: int

    @property
    def rank(self) -> tuple[int, float, int]:
        """Sorts the most read first; in a tie the more recent, then the larger id."""
        published = self.published_at.timestamp() if self.published_at else 0.0
        return (-self.views, -published, -self.article_id)


#: (edition, section or 0) → the most read, first to last.
Groups = dict[tuple[int, int], list[Read]]


def rank_popular(*, now: datetime) -> int:
    """Compute the lists of each edition and each section of it; return how many places they have.

    They replace the former ones in one transaction, with `now` as the moment of computing.
    """
    places = [
        Ranking(
            window=window,
            edition_id=edition_id,
            section_id=section_id,
            position=position,
            article_id=read.article_id,
            views=read.views,
            computed_at=now,
        )
        for window, length in WINDOWS.items()
        for (edition_id, section_id), most_read in rank_window(length, now=now).items()
        for position, read in enumerate(most_read, start=1)
    ]
    database = router.db_for_write(Ranking)
    with transaction.atomic(using=database):
        with connections[database].cursor() as cursor:
            cursor.execute(statements.DELETE_RANKINGS)
        Ranking.objects.bulk_create(places, batch_size=500)
        FoldState.objects.update_or_create(pk=1, defaults={"ranked_at": now})
    return len(places)


def rank_window(length: timedelta, *, now: datetime) -> Groups:
    """Return the most read live articles of the last `length`, by edition and by section."""
    views = dict(
        Bucket.objects.filter(buckets_since(now - length), start__lte=int(now.timestamp()))
        .values("article_id")
        .annotate(read=Sum("views"))
        .values_list("article_id", "read")
    )
    groups: Groups = {}
    for read in _live_among(views):
        groups.setdefault((read.edition_id, ALL_SECTIONS), []).append(read)
        if read.section_id is not None:
            groups.setdefault((read.edition_id, read.section_id), []).append(read)
    return {
        group: nsmallest(LIST_LENGTH, found, key=lambda read: read.rank)
        for group, found in groups.items()
    }


def buckets_since(moment: datetime) -> Q:
    """Choose buckets that cover each second since `moment` once: the largest that fit.

    The beginning is true to five minutes: buckets of five minutes up to the next hour, hours up
    to midnight (UTC), then days.
    """
    second = int(moment.astimezone(UTC).timestamp())
    start = second - second % FIVE_MINUTES
    hour, day = (start + size - 1 - (start - 1) % size for size in (HOUR, DAY))
    return (
        Q(size=FIVE_MINUTES, start__gte=start, start__lt=hour)
        | Q(size=HOUR, start__gte=hour, start__lt=day)
        | Q(size=DAY, start__gte=day)
    )


def _live_among(views: dict[int, int]) -> list[Read]:
    wanted = sorted(views)
    found: list[Read] = []
    for first in range(0, len(wanted), _STEP):
        live = ArticleCount.objects.filter(
            is_live=True, edition_id__isnull=False, article_id__in=wanted[first : first + _STEP]
        )
        found += [
            Read(
                article_id=count.article_id,
                edition_id=count.edition_id,
                section_id=count.section_id,
                published_at=count.published_at,
                views=views[count.article_id],
            )
            for count in live.only("article_id", "edition_id", "section_id", "published_at")
            if count.edition_id is not None
        ]
    return found
