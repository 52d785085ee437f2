"""The parts of an article's body, from the desk's blocks to what a template prints."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.safestring import SafeString
from wagtail.blocks.stream_block import StreamValue

from broadsheet.articles.models import Person
from broadsheet.articles.models.names import PersonName
from broadsheet.articles.quoting import quote_anchor
from broadsheet.articles.slugging import free_slug, slug_from
from broadsheet.articles.videos import find_video

from .cards import Card
from .moments import When, show_date
from .navigation import Link, Site
from .picturing import Picture
from .rich_text import clean_html

#: Ids that the page itself uses; a heading's anchor takes none of them.
RESERVED_ANCHORS = frozenset({"main", "contents", "sections"})


@dataclass(frozen=True, slots=True)
class Paragraph:
    html: SafeString
    kind: str = "paragraph"


@dataclass(frozen=True, slots=True)
class Heading:
    text: str
    anchor: str
    kind: str = "heading"


@dataclass(frozen=True, slots=True)
class QuotePart:
    """What somebody said. `speaker` has no address where the person is not public here;
    `translation` says from which language it was translated, if it was.
    """

    text: str
    anchor: str
    speaker: Link
    role: str
    where: str
    said_on: When | None
    translation: str = ""
    kind: str = "quote"


@dataclass(frozen=True, slots=True)
class Figure:
    picture: Picture
    caption: str
    credit: str
    licence: str
    kind: str = "picture"


@dataclass(frozen=True, slots=True)
class RelatedPart:
    card: Card
    kind: str = "related"


@dataclass(frozen=True, slots=True)
class ListPart:
    entries: tuple[SafeString, ...]
    kind: str = "list"


@dataclass(frozen=True, slots=True)
class Gallery:
    label: str
    figures: tuple[Figure, ...]
    kind: str = "gallery"


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    is_number: bool


@dataclass(frozen=True, slots=True)
class TablePart:
    caption: str
    label: str
    head: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    kind: str = "table"


@dataclass(frozen=True, slots=True)
class VideoPart:
    """A video elsewhere: nothing of it is loaded before the reader asks."""

    title: str
    url: str
    player_url: str
    watch: str
    notice: str
    poster: Picture | None
    kind: str = "video"


Part = (
    Paragraph
    | Heading
    | QuotePart
    | Figure
    | RelatedPart
    | ListPart
    | Gallery
    | TablePart
    | VideoPart
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Materials:
    """What the body refers to, gathered for the whole page at once."""

    site: Site
    cards: Mapping[int, Card]
    pictures: Mapping[int, Picture]
    #: The ids of all images that were looked for, also of those that cannot be shown.
    images: frozenset[int]
    people: Mapping[int, Person]


def related_in(body: StreamValue) -> list[int]:
    """Return the ids of the articles that the body has cards of."""
    return [b.value.pk for b in body if b.block_type == "related" and b.value is not None]


def speakers_in(body: StreamValue) -> set[int]:
    """Return the ids of the people whom the body quotes."""
    quotes = [block.value["speaker"] for block in body if block.block_type == "quote"]
    return {speaker.pk for speaker in quotes if speaker is not None}


def make_parts(body: StreamValue, materials: Materials) -> tuple[Part, ...]:
    """Return the body's parts in order. What cannot be shown to readers is left out."""
    taken = set(RESERVED_ANCHORS)
    parts: list[Part] = []
    for block in body:
        if block.block_type == "heading":
            part: Part | None = _heading(block.value, materials, taken)
        else:
            part = _MAKERS[block.block_type](block, materials)
        if part is not None:
            parts.append(part)
    return tuple(parts)


def make_quote(
    *,
    text: str,
    anchor: str,
    name: PersonName | None,
    fallback: str,
    role: str,
    where: str,
    said_on: Any,
    translated_from: str,
    site: Site,
) -> QuotePart:
    """Return a quote; the speaker's own role stands in where the quote gives none."""
    speaker = Link(name.name, site.path("person", name.slug)) if name else Link(fallback, "")
    return QuotePart(
        text=text,
        anchor=anchor,
        speaker=speaker,
        role=role or (name.role if name else ""),
        where=where,
        said_on=show_date(said_on, "day", words=site.words) if said_on else None,
        translation=site.words.say_translated_from(translated_from) if translated_from else "",
    )


