"""Pages that stand apart from the news: who we are, and what is said when a page is missing."""

from dataclasses import dataclass, field, replace

from django.conf import settings

from broadsheet.articles.models import Article
from broadsheet.readership.tallying import PACE

from . import made_from
from .editions.words import Passage
from .navigation import Frame, Link, Site, frame_page, same_page


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingPage:
    frame: Frame
    heading: str
    intro: str
    passages: tuple[Passage, ...]
    links: tuple[Link, ...] = ()
    made_from: frozenset[str] = field(default=frozenset())


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingPage:
    """404 and 410: what happened, the newsroom's notice if there is one, and a way on."""

    frame: Frame
    heading: str
    text: str
    notice: str = ""
    made_from: frozenset[str] = field(default=frozenset())


def gather_counting(*, site: Site) -> StandingPage:
    """Return the page that says what a view is."""
    words = site.words
    numbers = {
        "minutes": words.plural(words.minutes, settings.VIEW_WINDOW_MINUTES),
        "days": words.plural(words.days, settings.VIEW_LOG_DAYS),
        "articles": words.plural(words.articles, PACE),
    }
    return _standing(
        site,
        "how-we-count",
        heading=words.counting_title,
        intro=words.counting_intro,
        passages=tuple(
            Passage(
                passage.heading,
                tuple(text.format(**numbers) for text in passage.paragraphs),
            )
            for passage in words.counting
        ),
    )


def gather_about(*, site: Site) -> StandingPage:
    """Return the page that says what the site is, and leads to the other standing pages."""
    words = site.words
    return _standing(
        site,
        "about",
        heading=words.about_title.format(name=site.name),
        intro=words.about_intro,
        passages=words.about_passages,
        links=(
            Link(words.ethics_title, site.path("how-we-work")),
            Link(words.counting_title, site.path("how-we-count")),
            Link(words.corrections, site.path("corrections")),
        ),
    )


def gather_ethics(*, site: Site) -> StandingPage:
    """Return the page that says by which rules the newsroom works."""
    words = site.words
    return _standing(
        site,
        "how-we-work",
        heading=words.ethics_title,
        intro=words.ethics_intro,
        passages=words.ethics,
        links=(Link(words.corrections, site.path("corrections")),),
    )


def _standing(
    site: Site,
    name: str,
    *,
    heading: str,
    intro: str,
    passages: tuple[Passage, ...],
    links: tuple[Link, ...] = (),
) -> StandingPage:
    return StandingPage(
        frame=frame_page(
            site,
            title=heading,
            description=intro,
            path=site.path(name),
            others=same_page(site, name),
        ),
        heading=heading,
        intro=intro,
        passages=passages,
        links=links,
    )


def gather_not_found(*, site: Site) -> MissingPage:
    words = site.words
    return _missing(site, heading=words.not_found_title, text=words.not_found_text)


def gather_gone(article: Article, *, site: Site) -> MissingPage:
    """Return what stands at the address of an article that was killed."""
    words = site.words
    gone = _missing(site, heading=words.gone_title, text=words.gone_text)
    return replace(
        gone,
        notice=article.kill_notice,
        made_from=frozenset({made_from.record("article", article.pk)}),
    )


def _missing(site: Site, *, heading: str, text: str) -> MissingPage:
    # One page an edition: it does not repeat the address that was asked for.
    frame = frame_page(
        site, title=heading, description=text, path=site.path("front"), is_indexed=False
    )
    return MissingPage(frame=frame, heading=heading, text=text)
