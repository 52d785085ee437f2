"""The article's page: everything that it prints, gathered in a bounded number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from broadsheet.articles.models import Article, ArticleSource
from broadsheet.articles.queries import people_by_id

from . import made_from
from .body import (
    Figure,
    Heading,
    Materials,
    Part,
    make_figure,
    make_parts,
    related_in,
    speakers_in,
)
from .cards import Badge, Card, badges_of, make_card
from .corrections_page import Correction, make_corrections
from .describing import frame_article
from .fragments import latest_address, popular_address
from .moments import When, show_moment
from .navigation import Frame, Link, Site
from .picturing import find_pictures, images_in
from .surroundings import (
    Surroundings,
    TimelineBlock,
    make_theme,
    make_timeline,
    read_surroundings,
)

#: A change within a minute is part of publishing; a later one is said.
UPDATED_AFTER = timedelta(seconds=60)
#: So many headings make a table of contents.
CONTENTS_FROM = 3


@dataclass(frozen=True, slots=True)
class SourceLine:
    """An outlet: `page` is its own page here, `report` the address of what it wrote."""

    name: str
    page: str
    report: str


@dataclass(frozen=True, slots=True)
class SourceGroup:
    """The outlets in one role, with the label for so many of them."""

    role: str
    label: str
    lines: tuple[SourceLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticlePage:
    """An article's page. `old` says how old it is, from a year on, and `lasts` how long that is right;
    `story` is the path of its story's, if that has one; `popular` and `latest`
    are addresses of fragments.
    """

    frame: Frame
    id: int
    headline: str
    section: Link | None
    badges: tuple[Badge, ...]
    authors: tuple[Link, ...]
    dateline: str
    old: str
    lasts: timedelta
    has_video: bool
    published: When
    updated: When | None
    lead: str
    figure: Figure | None
    contents: tuple[Heading, ...]
    parts: tuple[Part, ...]
    sources: tuple[SourceGroup, ...]
    tags: tuple[Link, ...]
    corrections: tuple[Correction, ...]
    timeline: TimelineBlock | None
    theme: tuple[Card, ...]
    story: str
    popular: str
    latest: str
    made_from: frozenset[str]


def gather_article(
    article: Article, *, site: Site, now: datetime, is_preview: bool = False
) -> ArticlePage:
    """Return the page of `article`, which need not be live, or saved, where it is a preview.

    Cards of articles that are not live, or of another edition, are left out.
    """
    around = read_surroundings(article, site=site)
    materials = _read_materials(article, around, site=site)
    parts = make_parts(article.body, materials)
    headings = tuple(part for part in parts if isinstance(part, Heading))
    published_at = article.first_published_at or now
    updated_at = article.last_published_at or published_at
    is_updated = updated_at - published_at >= UPDATED_AFTER
    years = _years_between(published_at, now, site=site)
    figure = _lead_figure(article, materials)
    authors = _links((line.author for line in article.bylines.all()), kind="author", site=site)
    tags = tuple(
        sorted(
            _links(article.tags.all(), kind="tag", site=site),
            key=lambda tag: site.words.in_order(tag.text),
        )
    )
    sources = _sources(article, site=site)
    frame = frame_article(
        article,
        site=site,
        around=around,
        published_at=published_at,
        updated_at=updated_at if is_updated else published_at,
        authors=authors,
        tags=tags,
        figure=figure,
        parts=parts,
        sources=sources,
        is_preview=is_preview,
    )
    return ArticlePage(
        frame=frame,
        id=article.pk or 0,
        headline=article.headline,
        section=site.sections.get(article.section_id),
        badges=badges_of(article, site=site),
        authors=authors,
        dateline=article.dateline,
        old=site.words.plural(site.words.old_article, years) if years > 0 else "",
        lasts=_birthday(published_at, years + 1, site=site) - now,
        has_video=any(part.kind == "video" for part in parts),
        published=_full_time(published_at, site),
        updated=_full_time(updated_at, site) if is_updated else None,
        lead=article.lead,
        figure=figure,
        contents=headings if len(headings) >= CONTENTS_FROM else (),
        parts=parts,
        sources=sources,
        tags=tags,
        corrections=make_corrections(article.corrections.all(), site=site),
        timeline=make_timeline(around, article_id=article.pk, site=site),
        theme=make_theme(around, materials.pictures, site=site),
        story=around.story,
        popular=popular_address(site.code),
        latest=latest_address(site.code),
        made_from=_tags_of(article, around, materials),
    )


def _years_between(published_at: datetime, now: datetime, *, site: Site) -> int:
    years = now.astimezone(site.zone).year - published_at.astimezone(site.zone).year
    return years if _birthday(published_at, years, site=site) <= now else years - 1


def _birthday(published_at: datetime, years: int, *, site: Site) -> datetime:
    """Return when the day begins on which an article is so many years old."""
    day = published_at.astimezone(site.zone).date()
    # What was published on 29 February is a year older on 1 March.
    first = day.replace(year=day.year + years, day=1)
    return datetime.combine(first + timedelta(days=day.day - 1), time.min, site.zone)


def _tags_of(article: Article, around: Surroundings, materials: Materials) -> frozenset[str]:
    if article.pk is None:
        return frozenset()
    return frozenset(
        {
            made_from.record("article", article.pk),
            made_from.theme(article.pk),
            made_from.translations(article.translation_key),
            *made_from.records("article", around.looked_for),
            *made_from.records("author", (line.author_id for line in article.bylines.all())),
            *made_from.records("source", (line.source_id for line in article.sourcings.all())),
            *made_from.records("tag", (tag.pk for tag in article.tags.all())),
            *made_from.records("person", speakers_in(article.body)),
            *made_from.records("image", materials.images),
        }
    )


def _read_materials(article: Article, around: Surroundings, *, site: Site) -> Materials:
    illustrated = [*related_in(article.body), *(entry.article_id for entry in around.theme)]
    of_cards = {around.facts[n].image_id for n in illustrated if n in around.facts}
    images = frozenset({*images_in(article), *(one for one in of_cards if one is not None)})
    pictures = find_pictures(images)
    speakers = speakers_in(article.body)
    return Materials(
        site=site,
        cards={
            number: make_card(facts, site=site, pictures=pictures)
            for number, facts in around.facts.items()
        },
        pictures=pictures,
        images=images,
        people=people_by_id(speakers) if speakers else {},
    )


def _full_time(moment: datetime, site: Site) -> When:
    return show_moment(moment, site.words.full_time, words=site.words, zone=site.zone)


def _links(records: Iterable[Any], *, kind: str, site: Site) -> tuple[Link, ...]:
    """Return links to the pages of records; without a name in the edition none is public."""
    names = [name for record in records if (name := record.name_in(site.id))]
    return tuple(Link(name.name, site.path(kind, name.slug)) for name in names)


def _lead_figure(article: Article, materials: Materials) -> Figure | None:
    image = article.image
    picture = materials.pictures.get(image.pk) if image is not None else None
    if image is None or picture is None:
        return None
    return make_figure(
        picture,
        alt=article.image_alt,
        caption=article.image_caption,
        credit=image.credit,
        licence=image.licence,
        site=materials.site,
    )


def _sources(article: Article, *, site: Site) -> tuple[SourceGroup, ...]:
    """Return who reported, then who relays; sources without a name here are not public here."""
    by_role: dict[str, list[SourceLine]] = {role: [] for role in ArticleSource.Role.values}
    for sourcing in article.sourcings.all():
        if name := sourcing.source.name_in(site.id):
            page = site.path("source", name.slug)
            by_role[sourcing.role].append(SourceLine(name.name, page, sourcing.url))
    forms = {
        ArticleSource.Role.REPORTED.value: site.words.reported_by,
        ArticleSource.Role.RELAYED.value: site.words.relayed_by,
    }
    return tuple(
        SourceGroup(role, site.words.plural(forms[role], len(lines)), tuple(lines))
        for role, lines in by_role.items()
        if lines
    )
