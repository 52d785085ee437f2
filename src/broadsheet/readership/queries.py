"""What the rest of the ladder reads of readership. Nothing here writes."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal, cast, get_args

from django.db.models import Sum
from django.utils import timezone

from broadsheet.articles.queries import latest_articles, records_of

from .choosing import present_choices
from .models import DAY, NO_RECORD, ArticleCount, Bucket, PopularChoice, RankedWindow, Ranking
from .ranking import Group, Kind

Window = Literal["hour", "day", "week", "month", "all", "rising"]
WindowName = Window | Literal["newest"]
WINDOWS: tuple[Window, ...] = get_args(Window)
#: A list with fewer ranked articles says too little: a wider window is taken.
ENOUGH = 5
#: Lists that were computed so long ago are shown no more.
RANKING_OLD = timedelta(minutes=10)
_WIDER: tuple[Window, ...] = ("hour", "day", "week", "month", "all")


@dataclass(frozen=True, slots=True)
class Numbers:
    """View counts of one moment, by article; 0 for an article that was never read."""

    as_of: datetime
    counts: Mapping[int, int]

    def __getitem__(self, article_id: int, /) -> int:
        return self.counts.get(article_id, 0)


@dataclass(frozen=True, slots=True)
class PopularList:
    """Articles, the most read first, the window that they are ranked over, and when they were.

    Those that are `pinned` stand first whatever their views: an editor chose them.
    """

    window: WindowName
    computed_at: datetime
    article_ids: tuple[int, ...]
    pinned: frozenset[int] = frozenset()


def numbers(article_ids: Iterable[int]) -> Numbers:
    """Return the counts of articles, imported and counted, from one statement's snapshot."""
    as_of = timezone.now()
    wanted = ArticleCount.objects.filter(article_id__in=set(article_ids))
    return Numbers(as_of, dict(wanted.values_list("article_id", "total")))


def popular(
    edition_id: int,
    *,
    section_id: int | None = None,
    tag_id: int | None = None,
    author_id: int | None = None,
    limit: int = 10,
    window: Window = "day",
    has_pins: bool = True,
    now: datetime,
) -> PopularList:
    """Return what is read most in an edition, or in one section, tag or author of it, over `window`.

    With fewer than five ranked articles, or where none were ranked in the last ten minutes, the
    window widens: hour → day → week → month → all time, where imported views count too. The
    newest come only where nothing was ever read. What rises neither widens nor has pins.
    """
    group = _group_of(edition_id, section=section_id, tag=tag_id, author=author_id)
    windows = (window,) if window == "rising" else _WIDER[_WIDER.index(window) :]
    ranked = RankedWindow.objects.filter(window__in=windows).exclude(computed_at=None)
    ever_ranked_at: dict[str, Any] = dict(ranked.values_list("window", "computed_at"))
    ranked_at = {one: at for one, at in ever_ranked_at.items() if at > now - RANKING_OLD}
    lists = _read_lists(group, ranked_at)
    pins, left_out = _choices(edition_id, now=now)
    if window == "rising" or not has_pins:
        pins = []
    standing = _standing(group, {*pins, *(one for found in lists.values() for one in found)})
    pins = [one for one in pins if one in standing]

    def made(name: WindowName, ids: Iterable[int], *, at: datetime) -> PopularList:
        others = [one for one in ids if one not in pins]
        return PopularList(name, at, tuple([*pins, *others][:limit]), frozenset(pins))

    ids: list[int] = []
    for name in windows:
        ids = [one for one in lists.get(name, ()) if one in standing and one not in left_out]
        if len(ids) >= ENOUGH or name == "rising":
            return made(name, ids, at=ranked_at.get(name, now))
    if group.kind in {"edition", "section"}:
        # Until all time is first ranked nothing is in the order of the index.
        order = "ranked_total" if "all" in ever_ranked_at else "total"
        ids = _most_read_of_all(group, order=order, without=left_out, limit=limit)
    at = ever_ranked_at.get("all", now)
    if ids:
        return made("all", ids, at=at)
    newest = latest_articles(edition_id, **_FILTERS[group.kind](group.record_id))
    found = newest.exclude(pk__in=left_out).values_list("pk", flat=True)
    return made("newest", found[:limit], at=now)


def last_ranked_at() -> datetime | None:
    """Return when any lists were last computed."""
    ranked = RankedWindow.objects.exclude(computed_at=None).order_by("-computed_at")
    return ranked.values_list("computed_at", flat=True).first()


#: How articles of a group are found among all of its edition.
_FILTERS: Mapping[Kind, Callable[[int], dict[str, Any]]] = {
    "edition": lambda _id: {},
    "section": lambda section_id: {"section": section_id},
    "tag": lambda tag_id: {"tags": tag_id},
    "author": lambda author_id: {"bylines__author": author_id},
}


def _group_of(edition_id: int, **records: int | None) -> Group:
    for kind, record_id in records.items():
        if record_id is not None:
            return Group(edition_id, cast("Kind", kind), record_id)
    return Group(edition_id, "edition", NO_RECORD)


def _read_lists(group: Group, windows: Iterable[str]) -> dict[str, list[int]]:
    """Return the articles of a group's lists, by window."""
    ranked = Ranking.objects.filter(window__in=list(windows), **group._asdict())
    return dict(ranked.values_list("window", "article_ids"))


def _choices(edition_id: int, *, now: datetime) -> tuple[list[int], set[int]]:
    """Return which articles editors pinned, the latest first, and which they keep out."""
    choices = present_choices(now=now).filter(edition_id=edition_id)
    by_kind: dict[str, list[int]] = {kind: [] for kind in PopularChoice.Kind.values}
    for kind, article_id in choices.values_list("kind", "article_id"):
        by_kind[kind].append(article_id)
    return by_kind[PopularChoice.Kind.PIN], set(by_kind[PopularChoice.Kind.KEEP_OUT])


def _standing(group: Group, article_ids: Collection[int]) -> set[int]:
    """Return those of the articles that are still live, and still belong to the group."""
    present = ArticleCount.objects.filter(
        article_id__in=article_ids, is_live=True, edition_id=group.edition_id
    )
    if group.kind == "section":
        present = present.filter(section_id=group.record_id)
    ids = set(present.values_list("article_id", flat=True))
    if group.kind in {"tag", "author"}:
        pairs = records_of(group.kind, ids)
        ids = {article_id for article_id, record_id in pairs if record_id == group.record_id}
    return ids


def _most_read_of_all(
    group: Group, *, order: str, without: Collection[int], limit: int
) -> list[int]:
    live = ArticleCount.objects.filter(is_live=True, edition_id=group.edition_id)
    read = live.filter(**{f"{order}__gt": 0})
    if group.kind == "section":
        read = read.filter(section_id=group.record_id)
    ordered = read.order_by(f"-{order}", "-published_at", "-article_id")
    ids = ordered.values_list("article_id", flat=True)[: limit + len(without)]
    return [one for one in ids if one not in without][:limit]


def views_by_day(article_ids: Collection[int], days: Sequence[date]) -> list[int]:
    """Return the counted views of articles together on each of `days` (UTC), in one query."""
    starts = [int(datetime.combine(day, time(), UTC).timestamp()) for day in days]
    read = Bucket.objects.filter(size=DAY, start__in=starts, article_id__in=article_ids)
    views = dict(read.values_list("start").annotate(read=Sum("views")))
    return [views.get(start, 0) for start in starts]
