"""The style page at the desk: every value and part of the design, as the readers' pages have them.

Its values are read out of `css/site.css`; its parts are made by what makes them for readers.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.utils.safestring import SafeString
from wagtail.admin.auth import require_admin_access

from .answering import fill
from .article_page import SourceGroup, SourceLine
from .body import (
    Cell,
    Figure,
    Gallery,
    Heading,
    ListPart,
    Paragraph,
    Part,
    QuotePart,
    RelatedPart,
    TablePart,
    VideoPart,
)
from .cards import Badge, Card
from .corrections_page import Correction
from .headers import public_headers
from .moments import show_date, show_moment
from .navigation import Frame, Link, Site, default_code, find_site, frame_page
from .picturing import Picture
from .pressing import render
from .slots import cut

#: Each is a picture of the parts under these attributes of the element around them.
SCHEMES = (("light", ""), ("dark", ""), ("light", "more"), ("dark", "more"))
WITHOUT_PICTURE = {"entry", "line"}
LOOKS = ("lead", "second", "strip", "theme", "entry", "line", "related")
_VALUE = re.compile(r"--([a-z0-9-]+):\s*([^;]+);")
_SAMPLE = "img/sample.svg"
SAMPLE_TIME = datetime(2026, 2, 14, 10, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Value:
    """A custom property of the design; `kind` says how it is shown: colour, size, font or text."""

    name: str
    value: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StylePage:
    """The page. Its sources, corrections and old age are as on an article's."""

    frame: Frame
    values: tuple[Value, ...]
    schemes: tuple[tuple[str, str], ...]
    cards: tuple[tuple[str, Card], ...]
    parts: tuple[Part, ...]
    figure: Figure
    contents: tuple[Heading, ...]
    sources: tuple[SourceGroup, ...]
    corrections: tuple[Correction, ...]
    old: str


@require_admin_access
def style_page(_request: HttpRequest) -> HttpResponse:
    """Answer the style page, in the words of the default edition; for staff alone."""
    site = find_site(default_code() or "")
    if site is None:
        return HttpResponse("No edition is switched on.", status=404, content_type="text/plain")
    page = gather_style(site)
    response = HttpResponse(fill(cut(render("web/style_page.html", page)), site.code))
    for name, value in public_headers(is_https=settings.SITE_URL.startswith("https://")):
        response[name] = value
    response["Cache-Control"] = "no-store"
    return response


def gather_style(site: Site) -> StylePage:
    """Return the page; it asks no article for anything, so that it is the same everywhere."""
    words, now = site.words, SAMPLE_TIME
    picture = _sample_picture()
    card = Card(
        id=0,
        url="#",
        headline=words.counting_title,
        time=show_moment(now, words.card_time, words=words, zone=site.zone),
        lead=words.counting_intro,
        section=Link(words.sections, "#"),
        picture=picture,
        badges=(Badge("exclusive", words.exclusive), Badge("video", words.video)),
    )
    return StylePage(
        frame=frame_page(
            site,
            title="Style",
            description="Style",
            path=site.path("front"),
            is_indexed=False,
            is_preview=True,
        ),
        values=tuple(read_values(_style_sheet())),
        schemes=SCHEMES,
        cards=tuple(
            (look, replace(card, picture=None) if look in WITHOUT_PICTURE else card)
            for look in LOOKS
        ),
        parts=tuple(_parts(site, card, picture)),
        figure=_figure(site, picture),
        contents=tuple(
            Heading(text, f"part-{number}")
            for number, text in enumerate((words.happened, words.announced, words.readership))
        ),
        sources=(
            SourceGroup(
                "reported",
                words.plural(words.reported_by, 1),
                (SourceLine(words.source, "#", "https://example.org/"),),
            ),
        ),
        corrections=(
            Correction(
                show_moment(now, words.full_time, words=words, zone=site.zone),
                words.corrections_intro,
            ),
        ),
        old=words.plural(words.old_article, 3),
    )


def read_values(css: str) -> Iterator[Value]:
    """Return the custom properties of the first `:root` of a style sheet, in their order."""
    rule = css.partition(":root {")[2].partition("}")[0]
    for name, value in _VALUE.findall(rule):
        text = " ".join(value.split())
        if text.startswith(("light-dark(", "#")):
            kind = "colour"
        elif name.startswith("size-"):
            kind = "size"
        elif name in {"serif", "sans"}:
            kind = "font"
        else:
            kind = "text"
        yield Value(name, text, kind)


def _parts(site: Site, card: Card, picture: Picture) -> Iterator[Part]:
    words = site.words
    yield Paragraph(SafeString(f"<p>{words.ethics[0].paragraphs[0]}</p>"))
    yield Heading(words.timeline, "part-0")
    yield QuotePart(
        text=words.corrections_intro,
        anchor="quote-sample",
        speaker=Link(words.person, "#"),
        role=words.author,
        where="",
        said_on=show_date(date(2026, 2, 14), "day", words=words),
    )
    yield _figure(site, picture)
    yield ListPart(tuple(SafeString(text) for text in (words.latest, words.popular)))
    yield RelatedPart(card)
    days = [date(2026, 2, 9) + timedelta(days=n) for n in range(4)]
    yield TablePart(
        words.day_by_day,
        words.day_by_day,
        (Cell(words.column_day, is_number=False), Cell(words.column_views, is_number=True)),
        tuple(
            (
                Cell(words.day_of(day, words.in_a_sentence), is_number=False),
                Cell(words.number(1200 * day.day), is_number=True),
            )
            for day in days
        ),
    )
    yield Gallery(words.plural(words.gallery, 3), (_figure(site, picture),) * 3)
    yield VideoPart(
        title=words.video,
        url="#",
        player_url="",
        watch=words.watch_video.format(provider="example.org"),
        notice=words.video_notice.format(provider="example.org"),
        poster=None,
    )


def _figure(site: Site, picture: Picture) -> Figure:
    words = site.words
    return Figure(
        picture=replace(picture, alt=words.photo),
        caption=words.corrections_intro,
        credit=words.credit.format(credit="Broadsheet"),
        licence=words.licence.format(licence="CC BY 4.0"),
    )


def _sample_picture() -> Picture:
    src = static(_SAMPLE)
    return Picture(src=src, width=1200, height=800, webp=src, jpeg=src, largest=src)


@cache
def _style_sheet() -> str:
    """The site's own sheet, or that of a look which stands before it."""
    found = finders.find("css/site.css")
    return Path(str(found)).read_text("utf-8") if found else ""
