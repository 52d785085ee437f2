"""Publish the demo's articles as the desk would have done, hours and days ago."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from wagtail.models import ModelLogEntry, Revision

from broadsheet.articles.models import (
    Article,
    ArticleAuthor,
    ArticleCorrection,
    ArticleSource,
    Author,
    Edition,
    Tag,
)

from .bodies import References, make_body
from .contents import Scene, Text, Told
from .moments import moment_of, say_days
from .naming import Ids


@dataclass(frozen=True, slots=True)
class Kept:
    """What articles refer to: rows by key, images by scene, this edition's articles by key."""

    records: Ids
    images: Mapping[Scene, int]
    articles: Mapping[str, int]


def find_published(told: Told, edition: Edition) -> Article | None:
    """Return the article as it stands in that edition, however the desk has changed it."""
    return Article.objects.filter(
        translation_key=translation_key_of(told), locale_id=edition.pk
    ).first()


def translation_key_of(told: Told) -> UUID:
    """The same on every installation, so that a run that was interrupted goes on."""
    return uuid5(NAMESPACE_URL, f"demo:{told.key}")


def publish_article(told: Told, edition: Edition, *, kept: Kept, now: datetime) -> int:
    """Publish one article in one edition, an update as a second revision; return its id.

    Article, revisions and the desk's history have the moments that the article is told for. All
    of it is one transaction: an article is there whole or not at all.
    """
    text = told.texts[edition.code]
    published_at = moment_of(told.hours_ago, now=now, zone=edition.zone)
    telling = _Telling(told, text, edition, kept, published_at)
    with transaction.atomic():
        article = telling.begin()
        if told.updated_hours_ago is not None:
            article = telling.publish(article, is_first=True, at=published_at)
        return int(telling.publish(article, at=telling.moment_of(told.updated_hours_ago)).pk)


@dataclass(frozen=True, slots=True)
class _Telling:
    """One article in one edition while it is written and published."""

    told: Told
    text: Text
    edition: Edition
    kept: Kept
    published_at: datetime

    def moment_of(self, hours_ago: float | None) -> datetime:
        """A moment of the article's own course, as far after publication as it is told."""
        if hours_ago is None:
            return self.published_at
        return self.published_at + timedelta(hours=self.told.hours_ago - hours_ago)

    def begin(self) -> Article:
        """Return the row, not yet live, with its byline, sources and tags."""
        told, text, records = self.told, self.text, self.kept.records
        article = Article(
            locale=self.edition.locale,
            translation_key=translation_key_of(told),
            headline=text.headline,
            lead=text.lead,
            dateline=text.dateline,
            section_id=records["sections"][told.section],
            image_id=self.kept.images[told.picture] if told.picture else None,
            image_alt=text.picture_alt,
            image_caption=text.picture_caption,
            is_exclusive=told.is_exclusive,
            first_published_at=self.published_at,
            live=False,
        )
        article.bylines = [
            ArticleAuthor(author_id=records["authors"][key], sort_order=order)
            for order, key in enumerate(told.authors)
        ]
        article.sourcings = [
            ArticleSource(
                source_id=records["sources"][source["source"]],
                role=source["role"],
                url=source.get("url", ""),
                sort_order=order,
            )
            for order, source in enumerate(told.sources)
        ]
        article.tags = list(Tag.objects.filter(pk__in=[records["tags"][key] for key in told.tags]))
        article.save()
        return article

    def publish(self, article: Article, *, at: datetime, is_first: bool = False) -> Article:
        """Publish what was known `at` that moment; return the article as it then stands.

        An update brings the corrections, or else the last part of the body.
        """
        parts, corrections = self.text.parts, self.text.corrections
        if is_first:
            parts, corrections = (parts if corrections else parts[:-1]), ()
        article.body = make_body(parts, self._references())
        article.corrections = [
            ArticleCorrection(
                corrected_at=self.moment_of(one["hours_ago"]), text=one["text"], sort_order=order
            )
            for order, one in enumerate(corrections)
        ]
        author = Author.objects.get(pk=self.kept.records["authors"][self.told.authors[0]])
        revision = article.save_revision(user=author.user)
        article.publish(revision, user=author.user, skip_permission_checks=True)
        _date_back(article, revision, at=at)
        return Article.objects.get(pk=article.pk)

    def _references(self) -> References:
        zone, code = self.edition.zone, self.edition.code
        return References(
            article_key=f"{self.told.key}:{code}",
            people=self.kept.records["people"],
            articles=self.kept.articles,
            images=self.kept.images,
            said_on=self.published_at.astimezone(zone).date(),
            say=lambda text: say_days(
                text, published_at=self.published_at, zone=zone, language=code
            ),
        )


def _date_back(article: Article, revision: Revision, *, at: datetime) -> None:
    """Let the article, its revision and the desk's history say that it was published `at`."""
    Article.objects.filter(pk=article.pk).update(last_published_at=at)
    Revision.objects.filter(pk=revision.pk).update(created_at=at)
    ModelLogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(Article), revision=revision
    ).update(timestamp=at)
