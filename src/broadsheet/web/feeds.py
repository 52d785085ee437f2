"""Feeds: the newest articles of an edition, of a section of it, or of a story, as RSS 2.0.

The format is that of the RSS Advisory Board (rssboard.org/rss-specification), with pictures by
Media RSS; Django's own generator writes it.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.feedgenerator import Rss201rev2Feed

from broadsheet.articles.models import Article, ArticleAuthor, AuthorName, SectionName
from broadsheet.articles.queries import CardFacts, card_facts, latest_articles
from broadsheet.themes.queries import StoryFacts
from broadsheet.themes.telling import Piece

from . import made_from
from .navigation import Frame, Site, frame_page, section_path
from .picturing import Picture, find_pictures
from .storytelling import tags_of_story, tell_story

FEED_LENGTH = 40
CONTENT_TYPE = "application/rss+xml; charset=utf-8"
#: What no XML document may hold, not even escaped (XML 1.0, 2.2).
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: When a feed without a single item was made: a feed says nothing that two pressings differ in.
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedItem:
    """An article. `id` stays the same where its address changes; `picture` is an address."""

    id: str
    url: str
    title: str
    lead: str
    authors: tuple[str, ...]
    section: str
    published_at: datetime
    picture: str
    picture_alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed. `of` is the page whose news it tells; the frame's canonical address is its own."""

    frame: Frame
    of: str
    items: tuple[FeedItem, ...]
    made_from: frozenset[str]


def gather_feed(*, site: Site) -> Feed:
    """Return the feed of an edition."""
    return _gather(
        latest_articles(site.id),
        site=site,
        title=site.name,
        description=site.words.latest_intro,
        path=site.path("feed"),
        of=site.path("front"),
        tags={made_from.latest(site.code)},
    )


def gather_section_feed(name: SectionName, *, site: Site) -> Feed:
    """Return the feed of a section."""
    return _gather(
        latest_articles(site.id, section=name.owner_id),
        site=site,
        title=name.name,
        description=site.words.section_intro.format(name=name.name),
        path=site.path("section-feed", name.slug),
        of=section_path(site.code, name.slug),
        tags={
            made_from.record("section", name.owner_id),
            made_from.listed("section", name.owner_id, site.code),
        },
    )


def gather_story_feed(story: StoryFacts, pieces: Sequence[Piece], *, site: Site) -> Feed:
    """Return the feed of a story; `pieces` are its live articles, at least one."""
    told = tell_story(story, pieces, site=site)
    return _gather(
        latest_articles(site.id, story_member__story=story.id),
        site=site,
        title=told.headline,
        description=told.summary or told.headline,
        path=site.path("story-feed", story.slug),
        of=site.path("story", story.slug),
        tags=tags_of_story(pieces),
    )


def write_feed(feed: Feed) -> str:
    """Return the document. Asks no database."""
    written = _Rss(
        title=_xml(feed.frame.title),
        link=settings.SITE_URL + feed.of,
        description=_xml(feed.frame.description),
        language=feed.frame.code,
        feed_url=feed.frame.canonical,
    )
    for item in feed.items:
        written.add_item(
            title=_xml(item.title),
            link=item.url,
            description=_xml(item.lead),
            author_name=_xml(", ".join(item.authors)) or None,
            pubdate=item.published_at,
            unique_id=item.id,
            unique_id_is_permalink=False,
            categories=[_xml(item.section)] if item.section else (),
            picture=item.picture,
            picture_alt=_xml(item.picture_alt),
        )
    return str(written.writeString("utf-8"))


class _Rss(Rss201rev2Feed):
    content_type = CONTENT_TYPE

    def rss_attributes(self) -> dict[str, str]:
        return {**super().rss_attributes(), "xmlns:media": "http://search.yahoo.com/mrss/"}

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        if item["picture"]:
            handler.startElement("media:content", {"url": item["picture"], "medium": "image"})
            if item["picture_alt"]:
                handler.addQuickElement("media:description", item["picture_alt"])
            handler.endElement("media:content")

    def latest_post_date(self) -> datetime:
        return max((item["pubdate"] for item in self.items), default=_NEVER)


def _gather(
    articles: QuerySet[Article],
    *,
    site: Site,
    title: str,
    description: str,
    path: str,
    of: str,
    tags: set[str],
) -> Feed:
    found = card_facts(articles, limit=FEED_LENGTH)
    pictures = find_pictures(one.image_id for one in found)
    bylines = _read_bylines([one.id for one in found])
    authors = {number for line in bylines.values() for number in line}
    names = AuthorName.objects.filter(edition_id=site.id, owner_id__in=authors)
    by_author = dict(names.values_list("owner_id", "name"))
    return Feed(
        frame=frame_page(site, title=title, description=description, path=path),
        of=of,
        items=tuple(
            _item(
                one,
                site=site,
                authors=[by_author[number] for number in bylines[one.id] if number in by_author],
                picture=pictures.get(one.image_id) if one.image_id else None,
            )
            for one in found
        ),
        made_from=frozenset(
            {
                *tags,
                *made_from.records("article", (one.id for one in found)),
                *made_from.records("author", authors),
                *made_from.records("image", (one.image_id for one in found)),
            }
        ),
    )


def _item(
    facts: CardFacts, *, site: Site, authors: Iterable[str], picture: Picture | None
) -> FeedItem:
    section = site.sections.get(facts.section_id)
    return FeedItem(
        id=f"{settings.SITE_URL}#article-{facts.id}",
        url=settings.SITE_URL + site.path("article", facts.slug),
        title=facts.headline,
        lead=facts.lead,
        authors=tuple(authors),
        section=section.text if section else "",
        published_at=facts.published_at,
        picture=settings.SITE_URL + picture.src if picture else "",
        picture_alt=facts.image_alt if picture else "",
    )


def _read_bylines(article_ids: list[int]) -> dict[int, list[int]]:
    """Return the authors of articles by article, in the order of each byline; one query."""
    found: dict[int, list[int]] = defaultdict(list)
    lines = ArticleAuthor.objects.filter(article_id__in=article_ids).order_by("sort_order", "pk")
    for article_id, author_id in lines.values_list("article_id", "author_id"):
        found[article_id].append(author_id)
    return found


def _xml(text: str) -> str:
    return _NOT_XML.sub("", text)
