"""What the rest of the ladder reads of readership. Nothing here writes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.utils import timezone

from broadsheet.articles.queries import latest_articles

from .models import ALL_SECTIONS, ArticleCount, FoldState, Ranking
from .ranking import WINDOWS, rank_window

WindowName = Literal["hour", "day", "week", "all", "newest"]
#: A list with fewer ranked articles says too little: a wider window is taken.
ENOUGH = 5
_WIDER: tuple[WindowName, ...] = ("hour", "day", "week", "all")


@dataclass(frozen=True, slots=True)
class Numbers:
    """View counts of one moment, by article; 0 for an article that was never read."""

    as_of: datetime
    counts: Mapping[int, int]

    def __getitem__(self, article_id: int, /) -> int:
        return self.counts.get(article_id, 0)


@dataclass(frozen=True, slots=True)
class PopularList:
    """Articles, the most read first, and the window that they are ranked over."""

    window: WindowName
    computed_at: datetime
    article_ids: tuple[int, ...]


def numbers(article_ids: Iterable[int]) -> Numbers:
    """Return the counts of articles, imported and counted, from one statement's snapshot."""
    as_of = timezone.now()
    wanted = ArticleCount.objects.filter(article_id__in=set(article_ids))
    return Numbers(as_of, dict(wanted.values_list("article_id", "total")))


def popular(
    edition_id: int,
    *,
    section_id: int | None = None,
    limit: int = 10,
    window: Literal["hour", "day", "week", "all"] = "day",
    now: datetime,
) -> PopularList:
    """Return what is read most in an edition, or in one section of it, over `window`.

    With fewer than five ranked articles the window widens: hour → day → week → all time, where
    imported views count too. The newest come only where nothing was ever read.
    """
    section = ALL_SECTIONS if section_id is None else section_id
    ranked_at = FoldState.objects.filter(pk=1).values_list("ranked_at", flat=True).first()
    for name in _WIDER[_WIDER.index(window) : -1]:
        if ranked_at is None:
            ids = _rank_at_once(name, edition_id, section, now=now)
        else:
            ids = _read_ranking(name, edition_id, section)
        if len(ids) >= ENOUGH:
            return PopularList(name, ranked_at or now, tuple(ids[:limit]))
    ids = _most_read_of_all(edition_id, section_id, limit=limit)
    if ids:
        return PopularList("all", now, tuple(ids))
    newest = latest_articles(edition_id)
    if section_id is not None:
        newest = newest.filter(section_id=section_id)
    return PopularList("newest", now, tuple(newest.values_list("pk", flat=True)[:limit]))


def _read_ranking(window: str, edition_id: int, section: int) -> list[int]:
    """Return the ranked articles that are still live, and still stand there."""
    ranked = Ranking.objects.filter(window=window, edition_id=edition_id, section_id=section)
    ids = list(ranked.order_by("position").values_list("article_id", flat=True))
    present = ArticleCount.objects.filter(article_id__in=ids, is_live=True, edition_id=edition_id)
    if section != ALL_SECTIONS:
        present = present.filter(section_id=section)
    still = set(present.values_list("article_id", flat=True))
    return [one for one in ids if one in still]


def _rank_at_once(window: str, edition_id: int, section: int, *, now: datetime) -> list[int]:
    """Rank before the clock first did. Costs as much as one ranking, of buckets alone."""
    groups = rank_window(WINDOWS[window], now=now)
    return [read.article_id for read in groups.get((edition_id, section), ())]


def _most_read_of_all(edition_id: int, section_id: int | None, *, limit: int) -> list[int]:
    read = ArticleCount.objects.filter(is_live=True, edition_id=edition_id, total__gt=0)
    if section_id is not None:
        read = read.filter(section_id=section_id)
    ordered = read.order_by("-total", "-published_at", "-article_id")
    return list(ordered.values_list("article_id", flat=True)[:limit])
