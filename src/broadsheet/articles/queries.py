"""What the rest of the ladder reads of articles. Nothing here writes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db.models import Max, Prefetch, Q, QuerySet

from .models import (
    Article,
    ArticleAuthor,
    ArticleSlug,
    ArticleSource,
    Author,
    AuthorName,
    Edition,
    Person,
    PersonName,
    Quote,
    Section,
    SectionName,
    Source,
    SourceName,
    Tag,
    TagName,
)


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What a card needs of a live article; times are UTC."""

    id: int
    edition_id: int
    edition_code: str
    slug: str
    headline: str
    lead: str
    published_at: datetime
    section_id: int
    image_id: int | None
    image_alt: str
    is_exclusive: bool
    has_photo: bool
    has_video: bool
    is_flash: bool


@dataclass(frozen=True, slots=True)
class Moment:
    """A place in an edition's order of time: newest first, the larger id first in a tie."""

    published_at: datetime
    article_id: int


@dataclass(frozen=True, slots=True)
class MovedArticle:
    id: int
    slug: str


@dataclass(frozen=True, slots=True)
class ArticlePlace:
    """Where an article stands: edition, section, whether it is live, and since when (UTC)."""

    id: int
    edition_id: int
    section_id: int
    is_live: bool
    published_at: datetime | None


_CARD_FIELDS = (
    "pk", "locale_id", "locale__language_code", "slug", "headline", "lead", "first_published_at",
    "section_id", "image_id", "image_alt", "is_exclusive", "has_photo", "has_video", "is_flash",
)  # fmt: skip


def card_facts(articles: QuerySet[Article], *, limit: int | None = None) -> list[CardFacts]:
    """Return the facts of the first `limit` live ones of `articles`, in order, in one query."""
    rows = articles.filter(live=True).values_list(*_CARD_FIELDS)
    return [CardFacts(*row) for row in rows[:limit]]


def cards_by_id(article_ids: Iterable[int]) -> dict[int, CardFacts]:
    """Return the facts of those of `article_ids` that are live, in one query."""
    found = card_facts(Article.objects.filter(pk__in=set(article_ids)))
    return {facts.id: facts for facts in found}


def find_edition(code: str) -> Edition | None:
    return Edition.objects.select_related("locale").filter(locale__language_code=code).first()


def all_editions() -> list[Edition]:
    """Return the editions that are switched on, the default one first."""
    editions = Edition.objects.select_related("locale")
    return list(editions.order_by("-is_default", "locale__language_code"))


def latest_articles(
    edition_id: int, *, before: Moment | None = None, **filters: Any
) -> QuerySet[Article]:
    """Return live articles of an edition, newest first, older than `before`."""
    articles = Article.objects.filter(live=True, locale_id=edition_id, **filters)
    if before is not None:
        articles = articles.filter(
            Q(first_published_at__lt=before.published_at)
            | Q(first_published_at=before.published_at, pk__lt=before.article_id)
        )
    return articles.order_by("-first_published_at", "-pk")


def latest_between(
    edition_id: int, *, start: datetime, end: datetime, before: Moment | None = None
) -> QuerySet[Article]:
    """Return the live articles of an edition from `start` until before `end`, newest first."""
    return latest_articles(
        edition_id, before=before, first_published_at__gte=start, first_published_at__lt=end
    )


def published_between(edition_id: int, *, start: datetime, end: datetime) -> list[datetime]:
    """Return when the live articles of an edition were published, newest first."""
    articles = latest_between(edition_id, start=start, end=end)
    return [at for at in articles.values_list("first_published_at", flat=True) if at]


def newest_before(edition_id: int, moment: datetime | None = None) -> datetime | None:
    """Return when the newest live article before `moment` was published; None where none was."""
    articles = latest_articles(edition_id)
    if moment is not None:
        articles = articles.filter(first_published_at__lt=moment)
    return articles.values_list("first_published_at", flat=True).first()


def published_span(edition_id: int) -> tuple[datetime, datetime] | None:
    """Return when the oldest and the newest article of an edition were published, live or not."""
    moments = Article.objects.filter(locale_id=edition_id, first_published_at__isnull=False)
    by_time = moments.order_by("first_published_at").values_list("first_published_at", flat=True)
    oldest, newest = by_time.first(), by_time.last()
    return (oldest, newest) if oldest and newest else None


def corrected_articles(edition_id: int, *, before: Moment | None = None) -> QuerySet[Article]:
    """Return live articles with corrections, the last corrected first; each has `corrected_at`.

    `before` is such a moment, with the article's id.
    """
    articles = Article.objects.filter(live=True, locale_id=edition_id).annotate(
        corrected_at=Max("corrections__corrected_at")
    )
    articles = articles.filter(corrected_at__isnull=False)
    if before is not None:
        articles = articles.filter(
            Q(corrected_at__lt=before.published_at)
            | Q(corrected_at=before.published_at, pk__lt=before.article_id)
        )
    return articles.order_by("-corrected_at", "-pk")


def find_article(edition_id: int, slug: str) -> Article | None:
    """Return the article at that address, live or not, with all that its page prints."""
    return articles_for_pages().filter(locale_id=edition_id, slug=slug).first()


