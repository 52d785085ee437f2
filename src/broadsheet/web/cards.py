"""Cards: links to articles, each with its time and its count. There is one renderer."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from broadsheet.articles.queries import CardFacts

from .moments import When, show_moment
from .navigation import Link, Site
from .picturing import Picture


class IncompleteCardError(ValueError):
    """A card without a headline or a time, which cannot exist."""


class Badge(NamedTuple):
    kind: str
    text: str


class Badged(Protocol):
    """What badges follow from: an article's row, or its facts."""

    @property
    def is_exclusive(self) -> bool: ...
    @property
    def has_photo(self) -> bool: ...
    @property
    def has_video(self) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A link to a live article. Its count is a place that its template always leaves.

    Raises `IncompleteCardError` where the headline or the time is missing.
    """

    id: int
    url: str
    headline: str
    time: When
    lead: str = ""
    section: Link | None = None
    picture: Picture | None = None
    badges: tuple[Badge, ...] = ()
    reason: str = ""

    def __post_init__(self) -> None:
        if not (self.headline.strip() and self.time.iso and self.time.text):
            raise IncompleteCardError(f"article {self.id} has no headline or no time")


def make_card(
    facts: CardFacts,
    *,
    site: Site,
    pictures: Mapping[int, Picture] | None = None,
    reason: str = "",
) -> Card:
    """Return the card of an article of `site`'s edition; a picture where `pictures` has it."""
    picture = (pictures or {}).get(facts.image_id or 0)
    return Card(
        id=facts.id,
        url=site.path("article", facts.slug),
        headline=facts.headline,
        time=show_moment(
            facts.published_at, site.words.card_time, words=site.words, zone=site.zone
        ),
        lead=facts.lead,
        section=site.sections.get(facts.section_id),
        picture=replace(picture, alt=facts.image_alt) if picture else None,
        badges=badges_of(facts, site=site),
        reason=reason,
    )


def badges_of(article: Badged, *, site: Site) -> tuple[Badge, ...]:
    words = site.words
    badges = (
        (article.is_exclusive, Badge("exclusive", words.exclusive)),
        (article.has_photo, Badge("photo", words.photo)),
        (article.has_video, Badge("video", words.video)),
    )
    return tuple(badge for is_worn, badge in badges if is_worn)
