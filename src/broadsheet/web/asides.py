"""What is read most, as a block beside what one came for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from broadsheet.articles.queries import CardFacts
from broadsheet.readership.queries import PopularList

from .cards import Card, make_card
from .moments import When, show_moment
from .navigation import Site


@dataclass(frozen=True, slots=True)
class PopularBlock:
    """A ranking over the window that its heading names, and when it was computed."""

    heading: str
    computed: When
    cards: tuple[Card, ...]


def make_popular(
    ranking: PopularList, facts: Mapping[int, CardFacts], *, site: Site
) -> PopularBlock | None:
    """Return the block of a ranking; None where nothing of it is live in the edition."""
    cards = tuple(
        make_card(facts[article_id], site=site)
        for article_id in ranking.article_ids
        if article_id in facts and facts[article_id].edition_id == site.id
    )
    if not cards:
        return None
    headings = {
        "hour": site.words.popular_hour,
        "day": site.words.popular_day,
        "week": site.words.popular_week,
        "all": site.words.popular_all,
        "newest": site.words.popular_newest,
    }
    return PopularBlock(
        heading=headings[ranking.window],
        computed=show_computed(ranking.computed_at, site=site),
        cards=cards,
    )


def show_computed(moment: datetime, *, site: Site) -> When:
    """Return the moment of a ranking to the minute, its text as a phrase."""
    to_the_minute = moment.replace(second=0)
    when = show_moment(to_the_minute, site.words.card_time, words=site.words, zone=site.zone)
    return When(when.iso, site.words.computed_at.format(time=when.text))
