"""Stories as the desk lists them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from .languages import language_of
from .models import (
    ArticlesApart,
    BarredArticle,
    PinnedArticle,
    StoriesApart,
    Story,
    StoryAct,
    StoryMember,
)
from .queries import HAS_PAGE_FROM
from .telling import Piece, first_to_read, weigh_story
from .texts import plain_text

#: A line's headline is found among so many of a story's newest articles.
PIECES_READ = 40


@dataclass(frozen=True, slots=True)
class StoryLine:
    """A story in a list: `size` counts its articles, moments are UTC; `slug` may be empty."""

    id: int
    locale_id: int
    headline: str
    slug: str
    size: int
    oldest_at: datetime
    newest_at: datetime
    is_closed: bool
    is_featured: bool


@dataclass(frozen=True, slots=True)
class Decided:
    """What is in force for a story: articles that are pinned to it or kept out, stories apart."""

    pinned: frozenset[int]
    barred: tuple[int, ...]
    apart: tuple[int, ...]


def stories_in(locale_id: int, *, state: str = "") -> "QuerySet[Story]":
    """Return the stories of an edition, the latest first.

    `state` is "" for those of several articles, "all", "featured", "closed" or "decided".
    """
    stories = Story.objects.filter(locale_id=locale_id).order_by("-newest_at", "-pk")
    if state == "featured":
        return stories.filter(is_featured=True)
    if state == "closed":
        return stories.filter(is_closed=True)
    if state == "decided":
        return stories.filter(pk__in=StoryAct.objects.values("story_id"))
    return stories.filter(size__gte=1 if state == "all" else HAS_PAGE_FROM)


def lines_of(story_ids: Sequence[int]) -> list[StoryLine]:
    """Return stories in the order of `story_ids`, those that are there; two queries."""
    stories = Story.objects.select_related("locale").in_bulk(story_ids)
    pieces = _pieces_of(stories)
    return [
        StoryLine(
            id=pk,
            locale_id=story.locale_id,
            headline=story.headline or _headline(pieces[pk], story.locale.language_code),
            slug=story.slug,
            size=story.size,
            oldest_at=story.oldest_at,
            newest_at=story.newest_at,
            is_closed=story.is_closed,
            is_featured=story.is_featured,
        )
        for pk in story_ids
        if (story := stories.get(pk)) is not None
    ]


def decided_about(story_id: int) -> Decided:
    """Return what is in force for a story; three queries."""
    pinned = PinnedArticle.objects.filter(story=story_id).values_list("pk", flat=True)
    barred = BarredArticle.objects.filter(story=story_id).order_by("pk")
    apart = StoriesApart.objects.filter(story=story_id).order_by("pk")
    return Decided(
        pinned=frozenset(pinned),
        barred=tuple(barred.values_list("article_id", flat=True)),
        apart=tuple(apart.values_list("other_id", flat=True)),
    )


def acts_about(story_id: int, *, limit: int = 100) -> list[StoryAct]:
    """Return what was decided about a story, the latest first."""
    acts = StoryAct.objects.filter(Q(story=story_id) | Q(other=story_id))
    return list(acts.order_by("-made_at", "-pk")[:limit])


def standing_at_desk(article_id: int) -> tuple[int | None, int | None, tuple[int, ...]]:
    """Return an article's story, the story it is pinned to, and articles it never shows with."""
    home = StoryMember.objects.filter(pk=article_id).values_list("story_id", flat=True).first()
    pin = PinnedArticle.objects.filter(pk=article_id).values_list("story_id", flat=True).first()
    apart = ArticlesApart.objects.filter(article=article_id).order_by("pk")
    return home, pin, tuple(apart.values_list("other_id", flat=True))


def _pieces_of(story_ids: Iterable[int]) -> dict[int, list[Piece]]:
    pieces: dict[int, list[Piece]] = defaultdict(list)
    newest = (F("article__first_published_at").desc(), F("article_id").desc())
    rows = (
        StoryMember.objects.filter(story__in=list(story_ids), article__live=True)
        .annotate(place=Window(RowNumber(), partition_by=F("story_id"), order_by=newest))
        .filter(place__lte=PIECES_READ)
        .order_by("story_id", "place")
    )
    for story_id, pk, at, headline, lead in rows.values_list(
        "story_id",
        "article_id",
        "published_at",
        "article__headline",
        "article__lead",
    ):
        pieces[story_id].append(Piece(pk, at, headline, plain_text(lead)))
    return pieces


def _headline(pieces: Sequence[Piece], code: str) -> str:
    if not pieces:
        return ""
    language = language_of(code)
    return first_to_read(pieces, weigh_story(pieces, language), language).headline
