"""What the rest of the ladder reads of themes. Nothing here writes."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, cast

from broadsheet.articles.models import Article

from .models import AnnouncedDate, RelatedArticle, StoryMember, StorySlug
from .models import Story as StoryRow
from .telling import Piece
from .texts import plain_text
from .timelines import Precision

#: So many live articles are a story that has a page.
HAS_PAGE_FROM = 2
#: What a story says of itself it takes from so many of its newest articles.
PIECES_READ = 300


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


@dataclass(frozen=True, slots=True)
class StoryFacts:
    """A story as the desk has it: `headline` and `summary` are empty where they are taken from its
    articles, `slug` where it never had two of them.
    """

    id: int
    slug: str
    headline: str
    summary: str


@dataclass(frozen=True, slots=True)
class StoryAddress:
    """Where an address of a story leads: to a story, or to the article that was its last."""

    story: StoryFacts | None
    article_id: int | None


@dataclass(frozen=True, slots=True)
class Counterpart:
    """A story of another edition that tells the same: `article_ids` are its translations of ours."""

    edition_id: int
    slug: str
    article_ids: tuple[int, ...]


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
    return (*story, *_announced(article__story_member__story__members=article_id))


def announced_in(story_id: int) -> tuple[TimelineEntry, ...]:
    """Return what the live articles of a story announce, as `timeline_of` does; one query."""
    return _announced(article__story_member__story=story_id)


def pieces_of(story_id: int) -> list[Piece]:
    """Return what the live articles of a story say first, the newest first; one query."""
    live = Article.objects.filter(live=True, story_member__story=story_id)
    rows = live.order_by("-first_published_at", "-pk")
    return [
        Piece(pk, at, headline, plain_text(lead))
        for pk, at, headline, lead in rows.values_list(
            "pk", "first_published_at", "headline", "lead"
        )[:PIECES_READ]
    ]


def find_story(edition_id: int, slug: str) -> StoryAddress | None:
    """Return where an address leads that a story has or had; None where none ever did.

    The story that is found need not have a page: that takes two live articles.
    """
    story = _facts_of(StoryRow.objects.filter(locale_id=edition_id, slug=slug).exclude(slug=""))
    if story is not None:
        last = StoryMember.objects.filter(story=story.id).order_by("-published_at", "-pk")
        return StoryAddress(story, last.values_list("pk", flat=True).first())
    former = StorySlug.objects.filter(locale_id=edition_id, slug=slug)
    found = former.values_list("story_id", "article_id", "article__story_member__story_id").first()
    if found is None:
        return None
    story_id, article_id, home_id = found
    return StoryAddress(_facts_of(StoryRow.objects.filter(pk=story_id or home_id)), article_id)


def story_slug_of(article_id: int) -> str:
    """Return the address of an article's story, "" where it has none; one query."""
    slugs = StoryRow.objects.filter(members=article_id).values_list("slug", flat=True)
    return slugs.first() or ""


def story_slugs_of(article_ids: Iterable[int]) -> list[tuple[str, str]]:
    """Return the addresses of the stories that articles are in: edition's code, and slug."""
    stories = StoryRow.objects.filter(members__in=list(article_ids)).exclude(slug="")
    return list(stories.values_list("locale__language_code", "slug").distinct())


def all_story_slugs() -> Iterable[tuple[str, str]]:
    """Return every address that a story has or had: edition's code, and slug."""
    for rows in (StoryRow.objects.exclude(slug=""), StorySlug.objects.all()):
        yield from rows.values_list("locale__language_code", "slug").iterator(chunk_size=5000)


def count_story_slugs() -> int:
    return StoryRow.objects.exclude(slug="").count() + StorySlug.objects.count()


def counterparts_of(article_ids: Collection[int]) -> list[Counterpart]:
    """Return of each other edition the story with a page that has most translations of articles of
    one story, the older in a tie; three queries.
    """
    ours = Article.objects.filter(pk__in=article_ids)
    keys = list(ours.values_list("translation_key", flat=True))
    rows = StoryMember.objects.filter(
        article__translation_key__in=keys,
        article__live=True,
        article__locale__edition__isnull=False,
    ).exclude(pk__in=article_ids)
    found: dict[tuple[int, int], list[int]] = {}
    slugs: dict[int, str] = {}
    for pk, story_id, slug, edition_id in rows.order_by("pk").values_list(
        "pk", "story_id", "story__slug", "story__locale_id"
    ):
        found.setdefault((edition_id, story_id), []).append(pk)
        slugs[story_id] = slug
    live = StoryMember.objects.filter(story__in=slugs, article__live=True)
    sizes = Counter(live.values_list("story_id", flat=True))
    best: dict[int, Counterpart] = {}
    for (edition_id, story_id), ids in sorted(
        found.items(), key=lambda one: (-len(one[1]), one[0])
    ):
        if slugs[story_id] and sizes[story_id] >= HAS_PAGE_FROM:
            best.setdefault(edition_id, Counterpart(edition_id, slugs[story_id], tuple(ids)))
    return [best[edition_id] for edition_id in sorted(best)]


def _announced(**of: Any) -> tuple[TimelineEntry, ...]:
    announced: dict[tuple[date, str], TimelineEntry] = {}
    dates = AnnouncedDate.objects.filter(article__live=True, **of).order_by(
        "date", "precision", "-article__first_published_at", "-article_id", "pk"
    )
    for row in dates:
        precision = cast("Precision", row.precision)
        entry = TimelineEntry("announced", None, row.date, precision, row.text, row.article_id)
        announced.setdefault((row.date, row.precision), entry)
    return tuple(announced.values())


def _facts_of(stories: Any) -> StoryFacts | None:
    found = stories.values_list("pk", "slug", "headline", "summary").first()
    return StoryFacts(*found) if found else None
