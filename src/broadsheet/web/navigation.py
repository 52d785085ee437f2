"""What stands around every page: the edition, its sections, and the way to other editions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse

from broadsheet.articles.models.names import NEWS_SECTION
from broadsheet.articles.queries import all_editions, sections_of

from .editions import WORDS
from .editions.words import Words

#: The fonts that a page in a script needs at once; `css/site.css` has them all.
FONTS = {
    "latin": ("fonts/serif-latin.woff2",),
    "cyrillic": ("fonts/serif-latin.woff2", "fonts/serif-cyrillic.woff2"),
    "greek": ("fonts/serif-latin.woff2", "fonts/serif-greek.woff2"),
    "arabic": ("fonts/naskh-arabic.woff2",),
}


class Link(NamedTuple):
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class EditionFacts:
    """An edition that is switched on and whose words exist."""

    id: int
    code: str
    is_default: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One edition as its readers meet it: names, words, zone, sections, and its sisters."""

    id: int
    code: str
    name: str
    zone: ZoneInfo
    words: Words
    editions: tuple[EditionFacts, ...]
    #: The sections that have a name here, by the section's id; the navigation's order.
    sections: Mapping[int, Link]
    in_navigation: tuple[int, ...]

    def path(self, name: str, *parts: str) -> str:
        """Return the path of a page of this edition, by the names in `project/urls.py`."""
        return self.path_in(self.code, name, *parts)

    @staticmethod
    def path_in(code: str, name: str, *parts: str) -> str:
        """Return the path of a page of any edition."""
        return _reverse(name, code, *parts)


@dataclass(frozen=True, slots=True)
class EditionLink:
    """The way to this page in another edition, or to that edition's front."""

    code: str
    language: str
    direction: str
    url: str
    is_same_page: bool
    read_here: str


@dataclass(frozen=True, slots=True)
class Alternate:
    """One version of a page for search engines; `url` is absolute."""

    hreflang: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """All that a page prints around its own contents."""

    words: Words
    code: str
    site_name: str
    title: str
    description: str
    canonical: str
    alternates: tuple[Alternate, ...]
    editions: tuple[EditionLink, ...]
    front: str
    latest: str
    popular: str
    search: str
    how_we_count: str
    archive: str
    standing: tuple[Link, ...]
    feed: str
    fonts: tuple[str, ...]
    sections: tuple[Link, ...]
    here: str
    zone_note: str
    is_indexed: bool = True
    is_preview: bool = False
    kind: str = "website"
    image: str = ""
    structured: str = ""
    meta: tuple[tuple[str, str], ...] = field(default=())


@lru_cache(maxsize=4096)
def _reverse(name: str, *parts: str) -> str:
    """A page has dozens of links, most of them on every page: `reverse` took a twentieth of it."""
    return reverse(name, args=parts)


def find_site(code: str) -> Site | None:
    """Return the edition with that code, in two queries; None where there is none."""
    editions = [edition for edition in all_editions() if edition.code in WORDS]
    found = next((edition for edition in editions if edition.code == code), None)
    if found is None:
        return None
    sections = {}
    in_navigation = []
    words = WORDS[code]
    names = sections_of(found.pk)
    names.sort(key=lambda name: (name.owner.position, words.in_order(name.name)))
    for name in names:
        sections[name.owner_id] = Link(name.name, section_path(code, name.slug))
        if name.owner.is_in_navigation:
            in_navigation.append(name.owner_id)
    return Site(
        id=found.pk,
        code=code,
        name=found.name,
        zone=found.zone,
        words=words,
        editions=tuple(EditionFacts(e.pk, e.code, e.is_default) for e in editions),
        sections=sections,
        in_navigation=tuple(in_navigation),
    )


def default_code() -> str | None:
    """Return the code of the edition that `/` leads to; None where no edition is switched on."""
    return next((edition.code for edition in all_editions() if edition.code in WORDS), None)


def section_path(code: str, slug: str) -> str:
    """Return a section's front; that of the built-in section is the list of the latest."""
    if slug == NEWS_SECTION:
        return _reverse("latest", code)
    return _reverse("section", code, slug)


def feed_path(code: str, slug: str) -> str:
    """Return a section's feed; that of the built-in section is the edition's."""
    return _reverse("feed", code) if slug == NEWS_SECTION else _reverse("section-feed", code, slug)


def frame_page(
    site: Site,
    *,
    title: str,
    description: str,
    path: str,
    others: Mapping[str, str] | None = None,
    is_indexed: bool = True,
    is_preview: bool = False,
    kind: str = "website",
    image: str = "",
    structured: str = "",
    meta: tuple[tuple[str, str], ...] = (),
    feed: str = "",
) -> Frame:
    """Return the frame of the page at `path`.

    `others` holds the paths of the same page in other editions, by their codes; only pages that
    are public there.
    """
    words = site.words
    others = others or {}
    sections = tuple(site.sections[number] for number in site.in_navigation)
    latest = site.path("latest")
    return Frame(
        words=words,
        code=site.code,
        site_name=site.name,
        title=title if title == site.name else f"{title} — {site.name}",
        description=description,
        canonical=settings.SITE_URL + path,
        alternates=_alternates(site, {site.code: path, **others}) if is_indexed else (),
        editions=_edition_links(site, others),
        front=site.path("front"),
        latest=latest,
        popular=site.path("popular"),
        search=site.path("search"),
        how_we_count=site.path("how-we-count"),
        archive=site.path("archive"),
        standing=(
            Link(words.about, site.path("about")),
            Link(words.ethics_title, site.path("how-we-work")),
            Link(words.how_we_count, site.path("how-we-count")),
            Link(words.corrections, site.path("corrections")),
        ),
        fonts=FONTS.get(words.script, ()),
        feed=feed or site.path("feed"),
        sections=tuple(section for section in sections if section.url != latest),
        here=path.partition("?")[0],
        zone_note=words.times_are.format(zone=site.zone.key),
        is_indexed=is_indexed,
        is_preview=is_preview,
        kind=kind,
        image=image,
        structured=structured,
        meta=meta,
    )


def same_page(site: Site, name: str, *parts: str) -> dict[str, str]:
    """Return the paths of a page that every edition has, in the other editions."""
    return {
        edition.code: _reverse(name, edition.code, *parts)
        for edition in site.editions
        if edition.code != site.code
    }


def _alternates(site: Site, paths: Mapping[str, str]) -> tuple[Alternate, ...]:
    if len(paths) == 1:
        return ()
    alternates = [
        Alternate(edition.code, settings.SITE_URL + paths[edition.code])
        for edition in site.editions
        if edition.code in paths
    ]
    default = next((edition.code for edition in site.editions if edition.is_default), "")
    if default in paths:
        alternates.append(Alternate("x-default", settings.SITE_URL + paths[default]))
    return tuple(alternates)


def _edition_links(site: Site, others: Mapping[str, str]) -> tuple[EditionLink, ...]:
    links = []
    for edition in site.editions:
        if edition.code == site.code:
            continue
        words = WORDS[edition.code]
        links.append(
            EditionLink(
                code=edition.code,
                language=words.language,
                direction=words.direction,
                url=others.get(edition.code) or _reverse("front", edition.code),
                is_same_page=edition.code in others,
                read_here=words.read_here,
            )
        )
    return tuple(links)
