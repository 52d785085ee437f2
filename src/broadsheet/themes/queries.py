"""What the rest of the ladder reads of themes. Nothing here writes."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, NamedTuple, cast
from uuid import UUID

from broadsheet.articles.models import Article

from .decided import kept_apart_from
from .languages import language_of
from .models import AnnouncedDate, RelatedArticle, StoryMember, StorySlug
from .models import Story as StoryRow
from .telling import Piece, first_to_read, weigh_story
from .texts import plain_text
from .timelines import Precision

#: So many live articles are a story that has a page.
HAS_PAGE_FROM = 2
#: What a story says of itself it takes from so many of its newest articles.
PIECES_READ = 300


@dataclass(frozen=True, slots=True)
class ThemeEntry:
    """An article that belongs to the theme, and why; `names` as they are to be shown.

    "earlier" is background, from before what news is related to.
    """

    article_id: int
    kind: Literal["same_story", "also_about", "earlier"]
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
class Counterparts:
    """The stories of other editions that hold translations of some articles: slugs by edition.

    They follow from the articles' translation `keys`, from the live `translations`, and from what
    is live beside these: from `beside`, as long as it is.
    """

    slugs: Mapping[int, str]
    keys: frozenset[UUID]
    translations: frozenset[int]
    beside: frozenset[int]


def story_of(article_id: int) -> Story:
    """Return the live articles of an article's story, itself among them, oldest first; one query."""
    members = StoryMember.objects.filter(story__members=article_id, article__live=True)
    rows = members.order_by("published_at", "pk").values_list(
        "pk", "published_at", "article__headline"
    )
    return tuple(TimelineEntry("happened", at, None, None, text, pk) for pk, at, text in rows)


def theme_of(
    article_id: int, *, limit: int = 8, story: Story | None = None, first: int | None = None
) -> tuple[ThemeEntry, ...]:
    """Return what belongs with an article: its story newest first, then its theme, best first, then
    its background.

    Live articles of the same edition only, never the article itself; empty where nothing is
    near enough. `story` is that of `story_of`, where it was read already; its article `first`
    is shown, however many are newer. One query more, none where the story fills `limit`.
    """
    story = story_of(article_id) if story is None else story
    members = [entry.article_id for entry in reversed(story)]
    others = [pk for pk in members if pk != article_id]
    same_story = others[:limit]
    if first in others and first not in same_story:
        same_story[-1:] = [first]
    entries = [ThemeEntry(pk, "same_story", ()) for pk in same_story]
    if len(entries) < limit:
        links = (
            RelatedArticle.objects.filter(article_id=article_id, other__live=True)
            .exclude(other_id__in=members)
            .exclude(kept_apart_from(article_id))
            .order_by("is_background", "-score", "-other__first_published_at", "-other_id")
            .values_list("other_id", "is_background", "names")[: limit - len(entries)]
        )
        entries += [
            ThemeEntry(pk, "earlier" if is_background else "also_about", tuple(names))
            for pk, is_background, names in links
        ]
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
    return _pieces(story_member__story=story_id)


def pieces_beside(article_id: int) -> list[Piece]:
    """Return the pieces of an article's story, itself among them, as `pieces_of` does."""
    return _pieces(story_member__story__members=article_id)


def _pieces(**of: Any) -> list[Piece]:
    live = Article.objects.filter(live=True, **of)
    rows = live.order_by("-first_published_at", "-pk")
    return [
        Piece(pk, at, headline, plain_text(lead))
        for pk, at, headline, lead in rows.values_list(
            "pk", "first_published_at", "headline", "lead"
        )[:PIECES_READ]
    ]


def headline_of(story_id: int) -> str:
    """Return a story's headline as its page has it; "" where nothing is left in it."""
    story = StoryRow.objects.select_related("locale").get(pk=story_id)
    if story.headline:
        return story.headline
    language = language_of(story.locale.language_code)
    pieces = pieces_of(story_id)
    if not pieces:
        return ""
    return first_to_read(pieces, weigh_story(pieces, language), language).headline


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


def counterparts_of(story_id: int, article_ids: Collection[int]) -> Counterparts:
    """Return the stories of other editions that tell what a story tells, `article_ids` being its live
    articles; two queries, and three for each of those stories.

    Of each edition it is the story with a page that has most translations of them, the older one in
    a tie; none where that one has more in common with another story than with this one.
    """
    homes, follows = _told_elsewhere(article_ids)
    slugs: dict[int, str] = {}
    for edition_id, (other_id, slug) in homes.items():
        live = StoryMember.objects.filter(story=other_id, article__live=True)
        back, more = _told_elsewhere(list(live.values_list("pk", flat=True)))
        if story_id in {pk for pk, _slug in back.values()}:
            slugs[edition_id] = slug
        follows = _Follows(
            follows.keys | more.keys,
            follows.translations | more.translations,
            follows.beside | more.beside,
        )
    return Counterparts(slugs, *follows)


class _Follows(NamedTuple):
    """What counterparts follow from, as `Counterparts` says."""

    keys: frozenset[UUID]
    translations: frozenset[int]
    beside: frozenset[int]


def _told_elsewhere(
    article_ids: Collection[int],
) -> tuple[dict[int, tuple[int, str]], _Follows]:
    """By edition the story with a page that has most translations of articles, id and slug."""
    ours = Article.objects.filter(pk__in=article_ids)
    keys = frozenset(ours.values_list("translation_key", flat=True))
    others = Article.objects.filter(
        translation_key__in=keys, live=True, locale__edition__isnull=False
    ).exclude(pk__in=article_ids)
    translations: set[int] = set()
    homes: Counter[tuple[int, int, str]] = Counter()
    for pk, edition_id, story_id, slug in others.values_list(
        "pk", "locale_id", "story_member__story_id", "story_member__story__slug"
    ):
        translations.add(pk)
        if slug:
            homes[edition_id, story_id, slug] += 1
    live: dict[int, list[int]] = defaultdict(list)
    members = StoryMember.objects.filter(story__in={home[1] for home in homes}, article__live=True)
    for story_id, pk in members.order_by("pk").values_list("story_id", "pk"):
        live[story_id].append(pk)
    best: dict[int, tuple[int, str]] = {}
    beside: set[int] = set()
    for edition_id, story_id, slug in sorted(homes, key=lambda home: (-homes[home], home)):
        beside.update(live[story_id][:HAS_PAGE_FROM])
        if len(live[story_id]) >= HAS_PAGE_FROM:
            best.setdefault(edition_id, (story_id, slug))
    return best, _Follows(keys, frozenset(translations), frozenset(beside))


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
