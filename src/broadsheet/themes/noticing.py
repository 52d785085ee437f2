"""Whose theme or timeline changed when an article was placed: what `ThemesChanged` names.

Only rows are compared. Whether an article is live is asked anew by every query, and is announced
by the articles' own facts: a page that shows an article is made from it. But a page made while
the article was down is not, so an article that comes back to its old place is told to all who
stand beside it (`neighbours_of`).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from .decided import seeing_through
from .models import AnnouncedDate, RelatedArticle, StoryMember

#: An article's links as readers see them: who, whether as background, and by which names, the best
#: first.
Links = list[tuple[int, bool, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Standing:
    """An article's place in its story and what it announces there; None where it has none."""

    story_id: int | None
    published_at: datetime | None
    announced: tuple[tuple[date, str, str], ...]


def standing_of(article_id: int) -> Standing:
    """Return where an article stands now, in two queries."""
    member = StoryMember.objects.filter(pk=article_id).first()
    dates = AnnouncedDate.objects.filter(article_id=article_id).order_by("pk")
    return Standing(
        story_id=member.story_id if member else None,
        published_at=member.published_at if member else None,
        announced=tuple(dates.values_list("date", "precision", "text")),
    )


def touched_by_move(article_id: int, before: Standing, after: Standing) -> set[int]:
    """Return who sees that an article moved: itself, and all in the story that it left or joined.

    Where its place decides whether others show it, they see it too. Empty where it stands as
    before. Three queries at most.
    """
    if before == after:
        return set()
    stories = {pk for pk in (before.story_id, after.story_id) if pk is not None}
    members = StoryMember.objects.filter(story_id__in=stories).values_list("pk", flat=True)
    return {article_id, *members, *seeing_through(article_id, stories)}


def neighbours_of(article_id: int) -> set[int]:
    """Return an article, those of its story, and those that have a link to it; two queries.

    Empty where the article has no place.
    """
    members = StoryMember.objects.filter(story__members=article_id).values_list("pk", flat=True)
    linking = RelatedArticle.objects.filter(other_id=article_id)
    return {*members, *linking.values_list("article_id", flat=True)}


def links_of(article_ids: Iterable[int]) -> dict[int, Links]:
    """Return the links of articles in the order of `queries.theme_of`, in one query."""
    found: dict[int, Links] = defaultdict(list)
    links = RelatedArticle.objects.filter(article_id__in=set(article_ids)).order_by(
        "article_id", "is_background", "-score", "-other__first_published_at", "-other_id"
    )
    fields = ("article_id", "other_id", "is_background", "names")
    for article_id, other_id, is_background, names in links.values_list(*fields):
        found[article_id].append((other_id, is_background, tuple(names)))
    return found
