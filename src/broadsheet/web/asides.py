"""What is read most, as a block beside what one came for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from broadsheet.articles.queries import CardFacts
from broadsheet.readership.queries import PopularList, WindowName

from .cards import Card, make_card
from .editions.words import Words
from .moments import When, show_moment
from .navigation import Site


@dataclass(frozen=True, slots=True)
class PopularBlock:
    """A ranking over the window that its heading names, and when it was computed.

    `pinned` stand first and have no place among the `cards`, which are ranked. `url` is the page
    of the window, if there is one for this ranking.
    """

    heading: str
    url: str
    computed: When
    pinned: tuple[Card, ...]
    cards: tuple[Card, ...]


def make_popular(
    ranking: PopularList, facts: Mapping[int, CardFacts], *, site: Site, url: str = ""
) -> PopularBlock | None:
    """Return the block of a ranking; None where nothing of it is live in the edition."""
    live = [
        facts[article_id]
        for article_id in ranking.article_ids
        if article_id in facts and facts[article_id].edition_id == site.id
    ]
    if not live:
        return None
    return PopularBlock(
        heading=popular_heading(ranking.window, words=site.words),
        url=url,
        computed=show_computed(ranking.computed_at, site=site),
        pinned=tuple(
            make_card(one, site=site, reason=site.words.newsroom_choice)
            for one in live
            if one.id in ranking.pinned
        ),
        cards=tuple(make_card(one, site=site) for one in live if one.id not in ranking.pinned),
    )


def popular_heading(window: WindowName, *, words: Words) -> str:
    headings = {
        "hour": words.popular_hour,
        "day": words.popular_day,
        "week": words.popular_week,
        "month": words.popular_month,
        "all": words.popular_all,
        "rising": words.popular_rising,
        "newest": words.popular_newest,
    }
    return headings[window]


def popular_path(window: WindowName, *, site: Site) -> str:
    """Return the page of an edition's ranking over a window."""
    if window == "newest":
        return site.path("latest")
    return site.path("popular-window", window)


def show_computed(moment: datetime, *, site: Site) -> When:
    """Return the moment of a ranking to the minute, its text as a phrase."""
    to_the_minute = moment.replace(second=0)
    when = show_moment(to_the_minute, site.words.card_time, words=site.words, zone=site.zone)
    return When(when.iso, site.words.computed_at.format(time=when.text))
