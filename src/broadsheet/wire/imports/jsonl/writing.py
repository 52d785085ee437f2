"""One batch of planned articles → the record: everything in one short transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, OperationalError, transaction

from broadsheet.articles.models import (
    Article,
    ArticleAuthor,
    ArticleSource,
    Author,
    Edition,
    NewsImage,
    Section,
    Source,
    Tag,
)
from broadsheet.articles.models.names import NEWS_SECTION
from broadsheet.articles.publishing import publish_imported
from broadsheet.wire.imports.blocks import stream_of
from broadsheet.wire.imports.naming import NameBook
from broadsheet.wire.imports.slugs import free_slugs
from broadsheet.wire.models import ImportedArticle

from .converting import PlannedArticle
from .picturing import CheckedImage, find_or_make_images
from .reading import GivenArticle

#: How often a batch is tried that another program's writing got in the way of.
_TRIES = 5


class ImportStoppedError(RuntimeError):
    """The import cannot go on; what was written before stays, and another run goes on from it."""


@dataclass(frozen=True, slots=True)
class ReadyArticle:
    """A planned article with the image that its line names, checked."""

    plan: PlannedArticle
    image: CheckedImage | None


class EditionShelf:
    """An edition with the records that its articles name, each looked up once a run."""

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self.sections = NameBook(Section, edition, by_slug=True)
        self.authors = NameBook(Author, edition)
        self.tags = NameBook(Tag, edition)
        self.sources = NameBook(Source, edition)

    def forget(self) -> None:
        for book in (self.sections, self.authors, self.tags, self.sources):
            book.forget()


def find_present(source: str, external_ids: Iterable[str]) -> dict[str, str]:
    """Return id → digest of those that a run has imported already, of one archive."""
    rows = ImportedArticle.objects.filter(source=source, external_id__in=list(external_ids))
    return dict(rows.values_list("external_id", "digest"))


def write_batch(
    batch: Sequence[ReadyArticle],
    *,
    source: str,
    shelves: dict[str, EditionShelf],
    now: datetime,
) -> dict[str, str]:
    """Publish `batch`, all of it or nothing, and return what was present already: id → digest.

    The rows that say which article of which archive is here are written in the same transaction,
    and are unique: an article that another run brings in meanwhile is present here, not doubled.
    Raises `ImportStoppedError` where the database does not let it in after several tries.
    """
    tries = 0
    while True:
        try:
            return _write_once(batch, source=source, shelves=shelves, now=now)
        except (IntegrityError, OperationalError) as error:
            tries += 1
            if tries == _TRIES:
                raise ImportStoppedError(f"the database refuses: {error}") from error
            for shelf in shelves.values():
                shelf.forget()  # what was made is rolled back, and others may have made it by now


def _write_once(
    batch: Sequence[ReadyArticle], *, source: str, shelves: dict[str, EditionShelf], now: datetime
) -> dict[str, str]:
    with transaction.atomic():
        present = find_present(source, [ready.plan.given.external_id for ready in batch])
        new = [ready for ready in batch if ready.plan.given.external_id not in present]
        if not new:
            return present
        images = find_or_make_images(ready.image for ready in new if ready.image)
        articles = _make_articles(new, shelves, images)
        publish_imported(articles, now=now)
        ImportedArticle.objects.bulk_create(
            [
                ImportedArticle(
                    source=source,
                    external_id=ready.plan.given.external_id,
                    article_id=article.pk,
                    digest=ready.plan.given.digest,
                )
                for ready, article in zip(new, articles, strict=True)
            ]
        )
    return present


def _make_articles(
    new: Sequence[ReadyArticle],
    shelves: dict[str, EditionShelf],
    images: dict[str, NewsImage],
) -> list[Article]:
    """Unsaved articles in the order of `new`, edition by edition where it takes a look-up."""
    made: dict[int, Article] = {}
    for code in dict.fromkeys(ready.plan.given.edition for ready in new):
        shelf = shelves[code]
        here = [(n, ready) for n, ready in enumerate(new) if ready.plan.given.edition == code]
        records = _find_records(shelf, [ready.plan.given for _, ready in here])
        slugs = free_slugs(
            [ready.plan.given.headline for _, ready in here],
            locale_id=shelf.edition.pk,
            language=code,
        )
        for (place, ready), slug in zip(here, slugs, strict=True):
            image = images[ready.image.hash] if ready.image else None
            made[place] = _make_article(ready.plan, shelf.edition, slug, records, image)
    return [made[place] for place in sorted(made)]


@dataclass(frozen=True, slots=True)
class _Records:
    sections: dict[str, Section]
    authors: dict[str, Author]
    tags: dict[str, Tag]
    sources: dict[str, Source]


def _find_records(shelf: EditionShelf, given: Sequence[GivenArticle]) -> _Records:
    return _Records(
        sections=shelf.sections.find_or_make(one.section or NEWS_SECTION for one in given),
        authors=shelf.authors.find_or_make(name for one in given for name in one.authors),
        tags=shelf.tags.find_or_make(name for one in given for name in one.tags),
        sources=shelf.sources.find_or_make(s.name for one in given for s in one.sources),
    )


def _make_article(
    plan: PlannedArticle, edition: Edition, slug: str, records: _Records, image: NewsImage | None
) -> Article:
    given = plan.given
    article = Article(
        locale_id=edition.pk,
        headline=given.headline,
        slug=slug,
        lead=plan.lead,
        section=records.sections[given.section or NEWS_SECTION],
        first_published_at=plan.published_at,
        image=image,
        image_alt=given.image.alt if given.image else "",
        image_caption=given.image.caption if given.image else "",
        body=stream_of(plan.body),
    )
    # Assigning makes a cluster; an empty one costs as much as a full one.
    if given.authors:
        authors = dict.fromkeys(records.authors[name] for name in given.authors)
        article.bylines = [ArticleAuthor(author=author) for author in authors]
    if given.sources:
        article.sourcings = [
            ArticleSource(source=records.sources[one.name], role=one.role, url=one.url)
            for one in given.sources
        ]
    if given.tags:
        article.tags = list(dict.fromkeys(records.tags[name] for name in given.tags))
    return article