def make_figure(
    picture: Picture, *, alt: str, caption: str, credit: str, licence: str, site: Site
) -> Figure:
    words = site.words
    return Figure(
        picture=replace(picture, alt=alt),
        caption=caption,
        credit=words.credit.format(credit=credit) if credit else "",
        licence=words.licence.format(licence=licence) if licence else "",
    )


def _paragraph(block: Any, _materials: Materials) -> Paragraph | None:
    html = clean_html(block.value.source)
    return Paragraph(html) if html else None


def _heading(text: str, materials: Materials, taken: set[str]) -> Heading | None:
    if not text.strip():
        return None
    wanted = slug_from(text, language=materials.site.code) or "part"
    anchor = free_slug(wanted, taken.__contains__)
    taken.add(anchor)
    return Heading(text=text, anchor=anchor)


def _quote(block: Any, materials: Materials) -> QuotePart | None:
    value = block.value
    speaker = value["speaker"]
    if speaker is None:
        return None
    person = materials.people.get(speaker.pk)
    return make_quote(
        text=value["text"],
        anchor=quote_anchor(block.id),
        name=_name_of(person, materials.site),
        fallback=str(speaker),
        role=value.get("role") or "",
        where=value.get("where") or "",
        said_on=value.get("said_on"),
        translated_from=value.get("translated_from") or "",
        site=materials.site,
    )


def _name_of(person: Person | None, site: Site) -> PersonName | None:
    name = person.name_in(site.id) if person else None
    return name if isinstance(name, PersonName) else None


def _figure(value: Any, materials: Materials) -> Figure | None:
    image = value["image"]
    picture = materials.pictures.get(image.pk) if image is not None else None
    if picture is None:
        return None
    return make_figure(
        picture,
        alt=value["alt"],
        caption=value.get("caption") or "",
        credit=value.get("credit") or image.credit,
        licence=value.get("licence") or image.licence,
        site=materials.site,
    )


def _picture(block: Any, materials: Materials) -> Figure | None:
    return _figure(block.value, materials)


def _related(block: Any, materials: Materials) -> RelatedPart | None:
    card = materials.cards.get(block.value.pk) if block.value is not None else None
    return RelatedPart(card) if card else None


def _list(block: Any, _materials: Materials) -> ListPart | None:
    entries = tuple(html for entry in block.value if (html := clean_html(entry.source)))
    return ListPart(entries) if entries else None


def _gallery(block: Any, materials: Materials) -> Gallery | None:
    figures = tuple(made for entry in block.value if (made := _figure(entry, materials)))
    if not figures:
        return None
    words = materials.site.words
    return Gallery(label=words.plural(words.gallery, len(figures)), figures=figures)


def _table(block: Any, materials: Materials) -> TablePart | None:
    table = block.value["table"]
    if not table or not table.columns:
        return None
    kinds = [column["block"].name == "number" for column in table.columns]
    head = tuple(
        Cell(column["heading"] or "", is_number)
        for column, is_number in zip(table.columns, kinds, strict=True)
    )
    rows = tuple(
        tuple(
            Cell(str(cell.value or ""), is_number)
            for cell, is_number in zip(row, kinds, strict=True)
        )
        for row in table.rows
    )
    caption = block.value.get("caption") or ""
    return TablePart(caption, caption or materials.site.words.table, head, rows)


def _video(block: Any, materials: Materials) -> VideoPart | None:
    value = block.value
    video = find_video(value["url"] or "")
    if video is None:
        return None
    words = materials.site.words
    poster = value["poster"]
    return VideoPart(
        title=value["title"],
        url=value["url"],
        player_url=video.player_url,
        watch=words.watch_video.format(provider=video.provider),
        notice=words.video_notice.format(provider=video.provider),
        poster=materials.pictures.get(poster.pk) if poster is not None else None,
    )


_MAKERS: Mapping[str, Callable[[Any, Materials], Part | None]] = {
    "paragraph": _paragraph,
    "quote": _quote,
    "picture": _picture,
    "related": _related,
    "list": _list,
    "gallery": _gallery,
    "table": _table,
    "video": _video,
}
