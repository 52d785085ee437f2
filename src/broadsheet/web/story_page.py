"""The page of a story: what it is, day by day, whom it is about, and how much it was read."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from broadsheet.articles.models import Article, PersonName, Quote
from broadsheet.articles.queries import (
    CardFacts,
    Moment,
    card_facts,
    cards_by_id,
    latest_articles,
    quotes_of_articles,
)
from broadsheet.distribution.structured_data import ListFacts, Named, as_script, describe_list
from broadsheet.themes.dating import last_day
from broadsheet.themes.queries import (
    PIECES_READ,
    Counterparts,
    StoryFacts,
    TimelineEntry,
    announced_in,
    counterparts_of,
)
from broadsheet.themes.telling import Piece, most_telling, names_told

from . import made_from
from .body import Figure, QuotePart, make_figure, make_quote
from .cards import Card, make_card
from .describing import absolute
from .fragments import popular_address
from .moments import When, show_date
from .navigation import Frame, Link, Site, frame_page
from .paging import page_path
from .picturing import find_pictures
from .readership_fragment import readership_address
from .storytelling import ToldStory, tags_of_story, tell_story

#: Articles on one page of a story; a day is parted only where it has more than that.
STORY_PAGE_LENGTH = 50
QUOTES_A_DAY = 2
#: A day stands out with so many articles, if that is twice what its days have on average.
KEY_FROM, KEY_TIMES, KEY_DAYS = 3, 2, 3
COMING_SHOWN, PAST_SHOWN = 8, 4


@dataclass(frozen=True, slots=True)
class StoryDay:
    """A day of the story: its most telling sentence, what was said, and its articles."""

    day: When
    is_key: bool
    sentence: str
    quotes: tuple[QuotePart, ...]
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class AnnouncedLine:
    """What is announced for a day, week, month or year, in the sentence of the article `card`."""

    when: When
    text: str
    card: Card


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryPage:
    """A story, or, where `newest` is an address, the older part of it: its days alone.

    `size` says how many articles it has, `since` and `until` are the days of the first and the last;
    nothing is said of a story that is too large to be read whole. `readership` and `popular` are
    addresses of fragments.
    """

    frame: Frame
    headline: str
    summary: str
    size: str
    since: When | None
    until: When | None
    figure: Figure | None
    coming: tuple[AnnouncedLine, ...]
    past: tuple[AnnouncedLine, ...]
    days: tuple[StoryDay, ...]
    people: tuple[Link, ...]
    names: tuple[str, ...]
    feed: str
    readership: str
    popular: str
    older: str
    newest: str
    lasts: timedelta | None
    made_from: frozenset[str]


class _Beside(NamedTuple):
    """What stands beside the days, on the first page alone."""

    announced: tuple[TimelineEntry, ...]
    facts: Mapping[int, CardFacts]
    figure: Figure | None
    image_id: int | None
    elsewhere: Counterparts


def gather_story(
    story: StoryFacts,
    pieces: Sequence[Piece],
    *,
    site: Site,
    before: Moment | None,
    now: datetime,
) -> StoryPage:
    """Return the page of a story; `pieces` are its live articles, newest first, at least two."""
    told = tell_story(story, pieces, site=site)
    found = card_facts(
        latest_articles(site.id, before=before, story_member__story=story.id),
        limit=STORY_PAGE_LENGTH + 1,
    )
    shown, following = _whole_days(found, site=site)
    ids = {*(piece.article_id for piece in pieces), *(one.id for one in shown)}
    quotes = quotes_of_articles(ids)
    speakers = _names_of_speakers(quotes, site=site)
    beside = None if before else _read_beside(story, pieces, first=told.first.article_id, site=site)
    coming, past = _announced(beside, now=now, site=site) if beside else ((), ())
    people = _people(quotes, speakers, site=site)
    names = names_told(pieces, told.language, without=(person.text for person in people))
    path = site.path("story", story.slug)
    is_whole = len(pieces) < PIECES_READ
    summary = told.summary if beside else ""
    days = _days(shown, pieces, quotes, speakers, told=told, said=summary, site=site)
    return StoryPage(
        frame=_frame(
            story,
            told,
            shown=shown,
            people=people,
            names=names,
            beside=beside,
            site=site,
            before=before,
        ),
        headline=told.headline,
        summary=summary,
        size=site.words.plural(site.words.story_articles, len(pieces)) if is_whole else "",
        since=_show_day(pieces[-1].at, site=site) if is_whole else None,
        until=_show_day(pieces[0].at, site=site) if is_whole else None,
        figure=beside.figure if beside else None,
        coming=coming,
        past=past,
        days=days,
        people=people if beside else (),
        names=tuple(names) if beside else (),
        feed=site.path("story-feed", story.slug),
        readership=readership_address(site.code, story.id) if beside else "",
        popular=popular_address(site.code),
        older=page_path(path, Moment(shown[-1].published_at, shown[-1].id)) if following else "",
        newest=path if before else "",
        lasts=_until_midnight(now, site=site) if coming else None,
        made_from=frozenset(
            {
                *tags_of_story(pieces),
                *made_from.records("article", [following]),
                *made_from.records("person", (quote.person_id for quote in quotes)),
                *(_tags_beside(beside) if beside else ()),
            }
        ),
    )


def _whole_days(
    found: Sequence[CardFacts], *, site: Site
) -> tuple[Sequence[CardFacts], int | None]:
    """Return what one page shows, and the first article of the next.

    A day that has no room on it whole is left to the next, unless it is the only one.
    """
    shown, rest = found[:STORY_PAGE_LENGTH], found[STORY_PAGE_LENGTH:]
    if rest:
        day = _day_of(rest[0].published_at, site=site)
        shown = [one for one in shown if _day_of(one.published_at, site=site) != day] or shown
    following = found[len(shown)].id if len(found) > len(shown) else None
    return shown, following


def _read_beside(story: StoryFacts, pieces: Sequence[Piece], *, first: int, site: Site) -> _Beside:
    ids = [piece.article_id for piece in pieces]
    announced = announced_in(story.id)
    image_id, figure = _read_figure(ids, first=first, site=site)
    return _Beside(
        announced=announced,
        facts=cards_by_id(entry.article_id for entry in announced) if announced else {},
        figure=figure,
        image_id=image_id,
        elsewhere=counterparts_of(story.id, ids),
    )


def _read_figure(ids: Sequence[int], *, first: int, site: Site) -> tuple[int | None, Figure | None]:
    """Return the lead image of the piece to read first, or of the newest that has one."""
    pictured = Article.objects.filter(pk__in=ids, live=True, image__isnull=False)
    rows = list(
        pictured.order_by("-first_published_at", "-pk").values(
            "pk", "image_id", "image_alt", "image_caption", "image__credit", "image__licence"
        )
    )
    if not rows:
        return None, None
    row: Any = next((row for row in rows if row["pk"] == first), rows[0])
    picture = find_pictures([row["image_id"]]).get(row["image_id"])
    if picture is None:
        return row["image_id"], None
    return row["image_id"], make_figure(
        picture,
        alt=row["image_alt"],
        caption=row["image_caption"],
        credit=row["image__credit"],
        licence=row["image__licence"],
        site=site,
    )


def _tags_beside(beside: _Beside) -> set[str]:
    elsewhere = beside.elsewhere
    return {
        *made_from.records("article", (entry.article_id for entry in beside.announced)),
        *made_from.records("article", elsewhere.beside),
        *made_from.records("image", [beside.image_id]),
        *map(made_from.translations, elsewhere.keys),
        *map(made_from.theme, elsewhere.translations),
    }


def _names_of_speakers(quotes: Iterable[Quote], *, site: Site) -> dict[int, PersonName]:
    ids = {quote.person_id for quote in quotes}
    names = PersonName.objects.filter(edition_id=site.id, owner_id__in=ids) if ids else ()
    return {name.owner_id: name for name in names}


def _people(
    quotes: Iterable[Quote], speakers: Mapping[int, PersonName], *, site: Site
) -> tuple[Link, ...]:
    """Return who is quoted and public here, those who said most first."""
    said = Counter(quote.person_id for quote in quotes if quote.person_id in speakers)
    names = [speakers[number] for number in sorted(said, key=lambda one: (-said[one], one))]
    return tuple(Link(name.name, site.path("person", name.slug)) for name in names)


def _days(
    shown: Sequence[CardFacts],
    pieces: Sequence[Piece],
    quotes: Iterable[Quote],
    speakers: Mapping[int, PersonName],
    *,
    told: ToldStory,
    said: str,
    site: Site,
) -> tuple[StoryDay, ...]:
    """Return the days of what is shown; a sentence that `said` has is not said again."""
    sizes = Counter(_day_of(piece.at, site=site) for piece in pieces)
    spoken: dict[int, list[QuotePart]] = defaultdict(list)
    for quote in quotes:
        spoken[quote.article_id].append(_quote(quote, speakers, site=site))
    days = []
    for day, group in groupby(shown, key=lambda one: _day_of(one.published_at, site=site)):
        facts = list(group)
        of_day = [Piece(one.id, one.published_at, one.headline, one.lead) for one in facts]
        telling = most_telling(of_day, told.weights, told.language, without=said)
        headlines = {one.headline for one in facts}
        days.append(
            StoryDay(
                day=_show_day(facts[0].published_at, site=site),
                is_key=_is_key(sizes, day),
                # The headlines stand below it.
                sentence=telling.text if telling and telling.text not in headlines else "",
                quotes=tuple(part for one in facts for part in spoken[one.id])[:QUOTES_A_DAY],
                cards=tuple(make_card(one, site=site) for one in facts),
            )
        )
    return tuple(days)


def _quote(quote: Quote, speakers: Mapping[int, PersonName], *, site: Site) -> QuotePart:
    return make_quote(
        text=quote.text,
        anchor="",
        name=speakers.get(quote.person_id),
        fallback=str(quote.person),
        role=quote.role,
        where=quote.where,
        said_on=quote.said_on,
        translated_from=quote.translated_from,
        site=site,
    )


def _is_key(sizes: Mapping[date, int], day: date) -> bool:
    """Whether a day stands out among those of the story."""
    if len(sizes) < KEY_DAYS or sizes.get(day, 0) < KEY_FROM:
        return False
    return sizes[day] * len(sizes) >= KEY_TIMES * sum(sizes.values())


def _announced(
    beside: _Beside, *, now: datetime, site: Site
) -> tuple[tuple[AnnouncedLine, ...], tuple[AnnouncedLine, ...]]:
    """Return what is to come, the next first, and what was to come, the latest first."""
    today = _day_of(now, site=site)
    coming: list[AnnouncedLine] = []
    past: list[AnnouncedLine] = []
    for entry in beside.announced:
        facts = beside.facts.get(entry.article_id)
        if facts is None or entry.date is None:
            continue
        precision = entry.precision or "day"
        line = AnnouncedLine(
            when=show_date(entry.date, precision, words=site.words),
            text=entry.text,
            card=make_card(facts, site=site),
        )
        (past if last_day(entry.date, precision) < today else coming).append(line)
    return tuple(coming[:COMING_SHOWN]), tuple(past[::-1][:PAST_SHOWN])


def _until_midnight(now: datetime, *, site: Site) -> timedelta:
    """Return for how long what is to come is still to come."""
    tomorrow = _day_of(now, site=site) + timedelta(days=1)
    return datetime.combine(tomorrow, time(), site.zone) - now


def _frame(
    story: StoryFacts,
    told: ToldStory,
    *,
    shown: Sequence[CardFacts],
    people: Sequence[Link],
    names: Sequence[str],
    beside: _Beside | None,
    site: Site,
    before: Moment | None,
) -> Frame:
    path = page_path(site.path("story", story.slug), before)
    description = told.summary or told.headline
    codes = {edition.id: edition.code for edition in site.editions}
    elsewhere = beside.elsewhere.slugs if beside else {}
    facts = ListFacts(
        url=absolute(path),
        name=told.headline,
        description=description,
        language=site.code,
        publisher=Named(site.name, absolute(site.path("front"))),
        entries=tuple(
            Named(one.headline, absolute(site.path("article", one.slug))) for one in shown
        ),
        people=tuple(Named(person.text, absolute(person.url)) for person in people),
        about=tuple(names),
    )
    figure = beside.figure if beside else None
    return frame_page(
        site,
        title=told.headline,
        description=description,
        path=path,
        others={
            codes[number]: site.path_in(codes[number], "story", slug)
            for number, slug in elsewhere.items()
            if number in codes
        },
        image=absolute(figure.picture.largest) if figure else "",
        structured=as_script(describe_list(facts)),
        feed=site.path("story-feed", story.slug),
    )


def _day_of(moment: datetime, *, site: Site) -> date:
    return moment.astimezone(site.zone).date()


def _show_day(moment: datetime, *, site: Site) -> When:
    return show_date(_day_of(moment, site=site), "day", words=site.words)
