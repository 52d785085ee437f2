"""Which page stands at an address: the addresses of `project/urls.py`, each with what it gathers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

from django.urls import Resolver404, resolve, reverse

from broadsheet.articles.models import Article
from broadsheet.articles.models.names import NEWS_SECTION
from broadsheet.articles.queries import (
    Moment,
    find_article,
    find_author,
    find_moved,
    find_person,
    find_section,
    find_source,
    find_tag,
    is_corrected_at,
    is_place,
)
from broadsheet.readership.queries import Window
from broadsheet.themes.queries import HAS_PAGE_FROM, StoryAddress, find_story, pieces_of
from broadsheet.themes.telling import Piece

from . import feeds, made_from
from .archive import NothingPublishedError, gather_archive, gather_day, gather_month
from .article_page import gather_article
from .corrections_page import gather_corrections
from .feeds import gather_feed, gather_section_feed, gather_story_feed, write_feed
from .fragments import (
    RANKING_LASTS,
    PopularKind,
    gather_latest_fragment,
    gather_popular_fragment,
)
from .fronts import gather_front, gather_section
from .headers import HTML
from .lists import (
    gather_author,
    gather_latest,
    gather_person,
    gather_popular,
    gather_popular_window,
    gather_source,
    gather_tag,
)
from .navigation import Site, default_code, find_site
from .paging import read_before
from .readership_fragment import READERSHIP_LASTS, gather_readership_fragment
from .standing_pages import (
    gather_about,
    gather_counting,
    gather_ethics,
    gather_gone,
    gather_not_found,
)
from .story_page import gather_story
from .storytelling import tags_of_story

FindSite = Callable[[str], Site | None]

OK, MOVED, FOUND, NOT_FOUND, GONE = 200, 301, 302, 404, 410


class NoSuchPageError(LookupError):
    """There is no page at the address."""


class NoEditionError(LookupError):
    """No edition is switched on, so there is no page at all."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page is gathered for. `before` is the place in a list."""

    site: Site
    parts: Mapping[str, str]
    before: Moment | None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """A page that waits to be rendered: by its template, or by what writes it.

    `lasts` says how long it stays right by itself.
    """

    page: Any
    template: str = ""
    write: Callable[[Any], str] | None = None
    content_type: str = HTML
    status: int = OK
    lasts: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """A page that leads to another. `address` is where it stands, if not where it was asked for."""

    to: str
    status: int
    made_from: frozenset[str]
    code: str = ""
    address: str = ""


def gather(address: str, *, now: datetime, find: FindSite = find_site) -> Gathered | Redirect:
    """Return the page at an address: a path, one with `?before=`, or a name such as `404:en`.

    `find` answers for `navigation.find_site`, where somebody knows that edition already. Raises `NoSuchPageError`, and `NoEditionError` where nothing can be answered at all.
    """
    kind, _, rest = address.partition(":")
    if kind in _NAMED:
        return _NAMED[kind](rest, now, find)
    path, _, before = address.partition("?before=")
    try:
        match = resolve(path)
    except Resolver404:
        raise NoSuchPageError(address) from None
    if match.url_name == "root":
        return _root()
    gather_page = PAGES.get(match.url_name or "")
    if gather_page is None:
        raise NoSuchPageError(address)
    parts = dict(match.kwargs)
    site = find(parts.pop("edition"))
    if site is None:
        raise NoSuchPageError(address)
    place = read_before(before)
    is_known = is_corrected_at if match.url_name == "corrections" else is_place
    if place is not None and not is_known(place, site.id):
        # Whoever makes up places gets no pages made of them.
        return Redirect(
            to=path, status=FOUND, made_from=frozenset(), code=site.code, address=f"first:{path}"
        )
    return gather_page(Asked(site, parts, place, now))


def not_found_code(address: str, *, find: FindSite = find_site) -> str:
    """Return the edition whose 404 page answers for an address, "" for the default one."""
    code = address.split("/", 2)[1] if address.startswith("/") else ""
    return code if code and find(code) is not None else ""


def _root() -> Redirect:
    code = default_code()
    if code is None:
        raise NoEditionError
    front = reverse("front", args=[code])
    return Redirect(to=front, status=FOUND, made_from=frozenset({made_from.SITE}), code=code)


def _front(asked: Asked) -> Gathered:
    return Gathered(template="web/front.html", page=gather_front(site=asked.site))


