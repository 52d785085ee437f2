"""Rank what is read most, and what rises, from folded views; the cost follows what is read, not the
archive.

A list of a section, tag or author holds articles that stand there now. In a section they are
ranked by what was read while they stood there, elsewhere by all their views. Lists of all time are
kept for tags and authors alone: those of editions and sections are the first rows of an index.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import nsmallest
from typing import Literal, NamedTuple, TypeVar, cast

from django.db import router, transaction
from django.db.models import F, Max, Min, Q, Sum

from broadsheet.articles.queries import records_of

from .choosing import kept_out
from .models import (
    DAY,
    FIVE_MINUTES,
    HOUR,
    NO_RECORD,
    ArticleCount,
    Bucket,
    RankedWindow,
    Ranking,
)
from .rising import NOW, PAST, Cell, Hour, cell, find_rising

#: What a list is of: a whole edition, or one section, tag or author of it.
Kind = Literal["edition", "section", "tag", "author"]
RecordKind = Literal["tag", "author"]
T = TypeVar("T")

#: How far back each window goes in which the most read are counted.
WINDOWS = {
    "hour": timedelta(hours=1),
    "day": timedelta(hours=24),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
}
#: How often each window is ranked: the longer it is, the less it changes in a minute. Of those that
#: are due the first comes first.
EACH = {
    "day": timedelta(seconds=20),
    "hour": timedelta(seconds=20),
    "rising": timedelta(seconds=60),
    "week": timedelta(minutes=2),
    "month": timedelta(minutes=5),
    "all": timedelta(seconds=60),
}
LIST_LENGTH = 20
#: What bounds a ranking: the most read articles of a window, and in each edition the tags, and the
#: authors, whose articles were read most.
MOST_ARTICLES = 25_000
MOST_RECORDS = 2000
#: Nobody looks for those who come next when an article leaves a list of all time: so many wait.
RESERVE = 20
#: Values in one query; SQLite takes 32,766.
_STEP = 10_000
_LISTS_A_TRANSACTION = 50
_TOTALS_A_STEP = 500
_RECORD_KINDS: tuple[RecordKind, ...] = ("tag", "author")


class Group(NamedTuple):
    """What a list is of; `record_id` is `NO_RECORD` for a whole edition."""

    edition_id: int
    kind: Kind
    record_id: int


class Place(NamedTuple):
    """Where a live article stands."""

    id: int
    edition_id: int
    section_id: int | None
    published_at: datetime | None


class Rank(NamedTuple):
    """Sorts the most surprising, then the most read first; in a tie the more recent, then the
    larger id.
    """

    surprise: float
    views: int
    published: float
    article_id: int


@dataclass(frozen=True, slots=True)
class Read:
    """How often a live article was read in a window: anywhere, and while in its section."""

    place: Place
    views: int
    views_in_section: int
    surprise: float = 0.0

    def rank(self, views: int) -> Rank:
        published = self.place.published_at
        at = published.timestamp() if published else 0.0
        return Rank(-self.surprise, -views, -at, -self.place.id)


#: The articles of each list, first to last.
Lists = dict[Group, list[int]]


def rank_popular(*, now: datetime) -> int:
    """Compute the lists of every window; return how many there are."""
    for window in EACH:
        while rank_window(window, now=now):
            pass
    return Ranking.objects.count()


def rank_next(*, now: datetime) -> bool:
    """Compute the lists of the first window that is due; return whether one was."""
    known = {one.window: one for one in RankedWindow.objects.all()}
    for window, each in EACH.items():
        one = known.get(window)
        if one is None or one.is_due or one.computed_at is None or now - one.computed_at >= each:
            rank_window(window, now=now)
            return True
    return False


def rank_window(window: str, *, now: datetime) -> bool:
    """Compute the lists of one window; return whether there is more to do for it.

    A list is replaced as a whole, and one that is as it was is left alone.
    """
    RankedWindow.objects.update_or_create(window=window, defaults={"is_due": False})
    has_more = False
    if window == "all":
        has_more = _follow_totals()
    else:
        read = _rising(now=now) if window == "rising" else _most_read(window, now=now)
        _replace_lists(window, _make_lists(read))
    ranked = RankedWindow.objects.filter(window=window)
    if has_more:
        ranked.update(is_due=True)
    else:
        ranked.update(computed_at=now)
    return has_more


def buckets_since(moment: datetime) -> Q:
    """Choose buckets that cover each second since `moment` once: the largest that fit.

    The beginning is true to five minutes: buckets of five minutes up to the next hour, hours up
    to midnight (UTC), then days.
    """
    start = _first_bucket(moment)
    hour, day = (start + size - 1 - (start - 1) % size for size in (HOUR, DAY))
    return (
        Q(size=FIVE_MINUTES, start__gte=start, start__lt=hour)
        | Q(size=HOUR, start__gte=hour, start__lt=day)
        | Q(size=DAY, start__gte=day)
    )


def _first_bucket(moment: datetime) -> int:
    second = int(moment.astimezone(UTC).timestamp())
    return second - second % FIVE_MINUTES


def _most_read(window: str, *, now: datetime) -> list[Read]:
    """Return the live articles that were read most."""
    buckets = Bucket.objects.filter(
        buckets_since(now - WINDOWS[window]), start__lte=int(now.timestamp())
    )
    rows = buckets.values_list("article_id").annotate(
        read=Sum("views"), first=Min("section_id"), last=Max("section_id")
    )
    most = list(rows.order_by("-read", "-article_id")[:MOST_ARTICLES])
    moved = [article_id for article_id, _views, first, last in most if first != last]
    in_sections = {(one, section): views for one, views, section, last in most if section == last}
    for step in _steps(moved, _STEP):
        parts = buckets.filter(article_id__in=step).values_list("article_id", "section_id")
        in_sections |= {(one, section): n for one, section, n in parts.annotate(read=Sum("views"))}
    views_of = {article_id: views for article_id, views, *_ in most}
    return [
        Read(place, views_of[place.id], in_sections.get((place.id, place.section_id), 0))
        for place in _live_among(views_of, now=now)
    ]


def _rising(*, now: datetime) -> list[Read]:
    """Return the live articles that rise."""
    start = _first_bucket(now - NOW)
    hour = start - start % HOUR
    five_minutes, hours = Bucket.objects.filter(size=FIVE_MINUTES), Bucket.objects.filter(size=HOUR)
    last = five_minutes.filter(start__gte=start, start__lte=int(now.timestamp()))
    views_now = dict(last.values_list("article_id").annotate(read=Sum("views")))
    views_then: list[tuple[int, int, int, int]] = [
        row
        for earlier in (
            hours.filter(start__gte=hour - int(PAST.total_seconds()), start__lt=hour),
            five_minutes.filter(start__gte=hour, start__lt=start),
        )
        for row in earlier.values_list("article_id", "size", "start").annotate(read=Sum("views"))
    ]
    read = {*views_now, *(article_id for article_id, *_ in views_then)}
    places = {place.id: place for place in _live_among(read, now=now)}
    pasts: dict[int, Counter[Cell]] = defaultdict(Counter)
    past_of: dict[int, dict[Cell, int]] = defaultdict(dict)
    for article_id, size, began, views in views_then:
        if article_id in places:
            then = cell(began, began + size, before=start)
            pasts[places[article_id].edition_id][then] += views
            past_of[article_id][then] = views
    found = find_rising(
        (
            Hour(one, places[one].edition_id, places[one].published_at, views, past_of[one])
            for one, views in views_now.items()
            if one in places
        ),
        pasts=pasts,
        now=now,
    )
    return [
        Read(places[one.article_id], one.views, one.views, surprise=one.surprise) for one in found
    ]


def _make_lists(read: Sequence[Read]) -> Lists:
    """Return the list of every group that has read articles; of tags and authors in bounds."""
    groups: dict[Group, list[Rank]] = defaultdict(list)
    by_id: dict[int, tuple[int, Rank]] = {}
    for one in read:
        edition_id, section_id = one.place.edition_id, one.place.section_id
        rank = one.rank(one.views)
        groups[Group(edition_id, "edition", NO_RECORD)].append(rank)
        by_id[one.place.id] = edition_id, rank
        if section_id is not None and one.views_in_section:
            in_section = one.rank(one.views_in_section)
            groups[Group(edition_id, "section", section_id)].append(in_section)
    for kind in _RECORD_KINDS:
        groups |= _most_read_records(kind, by_id)
    return {
        group: [-rank.article_id for rank in nsmallest(LIST_LENGTH, found)]
        for group, found in groups.items()
    }


def _most_read_records(
    kind: RecordKind, read: Mapping[int, tuple[int, Rank]]
) -> dict[Group, list[Rank]]:
    """Return the articles of those tags, or authors, of each edition that were read most.

    `read` holds the edition of each article, and its rank there.
    """
    groups: dict[Group, list[Rank]] = defaultdict(list)
    for article_id, record_id in _records_of(kind, read):
        edition_id, rank = read[article_id]
        groups[Group(edition_id, kind, record_id)].append(rank)
    views: dict[int, Counter[Group]] = defaultdict(Counter)
    for group, ranks in groups.items():
        views[group.edition_id][group] = -sum(rank.views for rank in ranks)
    kept = [group for one in views.values() for group, _ in one.most_common(MOST_RECORDS)]
    return {group: groups[group] for group in kept}


def _follow_totals() -> bool:
    """Bring the lists of all time up to date with some articles whose rows changed since.

    Returns whether more wait. An article that became live, stopped to be, or has another tag, has
    changed as well; one that lost a tag stays in its list until it falls out, and is shown no more.
    """
    at = RankedWindow.objects.get(window="all")
    rows = list(
        ArticleCount.objects.exclude(revision=0)
        .filter(revision__gte=at.revision)
        .filter(Q(revision__gt=at.revision) | Q(article_id__gt=at.article_id))
        .order_by("revision", "article_id")
        .values_list("revision", "article_id", "edition_id", "is_live", "total")[:_TOTALS_A_STEP]
    )
    if not rows:
        return False
    totals = {
        article_id: (edition_id, total if is_live else 0)
        for _revision, article_id, edition_id, is_live, total in rows
        if edition_id is not None
    }
    for kind in _RECORD_KINDS:
        _write_lists_of_all_time(kind, totals)
    changed = ArticleCount.objects.filter(article_id__in=[article_id for _, article_id, *_ in rows])
    changed.exclude(ranked_total=F("total")).update(ranked_total=F("total"))
    revision, article_id, *_ = rows[-1]
    RankedWindow.objects.filter(window="all").update(revision=revision, article_id=article_id)
    return len(rows) == _TOTALS_A_STEP


def _write_lists_of_all_time(kind: RecordKind, totals: Mapping[int, tuple[int, int]]) -> None:
    """Put articles into the lists of all time that they belong in, by their `totals`, each with
    its edition; take out those that have none.
    """
    coming: dict[Group, dict[int, int]] = defaultdict(dict)
    for article_id, record_id in _records_of(kind, totals):
        edition_id, total = totals[article_id]
        coming[Group(edition_id, kind, record_id)][article_id] = total
    changed = []
    present = {_group_of(one): one for one in _stored_near(coming)}
    for group, articles in coming.items():
        one = present.get(group) or Ranking(window="all", article_ids=[], **group._asdict())
        had = dict(zip(one.article_ids, one.totals, strict=True))
        read = {number: total for number, total in (had | articles).items() if total}
        most = sorted(read.items(), key=lambda pair: (-pair[1], -pair[0]))
        ids, views = [list(part) for part in zip(*most[: LIST_LENGTH + RESERVE], strict=True)] or (
            [],
            [],
        )
        if (ids, views) != (one.article_ids, one.totals):
            one.article_ids, one.totals = ids, views
            changed.append(one)
    _write(changed)


def _replace_lists(window: str, lists: Lists) -> None:
    """Write the lists of a window that are not as they were, and delete those that are no more."""
    stored = Ranking.objects.filter(window=window)
    present = {_group_of(one): one.article_ids for one in stored}
    _write(
        [
            Ranking(window=window, article_ids=ids, **group._asdict())
            for group, ids in sorted(lists.items())
            if present.get(group) != ids
        ]
    )
    gone: dict[tuple[int, Kind], list[int]] = defaultdict(list)
    for edition_id, kind, record_id in sorted(present.keys() - lists.keys()):
        gone[edition_id, kind].append(record_id)
    for (edition_id, kind), ids in gone.items():
        former = stored.filter(edition_id=edition_id, kind=kind)
        for step in _steps(ids, _LISTS_A_TRANSACTION):
            former.filter(record_id__in=step).delete()


def _write(lists: Sequence[Ranking]) -> None:
    for step in _steps(lists, _LISTS_A_TRANSACTION):
        with transaction.atomic(using=router.db_for_write(Ranking)):
            Ranking.objects.bulk_create(
                step,
                update_conflicts=True,
                update_fields=["article_ids", "totals"],
                unique_fields=["window", "edition_id", "kind", "record_id"],
            )


def _stored_near(groups: Collection[Group]) -> Iterator[Ranking]:
    """Yield the present lists of all time of groups, which are of one kind, and some others."""
    editions, kinds = ({group[part] for group in groups} for part in (0, 1))
    near = Ranking.objects.filter(window="all", edition_id__in=editions, kind__in=kinds)
    for step in _steps(sorted({group.record_id for group in groups}), _STEP):
        yield from near.filter(record_id__in=step)


def _group_of(ranking: Ranking) -> Group:
    return Group(ranking.edition_id, cast("Kind", ranking.kind), ranking.record_id)


def _live_among(article_ids: Iterable[int], *, now: datetime) -> Iterator[Place]:
    """Yield the places of those articles that are live, and not kept out by an editor."""
    left_out = kept_out(now=now)
    for step in _steps(sorted(article_ids), _STEP):
        live = ArticleCount.objects.filter(
            is_live=True, edition_id__isnull=False, article_id__in=step
        )
        places = live.values_list("article_id", "edition_id", "section_id", "published_at")
        yield from (
            place
            for place in map(Place._make, places)
            if (place.edition_id, place.id) not in left_out
        )


def _records_of(kind: RecordKind, article_ids: Iterable[int]) -> Iterator[tuple[int, int]]:
    for step in _steps(sorted(article_ids), _STEP):
        yield from records_of(kind, step)


def _steps(values: Sequence[T], length: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), length):
        yield values[start : start + length]
