"""What stands around an article on its page: its theme and its timeline."""

from collections.abc import Mapping
from dataclasses import dataclass

from broadsheet.articles.models import Article
from broadsheet.articles.queries import CardFacts, cards_by_id, find_translations
from broadsheet.themes.queries import (
    HAS_PAGE_FROM,
    ThemeEntry,
    TimelineEntry,
    pieces_beside,
    story_of,
    story_slug_of,
    theme_of,
    timeline_of,
)

from .body import related_in
from .cards import Card, make_card
from .moments import When, show_date, show_moment
from .navigation import Site
from .picturing import Picture
from .storytelling import first_of

THEME_LIMIT = 8
#: So many names make a reason that is read at a glance.
NAMES_LIMIT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The other articles on the page, as they were read. `facts` holds this edition's alone;
    `looked_for` are those that would stand there if they were live.
    """

    theme: tuple[ThemeEntry, ...]
    first: int | None  # of the story, the piece that one should read first
    timeline: tuple[TimelineEntry, ...]
    facts: Mapping[int, CardFacts]
    looked_for: frozenset[int]
    translations: tuple[CardFacts, ...]
    story: str  # the path of the story's page, if it has one


@dataclass(frozen=True, slots=True)
class TimelineLine:
    """An event of the story. `card` is the article that tells it, unless it is this one."""

    when: When | None
    text: str
    card: Card | None


@dataclass(frozen=True, slots=True)
class TimelineBlock:
    happened: tuple[TimelineLine, ...]
    announced: tuple[TimelineLine, ...]


def read_surroundings(article: Article, *, site: Site) -> Surroundings:
    """Read all other articles that the page of `article` has links to; it need not be saved."""
    theme: tuple[ThemeEntry, ...] = ()
    timeline: tuple[TimelineEntry, ...] = ()
    slug, first = "", None
    if article.pk:
        story = story_of(article.pk)
        if len(story) >= HAS_PAGE_FROM:
            slug = story_slug_of(article.pk)
            first = first_of(pieces_beside(article.pk), site=site).article_id
        theme = theme_of(article.pk, limit=THEME_LIMIT, story=story, first=first)
        timeline = timeline_of(article.pk, story=story)
    wanted = {
        *related_in(article.body),
        *(entry.article_id for entry in theme),
        *(entry.article_id for entry in timeline),
    }
    facts = cards_by_id(wanted) if wanted else {}
    return Surroundings(
        theme=tuple(entry for entry in theme if entry.article_id != article.pk),
        first=first,
        timeline=timeline,
        facts={number: one for number, one in facts.items() if one.edition_id == site.id},
        looked_for=frozenset(wanted),
        story=site.path("story", slug) if slug else "",
        translations=tuple(
            one
            for one in find_translations(article)
            if any(one.edition_id == edition.id for edition in site.editions)
        ),
    )


def make_theme(
    around: Surroundings, pictures: Mapping[int, Picture], *, site: Site
) -> tuple[Card, ...]:
    """Return the thread of the article, each card with the reason why it is there."""
    words = site.words
    cards = []
    for entry in around.theme:
        if entry.article_id not in around.facts:
            continue
        if entry.kind == "same_story":
            is_first = entry.article_id == around.first
            reason = words.same_story_first if is_first else words.same_story
        else:
            because = words.earlier if entry.kind == "earlier" else words.also_about
            reason = because.format(names=words.comma.join(entry.names[:NAMES_LIMIT]))
        facts = around.facts[entry.article_id]
        cards.append(make_card(facts, site=site, pictures=pictures, reason=reason))
    return tuple(cards)


def make_timeline(
    around: Surroundings, *, article_id: int | None, site: Site
) -> TimelineBlock | None:
    """Return what happened and what is announced; None where nothing of it can be shown."""
    happened: list[TimelineLine] = []
    announced: list[TimelineLine] = []
    for entry in around.timeline:
        is_own = entry.article_id == article_id
        facts = around.facts.get(entry.article_id)
        if not is_own and facts is None:
            continue
        card = make_card(facts, site=site) if facts is not None and not is_own else None
        line = TimelineLine(_when(entry, site), entry.text, card)
        (happened if entry.kind == "happened" else announced).append(line)
    # A single article is no course of events, and says itself when it was published.
    if not any(line.card for line in happened):
        happened = []
    if not happened and not announced:
        return None
    return TimelineBlock(tuple(happened), tuple(announced))


def _when(entry: TimelineEntry, site: Site) -> When | None:
    if entry.at is not None:
        return show_moment(entry.at, site.words.card_time, words=site.words, zone=site.zone)
    if entry.date is not None:
        return show_date(entry.date, entry.precision or "day", words=site.words)
    return None