def articles_for_pages() -> QuerySet[Article]:
    """Articles with image, byline, sources, tags and corrections loaded."""
    return Article.objects.select_related("image").prefetch_related(
        "corrections",
        Prefetch("tags", Tag.objects.prefetch_related("names")),
        Prefetch(
            "bylines",
            ArticleAuthor.objects.select_related("author").prefetch_related("author__names"),
        ),
        Prefetch(
            "sourcings",
            ArticleSource.objects.select_related("source").prefetch_related("source__names"),
        ),
    )


def find_moved(edition_id: int, slug: str) -> MovedArticle | None:
    """Return the live article that once had this address, and its present slug."""
    former = ArticleSlug.objects.filter(locale_id=edition_id, slug=slug, article__live=True)
    found = former.values_list("article_id", "article__slug").first()
    return MovedArticle(*found) if found else None


def is_place(moment: Moment, edition_id: int) -> bool:
    """Whether a moment is that of a live article of the edition: a list can be cut there."""
    return Article.objects.filter(
        pk=moment.article_id,
        live=True,
        locale_id=edition_id,
        first_published_at=moment.published_at,
    ).exists()


def is_corrected_at(moment: Moment, edition_id: int) -> bool:
    """Whether a moment is that of the last correction of a live article of the edition."""
    articles = corrected_articles(edition_id)
    return articles.filter(pk=moment.article_id, corrected_at=moment.published_at).exists()


def find_translations(article: Article) -> list[CardFacts]:
    """Return the live versions of `article` in other editions."""
    others = Article.objects.filter(translation_key=article.translation_key).exclude(pk=article.pk)
    return card_facts(others.filter(locale__edition__isnull=False).order_by("locale_id"))


def places_of(article_ids: Iterable[int]) -> list[ArticlePlace]:
    """Return where those of `article_ids` stand that exist, live or not, in one query."""
    rows = Article.objects.filter(pk__in=set(article_ids)).values_list(
        "pk", "locale_id", "section_id", "live", "first_published_at"
    )
    return [ArticlePlace(*row) for row in rows]


def records_of(kind: Literal["tag", "author"], article_ids: Iterable[int]) -> list[tuple[int, int]]:
    """Return which tags, or authors, articles have: article and record, in one query."""
    rows: Any = Article.tags.through if kind == "tag" else ArticleAuthor
    pairs = rows.objects.filter(article_id__in=list(article_ids))
    return list(pairs.values_list("article_id", f"{kind}_id"))


def find_live(article_ids: Iterable[int]) -> set[int]:
    """Return those of `article_ids` that are live, in one query."""
    live = Article.objects.filter(pk__in=set(article_ids), live=True)
    return set(live.values_list("pk", flat=True))


def sections_of(edition_id: int) -> list[SectionName]:
    """Return the names of an edition's sections in the order of the navigation."""
    names = SectionName.objects.filter(edition_id=edition_id).select_related("owner")
    return list(names.order_by("owner__position", "name"))


def find_section(edition_id: int, slug: str) -> SectionName | None:
    return _named(SectionName, edition_id, slug)


def find_tag(edition_id: int, slug: str) -> TagName | None:
    return _named(TagName, edition_id, slug)


def find_author(edition_id: int, slug: str) -> AuthorName | None:
    return _named(AuthorName, edition_id, slug)


def find_person(edition_id: int, slug: str) -> PersonName | None:
    return _named(PersonName, edition_id, slug)


def find_source(edition_id: int, slug: str) -> SourceName | None:
    return _named(SourceName, edition_id, slug)


def people_by_id(person_ids: Iterable[int]) -> dict[int, Person]:
    """Return people with their names loaded."""
    return Person.objects.prefetch_related("names").in_bulk(set(person_ids))


def people_named_in(edition_id: int) -> list[PersonName]:
    """Return the names of all people who are public in an edition."""
    return list(PersonName.objects.filter(edition_id=edition_id).order_by("pk"))


def quotes_of(person_id: int, edition_id: int, *, limit: int) -> list[Quote]:
    """Return what a person said in an edition's live articles, the newest article first."""
    quotes = Quote.objects.filter(
        person_id=person_id, article__locale_id=edition_id, article__live=True
    ).select_related("article__locale")
    return list(quotes.order_by("-article__first_published_at", "-article_id", "pk")[:limit])


def quotes_in_articles(person_id: int, article_ids: Iterable[int]) -> list[Quote]:
    """Return what a person said in those articles, in the order of each body."""
    quotes = Quote.objects.filter(person_id=person_id, article__in=set(article_ids))
    return list(quotes.order_by("pk"))


def quotes_of_articles(article_ids: Iterable[int]) -> list[Quote]:
    """Return what was said in those articles with who said it, in the order of each body."""
    quotes = Quote.objects.filter(article__in=set(article_ids)).select_related("person")
    return list(quotes.order_by("article_id", "pk"))


def names_of(
    kind: type[Section | Tag | Author | Person | Source], edition_id: int
) -> dict[int, Any]:
    """Return an edition's names of one kind of record, by the record's id."""
    names = kind._meta.get_field("names").related_model.objects  # noqa: SLF001 - Django's own API
    return {name.owner_id: name for name in names.filter(edition_id=edition_id)}


def _named(names: Any, edition_id: int, slug: str) -> Any:
    found: Sequence[Any] = names.objects.filter(edition_id=edition_id, slug=slug).select_related(
        "owner"
    )
    return found[0] if found else None
