"""An article's page in the words of machines: meta elements and structured data."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings

from broadsheet.articles.models import Article, ArticleSource
from broadsheet.distribution.structured_data import (
    ArticleFacts,
    CorrectionFacts,
    Named,
    as_script,
    describe_article,
)

from .body import Figure, Part, QuotePart
from .navigation import Frame, Link, Site, frame_page
from .surroundings import Surroundings

if TYPE_CHECKING:
    from .article_page import SourceGroup


def frame_article(
    article: Article,
    *,
    site: Site,
    around: Surroundings,
    published_at: datetime,
    updated_at: datetime,
    authors: tuple[Link, ...],
    tags: tuple[Link, ...],
    figure: Figure | None,
    parts: tuple[Part, ...],
    sources: "tuple[SourceGroup, ...]",
    is_preview: bool,
) -> Frame:
    """Return the frame of an article's page: translations, meta elements, JSON-LD."""
    path = site.path("article", article.slug or "-")
    others = {
        one.edition_code: site.path_in(one.edition_code, "article", one.slug)
        for one in around.translations
    }
    image = absolute(figure.picture.largest) if figure else ""
    section = site.sections.get(article.section_id)
    published = published_at.astimezone(site.zone).replace(microsecond=0)
    updated = updated_at.astimezone(site.zone).replace(microsecond=0)
    facts = ArticleFacts(
        url=absolute(path),
        headline=article.headline,
        description=article.lead,
        published_at=published,
        updated_at=updated,
        language=site.code,
        publisher=Named(site.name, absolute(site.path("front"))),
        authors=_named(authors),
        section=section.text if section else "",
        tags=tuple(tag.text for tag in tags),
        people=_people(parts),
        dateline=article.dateline,
        images=(image,) if image else (),
        reports=_reports(sources),
        corrections=tuple(
            CorrectionFacts(one.corrected_at.astimezone(site.zone), one.text)
            for one in article.corrections.all()
        ),
        translations=tuple((code, absolute(path)) for code, path in others.items()),
    )
    meta = (
        ("article:published_time", published.isoformat()),
        ("article:modified_time", updated.isoformat()),
        *((("article:section", section.text),) if section else ()),
        *(("article:author", absolute(author.url)) for author in authors),
        *(("article:tag", tag.text) for tag in tags),
    )
    return frame_page(
        site,
        title=article.headline,
        description=article.lead or article.headline,
        path=path,
        others=others,
        is_indexed=not is_preview,
        is_preview=is_preview,
        kind="article",
        image=image,
        structured=as_script(describe_article(facts)),
        meta=meta,
    )


def absolute(path: str) -> str:
    """Return the public address of a path of this site."""
    return path if "://" in path else f"{settings.SITE_URL}{path}"


def _named(links: tuple[Link, ...]) -> tuple[Named, ...]:
    return tuple(Named(link.text, absolute(link.url)) for link in links)


def _reports(sources: "tuple[SourceGroup, ...]") -> tuple[Named, ...]:
    reported = (group for group in sources if group.role == ArticleSource.Role.REPORTED)
    return tuple(Named(line.name, line.report) for group in reported for line in group.lines)


def _people(parts: tuple[Part, ...]) -> tuple[Named, ...]:
    speakers = {part.speaker for part in parts if isinstance(part, QuotePart) and part.speaker.url}
    return _named(tuple(sorted(speakers)))
