"""The corrections of an edition, the last corrected article first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from broadsheet.articles.models import ArticleCorrection
from broadsheet.articles.queries import Moment, cards_by_id, corrected_articles

from . import made_from
from .cards import Card, make_card
from .moments import When, show_moment
from .navigation import Frame, Site, frame_page, same_page
from .paging import page_path

PAGE_LENGTH = 20


@dataclass(frozen=True, slots=True)
class Correction:
    time: When
    text: str


@dataclass(frozen=True, slots=True)
class Corrected:
    """An article's card, and what was corrected in it, the last first."""

    card: Card
    corrections: tuple[Correction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionsPage:
    frame: Frame
    heading: str
    intro: str
    corrected: tuple[Corrected, ...]
    older: str
    newest: str
    made_from: frozenset[str]


def make_corrections(
    corrections: Iterable[ArticleCorrection], *, site: Site
) -> tuple[Correction, ...]:
    return tuple(Correction(_full_time(one.corrected_at, site), one.text) for one in corrections)


def gather_corrections(*, site: Site, before: Moment | None) -> CorrectionsPage:
    """Return a page of the corrected articles; `before` is a moment of correcting."""
    words, path = site.words, site.path("corrections")
    places = [
        Moment(at, number)
        for number, at in corrected_articles(site.id, before=before).values_list(
            "pk", "corrected_at"
        )[: PAGE_LENGTH + 1]
    ]
    ids = [place.article_id for place in places[:PAGE_LENGTH]]
    facts = cards_by_id(ids)
    texts: dict[int, list[ArticleCorrection]] = {}
    for correction in ArticleCorrection.objects.filter(article_id__in=ids):
        texts.setdefault(correction.article_id, []).append(correction)
    has_more = len(places) > PAGE_LENGTH
    return CorrectionsPage(
        frame=frame_page(
            site,
            title=words.corrections,
            description=words.corrections_intro,
            path=page_path(path, before),
            others=None if before else same_page(site, "corrections"),
        ),
        heading=words.corrections,
        intro=words.corrections_intro,
        corrected=tuple(
            Corrected(make_card(facts[n], site=site), make_corrections(texts[n], site=site))
            for n in ids
        ),
        older=page_path(path, places[PAGE_LENGTH - 1]) if has_more else "",
        newest=path if before else "",
        # An article is corrected where it is published, and so is among the latest changes.
        made_from=frozenset(
            {
                made_from.latest(site.code),
                *made_from.records("article", (place.article_id for place in places)),
            }
        ),
    )


def _full_time(moment: datetime, site: Site) -> When:
    return show_moment(moment, site.words.full_time, words=site.words, zone=site.zone)