def _latest(asked: Asked) -> Gathered:
    return Gathered(
        template="web/list.html", page=gather_latest(site=asked.site, before=asked.before)
    )


def _article(asked: Asked) -> Gathered | Redirect:
    site, slug = asked.site, asked.parts["slug"]
    found = find_article(site.id, slug)
    if found is not None and found.live:
        page = gather_article(found, site=site, now=asked.now)
        return Gathered(template="web/article.html", page=page, lasts=page.lasts)
    if found is not None and found.is_killed:
        gone = gather_gone(found, site=site)
        return Gathered(template="web/missing.html", page=gone, status=GONE)
    if found is None and (moved := find_moved(site.id, slug)):
        # A slug can come back to another article: nobody is to remember this for ever.
        return Redirect(
            to=site.path("article", moved.slug),
            status=MOVED,
            made_from=frozenset(
                {
                    made_from.record("article", moved.id),
                    made_from.address(site.path("article", slug)),
                }
            ),
            code=site.code,
        )
    raise NoSuchPageError(slug)


def _story(asked: Asked) -> Gathered | Redirect:
    """A story, or where its address leads: it may be part of another one, or one article again."""
    site, slug = asked.site, asked.parts["slug"]
    found: StoryAddress = _found(find_story(site.id, slug))
    story, pieces = found.story, pieces_of(found.story.id) if found.story else []
    if story is None or not story.slug or len(pieces) < HAS_PAGE_FROM:
        return _lead_to_article(found, pieces, asked)
    if story.slug != slug:
        return _moved_story(site.path("story", story.slug), pieces, asked, kind="story")
    page = gather_story(story, pieces, site=site, before=asked.before, now=asked.now)
    return Gathered(template="web/story.html", page=page, lasts=page.lasts)


def _story_feed(asked: Asked) -> Gathered | Redirect:
    site, slug = asked.site, asked.parts["slug"]
    story = _found(_found(find_story(site.id, slug)).story)
    pieces = pieces_of(story.id)
    if not pieces or not story.slug:
        raise NoSuchPageError(slug)
    if story.slug != slug:
        return _moved_story(site.path("story-feed", story.slug), pieces, asked, kind="story-feed")
    return Gathered(
        page=gather_story_feed(story, pieces, site=site),
        write=write_feed,
        content_type=feeds.CONTENT_TYPE,
    )


def _moved_story(to: str, pieces: Sequence[Piece], asked: Asked, *, kind: str) -> Redirect:
    here = asked.site.path(kind, asked.parts["slug"])
    return Redirect(
        to=to,
        status=MOVED,
        made_from=frozenset({*tags_of_story(pieces), made_from.address(here)}),
        code=asked.site.code,
    )


def _lead_to_article(
    found: StoryAddress, pieces: Sequence[Piece], asked: Asked
) -> Gathered | Redirect:
    """Lead to what is left of a story, for now: it may go on. Its last article may be withdrawn."""
    site = asked.site
    here = made_from.address(site.path("story", asked.parts["slug"]))
    last_id = pieces[0].article_id if pieces else found.article_id
    last = Article.objects.filter(pk=last_id).first()
    if last is None or not (last.live or last.is_killed):
        raise NoSuchPageError(asked.parts["slug"])
    tags = {made_from.record("article", last.pk), made_from.theme(last.pk), here}
    if last.live:
        return Redirect(
            to=site.path("article", last.slug),
            status=FOUND,
            made_from=frozenset({*tags_of_story(pieces), *tags}),
            code=site.code,
        )
    gone = gather_gone(last, site=site)
    gone = replace(gone, made_from=gone.made_from | tags)
    return Gathered(template="web/missing.html", page=gone, status=GONE)


def _popular(asked: Asked) -> Gathered:
    page = gather_popular(site=asked.site, now=asked.now)
    return Gathered(template="web/popular.html", page=page, lasts=RANKING_LASTS)


def _popular_window(asked: Asked) -> Gathered:
    window = cast("Window", asked.parts["window"])
    page = gather_popular_window(window, site=asked.site, now=asked.now)
    return Gathered(template="web/popular.html", page=page, lasts=RANKING_LASTS)


def _section(asked: Asked) -> Gathered:
    name = _found(find_section(asked.site.id, asked.parts["slug"]))
    page = gather_section(name, site=asked.site, before=asked.before)
    return Gathered(template="web/section.html", page=page)


def _feed(asked: Asked) -> Gathered:
    return Gathered(
        page=gather_feed(site=asked.site), write=write_feed, content_type=feeds.CONTENT_TYPE
    )


