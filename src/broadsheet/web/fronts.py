"""Fronts: of the edition and of its sections. Rank shows by size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from broadsheet.articles.models.names import SectionName
from broadsheet.articles.queries import CardFacts, Moment, card_facts, latest_articles

from . import made_from
from .cards import Card, make_card
from .fragments import latest_address, popular_address
from .lists import DayOfCards, cards_by_day
from .navigation import Frame, Link, Site, feed_path, frame_page, same_page, section_path
from .paging import page_path, slice_list
from .picturing import Picture, find_pictures

#: Among so many of the newest the stories at the top are chosen.
CANDIDATES = 24
#: Beside and below the lead: of the edition's front, and of a section's.
SECONDS = 5
SECTION_SECONDS = 4
STRIP_LENGTH = 4
#: A front asks once for each section that it shows.
STRIPS_LIMIT = 12


@dataclass(frozen=True, slots=True)
class Strip:
    """A section on the front: its newest articles that do not stand above already."""

    heading: Link
    see_all: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontPage:
    """An edition's front. `latest` and `popular` are addresses of fragments."""

    frame: Frame
    lead: Card | None
    seconds: tuple[Card, ...]
    strips: tuple[Strip, ...]
    latest: str
    popular: str
    made_from: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionPage:
    """A section's front; further back in time it is a list alone.

    `popular` is the address of a fragment.
    """

    frame: Frame
    heading: str
    lead: Card | None
    seconds: tuple[Card, ...]
    days: tuple[DayOfCards, ...]
    popular: str
    older: str
    newest: str
    made_from: frozenset[str]


def choose_top(facts: Sequence[CardFacts], *, seconds: int) -> list[CardFacts]:
    """Return the lead story and up to `seconds` more out of the newest articles.

    The lead is the newest with a picture, else the newest that is more than a headline. Flashes
    stand at the top only where there is nothing else.
    """
    stories = [one for one in facts if not one.is_flash] or list(facts)
    lead = next((one for one in stories if one.image_id), stories[0] if stories else None)
    if lead is None:
        return []
    return [lead, *[one for one in stories if one is not lead][:seconds]]


def gather_front(*, site: Site) -> FrontPage:
    """Return an edition's front, in a number of queries that depends on its sections alone."""
    newest = card_facts(latest_articles(site.id), limit=CANDIDATES)
    top = choose_top(newest, seconds=SECONDS)
    strips = _read_strips(site, without={one.id for one in top})
    shown = [one.image_id for one in top] + [facts[0].image_id for facts in strips.values()]
    pictures = find_pictures(shown)
    cards = [make_card(one, site=site, pictures=pictures) for one in top]
    return FrontPage(
        frame=frame_page(
            site,
            title=site.name,
            description=site.words.latest_intro,
            path=site.path("front"),
            others=same_page(site, "front"),
        ),
        lead=cards[0] if cards else None,
        seconds=tuple(cards[1:]),
        strips=_make_strips(strips, pictures, site=site),
        latest=latest_address(site.code),
        popular=popular_address(site.code),
        made_from=frozenset({made_from.front(site.code), *made_from.records("image", shown)}),
    )


def gather_section(name: SectionName, *, site: Site, before: Moment | None) -> SectionPage:
    """Return a section's front, or with `before` what is older."""
    words = site.words
    path = section_path(site.code, name.slug)
    page = slice_list(latest_articles(site.id, before=before, section=name.owner_id))
    top = [] if before else choose_top(page.facts[:CANDIDATES], seconds=SECTION_SECONDS)
    at_top = {one.id for one in top}
    shown = [one.image_id for one in top]
    pictures = find_pictures(shown)
    cards = [make_card(one, site=site, pictures=pictures) for one in top]
    codes = {edition.id: edition.code for edition in site.editions if edition.id != site.id}
    others = {
        codes[other.edition_id]: section_path(codes[other.edition_id], other.slug)
        for other in name.owner.names.all()
        if other.edition_id in codes
    }
    return SectionPage(
        frame=frame_page(
            site,
            title=name.name,
            description=words.section_intro.format(name=name.name),
            path=page_path(path, before),
            others=None if before else others,
            feed=feed_path(site.code, name.slug),
        ),
        heading=name.name,
        lead=cards[0] if cards else None,
        seconds=tuple(cards[1:]),
        days=cards_by_day([one for one in page.facts if one.id not in at_top], site=site),
        popular=popular_address(site.code, "section", name.owner_id),
        older=page_path(path, page.after) if page.after else "",
        newest=path if before else "",
        made_from=frozenset(
            {
                made_from.listed("section", name.owner_id, site.code),
                *made_from.records("image", shown),
                *made_from.records("article", [page.next_id]),
            }
        ),
    )


def _read_strips(site: Site, *, without: set[int]) -> dict[int, list[CardFacts]]:
    """The newest of each section, by the section's id; sections without any are left out."""
    strips = {}
    shown = [n for n in site.in_navigation if site.sections[n].url != site.path("latest")]
    for section_id in shown[:STRIPS_LIMIT]:
        articles = latest_articles(site.id, section=section_id)
        facts = card_facts(articles, limit=STRIP_LENGTH + len(without))
        left = [one for one in facts if one.id not in without][:STRIP_LENGTH]
        if left:
            # The one with a picture comes first: it is shown with it.
            first = next((one for one in left if one.image_id), left[0])
            strips[section_id] = [first, *[one for one in left if one is not first]]
    return strips


def _make_strips(
    strips: Mapping[int, list[CardFacts]], pictures: Mapping[int, Picture], *, site: Site
) -> tuple[Strip, ...]:
    made = []
    for section_id, facts in strips.items():
        heading = site.sections[section_id]
        first, *rest = facts
        cards = (
            make_card(first, site=site, pictures=pictures),
            *(make_card(one, site=site) for one in rest),
        )
        made.append(Strip(heading, site.words.all_of_section.format(section=heading.text), cards))
    return tuple(made)
