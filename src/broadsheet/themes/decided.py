"""What the desk decided about stories, as every run that places an article asks for it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet, Value

from .models import (
    ArticlesApart,
    BarredArticle,
    PinnedArticle,
    RelatedArticle,
    StoriesApart,
    Story,
    StoryAct,
    StoryMember,
    StoryProposal,
)


@dataclass(frozen=True, slots=True)
class Ruling:
    """Where an article has to be, None for anywhere, and the stories that it may not be in."""

    pinned_to: int | None
    barred_from: frozenset[int]

    def lets_stay(self, story_id: int) -> bool:
        if self.pinned_to is not None:
            return self.pinned_to == story_id
        return story_id not in self.barred_from


def ruling_on(article_id: int) -> Ruling:
    """Return what was decided about an article; one query.

    It is barred too from the stories of articles that it never shows together with, or that were
    taken out of its own.
    """
    pinned = PinnedArticle.objects.filter(pk=article_id)
    barred = BarredArticle.objects.filter(article_id=article_id)
    others = ArticlesApart.objects.filter(
        article_id=article_id, other__story_member__isnull=False
    ).annotate(home=F("other__story_member__story_id"))
    taken_out = BarredArticle.objects.filter(
        story__members=article_id, article__story_member__isnull=False
    ).annotate(home=F("article__story_member__story_id"))
    rows = (
        pinned.annotate(is_pin=Value(1)).values_list("story_id", "is_pin"),
        barred.annotate(is_pin=Value(0)).values_list("story_id", "is_pin"),
        others.annotate(is_pin=Value(0)).values_list("home", "is_pin"),
        taken_out.annotate(is_pin=Value(0)).values_list("home", "is_pin"),
    )
    found = list(rows[0].union(*rows[1:], all=True))
    return Ruling(
        pinned_to=next((story_id for story_id, is_pin in found if is_pin), None),
        barred_from=frozenset(story_id for story_id, is_pin in found if not is_pin),
    )


def may_be_one(story_ids: Collection[int]) -> bool:
    """Whether stories may become one by themselves: nothing that was decided speaks against it."""
    ids = list(story_ids)
    of_them = StoryMember.objects.filter(story__in=ids).values("pk")
    against: tuple[QuerySet[BarredArticle | StoriesApart | ArticlesApart | Story], ...] = (
        Story.objects.filter(pk__in=ids, is_closed=True),
        StoriesApart.objects.filter(story__in=ids, other__in=ids),
        BarredArticle.objects.filter(story__in=ids, article__in=of_them),
        BarredArticle.objects.filter(story__in=ids, article__in=_pinned_in(ids)),
        ArticlesApart.objects.filter(article__in=of_them, other__in=of_them),
    )
    return not any(rows.exists() for rows in against)


def is_decided(story_id: int) -> bool:
    """Whether the desk decided anything about a story, so that it outlives its articles."""
    told = Q(is_closed=True) | Q(is_featured=True) | ~Q(headline="") | ~Q(summary="")
    rows = (
        Story.objects.filter(told, pk=story_id),
        PinnedArticle.objects.filter(story=story_id),
        BarredArticle.objects.filter(story=story_id),
        StoriesApart.objects.filter(story=story_id),
        StoryProposal.objects.filter(Q(story=story_id) | Q(other=story_id)).exclude(
            dismissed_at=None
        ),
    )
    return any(found.exists() for found in rows)


def inherit_decisions(gone: Collection[int], *, to: int) -> None:
    """Let what was decided about the stories `gone` hold for `to`, of which they become part."""
    gone = list(gone)
    PinnedArticle.objects.filter(story__in=gone).update(story=to)
    barred = BarredArticle.objects.filter(story__in=[*gone, to]).values_list(
        "article_id", flat=True
    )
    BarredArticle.objects.bulk_create(
        [BarredArticle(article_id=pk, story_id=to) for pk in sorted(set(barred))],
        ignore_conflicts=True,
    )
    apart = StoriesApart.objects.filter(story__in=gone).exclude(other__in=[*gone, to])
    part_stories((to, other) for other in list(apart.values_list("other_id", flat=True)))
    if Story.objects.filter(pk__in=gone, is_featured=True).exists():
        Story.objects.filter(pk=to).update(is_featured=True)
    StoryAct.objects.filter(story__in=gone).update(story=to)
    StoryAct.objects.filter(other__in=gone).update(other=to)
    _inherit_dismissals(gone, to=to)


def _inherit_dismissals(gone: Collection[int], *, to: int) -> None:
    of_gone = Q(story__in=gone) | Q(other__in=gone)
    for row in StoryProposal.objects.filter(of_gone).exclude(dismissed_at=None):
        pair = sorted({to if pk in gone else pk for pk in (row.story_id, row.other_id)})
        if len(pair) > 1:
            kept = {
                "article_id": row.article_id,
                "score": row.score,
                "found_at": row.found_at,
                "dismissed_by": row.dismissed_by,
                "dismissed_at": row.dismissed_at,
            }
            StoryProposal.objects.update_or_create(
                story_id=pair[0], other_id=pair[1], defaults=kept
            )


def part_stories(pairs: Iterable[tuple[int, int]]) -> None:
    StoriesApart.objects.bulk_create(
        [
            StoriesApart(story_id=story_id, other_id=other_id)
            for pair in pairs
            for story_id, other_id in (pair, pair[::-1])
        ],
        ignore_conflicts=True,
    )


def kept_apart_from(article_id: int) -> Q:
    """Return the condition on `RelatedArticle` of what never shows together with an article."""
    stories = StoriesApart.objects.filter(story__members=article_id).values("other_id")
    articles = ArticlesApart.objects.filter(article_id=article_id).values("other_id")
    return Q(other__story_member__story_id__in=stories) | Q(other_id__in=articles)


def seeing_through(article_id: int, stories: Collection[int]) -> set[int]:
    """Return who has a link to an article that is shown or not as it is in one of `stories`.

    Empty where nothing is kept apart from these; one query then.
    """
    if not stories or not StoriesApart.objects.filter(story__in=stories).exists():
        return set()
    linking = RelatedArticle.objects.filter(other_id=article_id)
    return set(linking.values_list("article_id", flat=True))


def _pinned_in(story_ids: Collection[int]) -> "QuerySet[Any, Any]":
    return PinnedArticle.objects.filter(story__in=story_ids).values("pk")