def _section_feed(asked: Asked) -> Gathered:
    name = _found(find_section(asked.site.id, asked.parts["slug"]))
    if name.slug == NEWS_SECTION:
        raise NoSuchPageError  # its page is the list of everything, and its feed that of everything
    return Gathered(
        page=gather_section_feed(name, site=asked.site),
        write=write_feed,
        content_type=feeds.CONTENT_TYPE,
    )


def _archive(asked: Asked) -> Gathered:
    return Gathered(template="web/archive.html", page=gather_archive(site=asked.site))


def _archive_month(asked: Asked) -> Gathered:
    try:
        page = gather_month(asked.parts["month"], site=asked.site)
    except NothingPublishedError as error:
        raise NoSuchPageError from error
    return Gathered(template="web/archive_month.html", page=page)


def _archive_day(asked: Asked) -> Gathered:
    try:
        page = gather_day(asked.parts["day"], site=asked.site, before=asked.before)
    except NothingPublishedError as error:
        raise NoSuchPageError from error
    return Gathered(template="web/archive_day.html", page=page)


def _corrections(asked: Asked) -> Gathered:
    page = gather_corrections(site=asked.site, before=asked.before)
    return Gathered(template="web/corrections.html", page=page)


def _standing(gather_page: Callable[..., Any]) -> Callable[[Asked], Gathered]:
    def page(asked: Asked) -> Gathered:
        return Gathered(template="web/standing.html", page=gather_page(site=asked.site))

    return page


def _named_list(find: Any, gather_list: Any, template: str) -> Callable[[Asked], Gathered]:
    def page(asked: Asked) -> Gathered:
        name = _found(find(asked.site.id, asked.parts["slug"]))
        listed = gather_list(name, site=asked.site, before=asked.before)
        return Gathered(template=template, page=listed)

    return page


def _not_found(code: str, _now: datetime, find: FindSite) -> Gathered:
    if code and find(code) is None:
        raise NoSuchPageError(code)  # whoever makes up editions gets no pages made of them
    page = gather_not_found(site=_site_of(code, find))
    return Gathered(template="web/missing.html", page=page, status=NOT_FOUND)


def _fragment(rest: str, now: datetime, find: FindSite) -> Gathered:
    kind, code, *record = rest.split(":")
    site = _site_of(code, find)
    if kind == "latest":
        page: Any = gather_latest_fragment(site=site)
        return Gathered(template="web/latest_fragment.html", page=page)
    if kind == "readership":
        page = gather_readership_fragment(int(record[0]), site=site, now=now)
        return Gathered(template="web/readership.html", page=page, lasts=READERSHIP_LASTS)
    if record:
        page = gather_popular_fragment(
            site=site, kind=cast("PopularKind", record[0]), record_id=int(record[1]), now=now
        )
    else:
        page = gather_popular_fragment(site=site, now=now)
    return Gathered(template="web/popular_fragment.html", page=page, lasts=RANKING_LASTS)


def _site_of(code: str, find: FindSite) -> Site:
    site = find(code) or find(default_code() or "")
    if site is None:
        raise NoEditionError
    return site


def _found(record: Any) -> Any:
    if record is None:
        raise NoSuchPageError
    return record


#: The readers' pages, by the names of their addresses.
PAGES: Mapping[str, Callable[[Asked], Gathered | Redirect]] = {
    "front": _front,
    "latest": _latest,
    "article": _article,
    "story": _story,
    "story-feed": _story_feed,
    "popular": _popular,
    "popular-window": _popular_window,
    "tag": _named_list(find_tag, gather_tag, "web/list.html"),
    "author": _named_list(find_author, gather_author, "web/list.html"),
    "person": _named_list(find_person, gather_person, "web/person.html"),
    "source": _named_list(find_source, gather_source, "web/list.html"),
    "archive": _archive,
    "archive-month": _archive_month,
    "archive-day": _archive_day,
    "corrections": _corrections,
    "about": _standing(gather_about),
    "how-we-count": _standing(gather_counting),
    "how-we-work": _standing(gather_ethics),
    "section": _section,
    "feed": _feed,
    "section-feed": _section_feed,
}
#: Pages without a path: they answer for many paths, or stand inside others.
_NAMED: Mapping[str, Callable[[str, datetime, FindSite], Gathered]] = {
    "404": _not_found,
    "fragment": _fragment,
}
