"""Fragments that many pages share: they are pressed once, and stand in each page as a slot."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from broadsheet.articles.queries import card_facts, cards_by_id, latest_articles
from broadsheet.readership.queries import ENOUGH, popular

from . import made_from
from .asides import PopularBlock, make_popular, popular_path
from .cards import Card, make_card
from .navigation import Frame, Site, frame_page

#: What has a Popular of its own beside the edition.
PopularKind = Literal["section", "tag", "author"]
#: The first page that shows more has to raise these.
LATEST_LIMIT = 12
POPULAR_LIMIT = 6
#: The last day is ranked each 20 seconds; a list that is older is looked for again.
RANKING_LASTS = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class LatestFragment:
    """The newest of an edition: one more than is shown, for a page leaves itself out."""

    frame: Frame
    cards: tuple[Card, ...]
    made_from: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PopularFragment:
    frame: Frame
    block: PopularBlock | None
    made_from: frozenset[str]


def latest_address(code: str) -> str:
    return f"fragment:latest:{code}"


def popular_address(code: str, kind: PopularKind | None = None, record_id: int = 0) -> str:
    """Return the address of an edition's Popular, or of that of one of its records."""
    return f"fragment:popular:{code}" + (f":{kind}:{record_id}" if kind else "")


def gather_latest_fragment(*, site: Site) -> LatestFragment:
    facts = card_facts(latest_articles(site.id), limit=LATEST_LIMIT + 1)
    return LatestFragment(
        frame=_frame(site),
        cards=tuple(make_card(one, site=site) for one in facts),
        made_from=frozenset({made_from.latest(site.code)}),
    )


def gather_popular_fragment(
    *, site: Site, kind: PopularKind | None = None, record_id: int = 0, now: datetime
) -> PopularFragment:
    ranking = popular(
        site.id,
        section_id=record_id if kind == "section" else None,
        tag_id=record_id if kind == "tag" else None,
        author_id=record_id if kind == "author" else None,
        limit=POPULAR_LIMIT,
        now=now,
    )
    # Where too little was read the newest stand there, or follow.
    tags = {*made_from.records("article", ranking.article_ids), made_from.latest(site.code)}
    says_enough = True
    if kind in {"tag", "author"}:
        tags.add(made_from.ranked(site.code))
        # The newest, or the few that there are, stand on the page already.
        says_enough = ranking.window != "newest" and len(ranking.article_ids) >= ENOUGH
    return PopularFragment(
        frame=_frame(site),
        block=make_popular(
            ranking,
            cards_by_id(ranking.article_ids),
            site=site,
            url="" if kind else popular_path(ranking.window, site=site),
        )
        if says_enough
        else None,
        made_from=frozenset(tags),
    )


def _frame(site: Site) -> Frame:
    return frame_page(
        site, title=site.name, description=site.name, path=site.path("front"), is_indexed=False
    )
