"""What the rest of the ladder reads of themes. Nothing here writes."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, cast

from .models import AnnouncedDate, RelatedArticle, StoryMember
from .timelines import Precision


@dataclass(frozen=True, slots=True)
class ThemeEntry:
    """An article that belongs to the theme, and why; `names` as they are to be shown."""

    article_id: int
    kind: Literal["same_story", "also_about"]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """What happened `at` a moment (UTC), or is announced for a `date` of some `precision`.

    `text` is the headline of the article `article_id`, or the sentence in it that announces.
    """

    kind: Literal["happened", "announced"]
    at: datetime | None
    date: date | None
    precision: Precision | None
    text: str
    article_id: int


#: What happened in a story: its live articles, oldest first.
Story = tuple[TimelineEntry, ...]


def story_of(article_id: int) -> Story:
    """Return the live articles of an article's story, itself among them, oldest first; one query."""
    members = StoryMember.objects.filter(story__members=article_id, article__live=True)
    rows = members.order_by("published_at", "pk").values_list(
        "pk", "published_at", "article__headline"
    )
    return tuple(TimelineEntry("happened", at, None, None, text, pk) for pk, at, text in rows)


def theme_of(
    article_id: int, *, limit: int = 8, story: Story | None = None
) -> tuple[ThemeEntry, ...]:
    """Return what belongs with an article: its story newest first, then its theme, best first.

    Live articles of the same edition only, never the article itself; empty where nothing is
    near enough. `story` is that of `story_of`, where it was read already. One query more, none
    where the story fills `limit`.
    """
    story = story_of(article_id) if story is None else story
    members = [entry.article_id for entry in reversed(story)]
    same_story = [pk for pk in members if pk != article_id][:limit]
    entries = [ThemeEntry(pk, "same_story", ()) for pk in same_story]
    if len(entries) < limit:
        links = (
            RelatedArticle.objects.filter(article_id=article_id, other__live=True)
            .exclude(other_id__in=members)
            .order_by("-score", "-other__first_published_at", "-other_id")
            .values_list("other_id", "names")[: limit - len(entries)]
        )
        entries += [ThemeEntry(pk, "also_about", tuple(names)) for pk, names in links]
    return tuple(entries)


def timeline_of(article_id: int, *, story: Story | None = None) -> tuple[TimelineEntry, ...]:
    """Return what happened in an article's story, oldest first, then what it announces.

    A date that several articles announce is told by the newest of them. `story` is that of
    `story_of`, where it was read already. One query more, none where nothing happened.
    """
    story = story_of(article_id) if story is None else story
    if not story:
        return ()
    announced: dict[tuple[date, str], TimelineEntry] = {}
    dates = AnnouncedDate.objects.filter(
        article__live=True, article__story_member__story__members=article_id
    ).order_by("date", "precision", "-article__first_published_at", "-article_id", "pk")
    for row in dates:
        precision = cast("Precision", row.precision)
        entry = TimelineEntry("announced", None, row.date, precision, row.text, row.article_id)
        announced.setdefault((row.date, row.precision), entry)
    return (*story, *announced.values())
