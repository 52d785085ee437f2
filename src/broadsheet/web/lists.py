"""Pages that are lists: the latest, a section's older news, tag, author, source, person, popular."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db.models import QuerySet

from broadsheet.articles.models import Article, ArticleAuthor, ArticleSource, Quote
from broadsheet.articles.models.names import (
    AuthorName,
    EditionName,
    PersonName,
    SourceName,
    TagName,
)
from broadsheet.articles.queries import (
    CardFacts,
    Moment,
    cards_by_id,
    latest_articles,
    quotes_in_articles,
)
from broadsheet.readership.queries import PopularList, Window, popular

from . import made_from
from .asides import PopularBlock, make_popular, popular_heading, popular_path
from .body import QuotePart, make_quote
from .cards import Card, make_card
from .fragments import popular_address
from .moments import When
from .navigation import Frame, Link, Site, frame_page, same_page
from .paging import page_path, slice_list

PERSON_PAGE_LENGTH = 20
POPULAR_LENGTH = 20
#: What one page shows of each window, and in which order.
OVERVIEW: tuple[Window, ...] = ("day", "rising", "hour", "week", "month", "all")
OVERVIEW_LENGTH = 10


@dataclass(frozen=True, slots=True)
class DayOfCards:
    day: When
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """Cards by day. `older` is the address of the next page, `newest` that of the first;
    `popular` is that of a fragment, where the list has one.
    """

    frame: Frame
    kicker: str
    heading: str
    intro: str
    about: str
    outside: Link | None
    days: tuple[DayOfCards, ...]
    popular: str
    older: str
    newest: str
    made_from: frozenset[str]


@dataclass(frozen=True, slots=True)
class Quoted:
    """An article's card, and what the person said in it."""

    card: Card
    quotes: tuple[QuotePart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPage:
    frame: Frame
    name: str
    role: str
    intro: str
    quoted: tuple[Quoted, ...]
    older: str
    newest: str
    made_from: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PopularPage:
    """Rankings of an edition: the first places of every window, or all places of one.

    `nothing` is said where there are none. `windows` are the pages of each window.
    """

    frame: Frame
    heading: str
    intro: str
    nothing: str
    windows: tuple[Link, ...]
    rankings: tuple[PopularBlock, ...]
    is_one: bool
    made_from: frozenset[str]


def cards_by_day(facts: Iterable[CardFacts], *, site: Site) -> tuple[DayOfCards, ...]:
    """Return cards under the days of the edition's zone."""
    days = groupby(facts, key=lambda one: one.published_at.astimezone(site.zone).date())
    return tuple(
        DayOfCards(
            When(day.isoformat(), site.words.day_of(day, site.words.day)),
            tuple(make_card(one, site=site) for one in group),
        )
        for day, group in days
    )


def gather_latest(*, site: Site, before: Moment | None) -> ListPage:
    """Return everything that is live in an edition, newest first."""
    words = site.words
    return _list_page(
        latest_articles(site.id, before=before),
        site=site,
        path=site.path("latest"),
        others=same_page(site, "latest"),
        before=before,
        heading=words.latest,
        tags={made_from.latest(site.code)},
        intro=words.latest_intro,
    )


def gather_tag(name: TagName, *, site: Site, before: Moment | None) -> ListPage:
    return _list_page(
        latest_articles(site.id, before=before, tags=name.owner_id),
        site=site,
        path=site.path("tag", name.slug),
        others=named_elsewhere(name, kind="tag", site=site),
        before=before,
        kicker=site.words.tag,
        heading=name.name,
        tags=_tags_of_list("tag", name, site=site),
        popular=popular_address(site.code, "tag", name.owner_id),
    )


def gather_author(name: AuthorName, *, site: Site, before: Moment | None) -> ListPage:
    written = ArticleAuthor.objects.filter(author_id=name.owner_id).values("article")
    return _list_page(
        latest_articles(site.id, before=before, pk__in=written),
        site=site,
        path=site.path("author", name.slug),
        others=named_elsewhere(name, kind="author", site=site),
        before=before,
        kicker=name.role or site.words.author,
        heading=name.name,
        tags=_tags_of_list("author", name, site=site),
        intro=site.words.articles_by_author.format(name=name.name),
        about=name.about,
        popular=popular_address(site.code, "author", name.owner_id),
    )


def gather_source(name: SourceName, *, site: Site, before: Moment | None) -> ListPage:
    words = site.words
    resting = ArticleSource.objects.filter(source_id=name.owner_id).values("article")
    visit = words.visit_source.format(name=name.name)
    return _list_page(
        latest_articles(site.id, before=before, pk__in=resting),
        site=site,
        path=site.path("source", name.slug),
        others=named_elsewhere(name, kind="source", site=site),
        before=before,
        kicker=words.source,
        heading=name.name,
        tags=_tags_of_list("source", name, site=site),
        intro=words.articles_from_source.format(name=name.name),
        outside=Link(visit, name.owner.url) if name.owner.url else None,
    )


def gather_person(name: PersonName, *, site: Site, before: Moment | None) -> PersonPage:
    """Return everything that a person said in live articles of the edition, newest first."""
    words = site.words
    path = site.path("person", name.slug)
    quoting = Quote.objects.filter(person_id=name.owner_id).values("article")
    page = slice_list(
        latest_articles(site.id, before=before, pk__in=quoting), length=PERSON_PAGE_LENGTH
    )
    quotes: dict[int, list[QuotePart]] = {}
    for quote in quotes_in_articles(name.owner_id, [one.id for one in page.facts]):
        quotes.setdefault(quote.article_id, []).append(
            make_quote(
                text=quote.text,
                anchor=quote.anchor,
                name=name,
                fallback=name.name,
                role=quote.role,
                where=quote.where,
                said_on=quote.said_on,
                translated_from=quote.translated_from,
                site=site,
            )
        )
    intro = words.quotes_of_person.format(name=name.name)
    others = named_elsewhere(name, kind="person", site=site)
    return PersonPage(
        frame=_frame_list(site, name.name, intro, path=path, others=others, before=before),
        name=name.name,
        role=name.role,
        intro=intro,
        quoted=tuple(
            Quoted(make_card(one, site=site), tuple(quotes.get(one.id, ()))) for one in page.facts
        ),
        older=page_path(path, page.after) if page.after else "",
        newest=path if before else "",
        made_from=frozenset(
            {
                *_tags_of_list("person", name, site=site),
                *made_from.records("article", [page.next_id]),
            }
        ),
    )


def gather_popular(*, site: Site, now: datetime) -> PopularPage:
    """Return the first places of every window; of those that widened into one, once."""
    rankings: dict[str, PopularList] = {}
    for window in OVERVIEW:
        # What is pinned stands on top of the page, not of each list.
        has_pins = window == "day"
        ranking = popular(site.id, limit=OVERVIEW_LENGTH, window=window, has_pins=has_pins, now=now)
        rankings.setdefault(ranking.window, ranking)
    return _popular_page(
        rankings.values(),
        site=site,
        heading=site.words.popular,
        intro=site.words.popular_intro,
        path=site.path("popular"),
        others=same_page(site, "popular"),
    )


def gather_popular_window(window: Window, *, site: Site, now: datetime) -> PopularPage:
    """Return the ranking of one window, or of the wider one that is shown instead."""
    words = site.words
    ranking = popular(site.id, limit=POPULAR_LENGTH, window=window, now=now)
    intro = words.rising_intro if window == "rising" else words.popular_intro
    return _popular_page(
        [ranking],
        site=site,
        heading=popular_heading(window, words=words),
        intro=intro if ranking.window == window else words.popular_widened,
        path=site.path("popular-window", window),
        others=same_page(site, "popular-window", window),
        nothing=words.nothing_rising if window == "rising" else words.nothing_yet,
    )


def _popular_page(
    rankings: Collection[PopularList],
    *,
    site: Site,
    heading: str,
    intro: str,
    path: str,
    others: dict[str, str],
    nothing: str = "",
) -> PopularPage:
    words = site.words
    ids = {number for one in rankings for number in one.article_ids}
    facts = cards_by_id(ids)
    blocks = [
        make_popular(one, facts, site=site, url=popular_path(one.window, site=site))
        for one in rankings
    ]
    texts: dict[Window, str] = {
        "rising": words.window_rising,
        "hour": words.window_hour,
        "day": words.window_day,
        "week": words.window_week,
        "month": words.window_month,
        "all": words.window_all,
    }
    return PopularPage(
        frame=frame_page(site, title=heading, description=intro, path=path, others=others),
        heading=heading,
        intro=intro,
        nothing=nothing or words.nothing_yet,
        windows=(
            Link(words.popular_overview, site.path("popular")),
            *(Link(text, popular_path(window, site=site)) for window, text in texts.items()),
        ),
        rankings=tuple(block for block in blocks if block),
        is_one=len(rankings) == 1,
        made_from=frozenset({made_from.latest(site.code), *made_from.records("article", ids)}),
    )


def named_elsewhere(name: EditionName, *, kind: str, site: Site) -> dict[str, str]:
    """Return the paths of a record's pages in the other editions where it has a name."""
    codes = {edition.id: edition.code for edition in site.editions}
    return {
        codes[other.edition_id]: site.path_in(codes[other.edition_id], kind, other.slug)
        for other in name.owner.names.all()
        if other.edition_id in codes and other.edition_id != site.id
    }


def _list_page(
    articles: QuerySet[Article],
    *,
    site: Site,
    path: str,
    others: dict[str, str],
    before: Moment | None,
    heading: str,
    tags: set[str],
    kicker: str = "",
    intro: str = "",
    about: str = "",
    outside: Link | None = None,
    popular: str = "",
) -> ListPage:
    page = slice_list(articles)
    return ListPage(
        frame=_frame_list(site, heading, intro, path=path, others=others, before=before),
        kicker=kicker,
        heading=heading,
        intro=intro,
        about=about,
        outside=outside,
        days=cards_by_day(page.facts, site=site),
        popular=popular,
        older=page_path(path, page.after) if page.after else "",
        newest=path if before else "",
        made_from=frozenset({*tags, *made_from.records("article", [page.next_id])}),
    )


def _tags_of_list(kind: str, name: EditionName, *, site: Site) -> set[str]:
    return {
        made_from.record(kind, name.owner_id),
        made_from.listed(kind, name.owner_id, site.code),
    }


def _frame_list(
    site: Site,
    heading: str,
    intro: str,
    *,
    path: str,
    others: dict[str, str],
    before: Moment | None,
) -> Frame:
    return frame_page(
        site,
        title=heading,
        description=intro or f"{heading} — {site.name}",
        path=page_path(path, before),
        others=None if before else others,
    )
