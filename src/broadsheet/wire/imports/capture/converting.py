"""What a capture says → what becomes of it. Decisions only: nothing is read or written here."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from broadsheet.articles.slugging import slug_from

from .attributing import Attribution, take_attribution
from .reading import BodyPart, Capture, Card, Count, Heading, Paragraph, Points, Saying
from .speaking import Speaker, find_speaker

UTC = ZoneInfo("UTC")
_QUOTED = re.compile(r"^[«“\"]([^«»“”\"]*)[»”\"]$")  # the block itself says that it is a quote
#: A capture is taken to be that much younger than the newest moment that it states.
CAPTURED_AFTER_NEWEST = timedelta(hours=1)


class MomentMissingError(ValueError):
    """Neither the page nor the caller says when the page was saved."""


@dataclass(frozen=True, slots=True)
class PlannedFlash:
    slug: str
    headline: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class PlannedBlock:
    """A block of the body. Of `value`: text; of a quote its words; of a list its points; of a
    related card the slug of its flash.
    """

    kind: Literal["heading", "paragraph", "list", "quote", "related"]
    value: str | tuple[str, ...]
    speaker: Speaker | None = None


@dataclass(frozen=True, slots=True)
class PlannedArticle:
    slug: str
    headline: str
    lead: str
    published_at: datetime
    body: tuple[PlannedBlock, ...]
    sources: tuple[Attribution, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """`flashes` in the page's order, without the article itself; `counts` by slug."""

    article: PlannedArticle
    flashes: tuple[PlannedFlash, ...]
    counts: dict[str, int]
    captured_at: datetime
    notices: tuple[str, ...]


def plan_import(
    capture: Capture,
    *,
    language: str,
    zone: ZoneInfo,
    captured_at: datetime | None,
    now: datetime,
) -> Plan:
    """Return what an edition in `language` and `zone` makes of a capture.

    Raises `MomentMissingError` where neither the page states a moment nor `captured_at` is given.
    """
    notices: list[str] = []
    captured_at = _settle_captured_at(capture, zone, captured_at, now, notices.append)
    slug_of = _slugs_of(capture, language, notices.append)
    flashes = _plan_flashes(capture, slug_of, zone, captured_at)
    return Plan(
        article=_plan_article(capture, slug_of, zone, captured_at, notices.append),
        flashes=flashes,
        counts=_settle_counts(capture, slug_of, notices.append),
        captured_at=captured_at,
        notices=tuple(notices),
    )


def _settle_captured_at(
    capture: Capture,
    zone: ZoneInfo,
    given: datetime | None,
    now: datetime,
    notice: Callable[[str], None],
) -> datetime:
    stated = [card.moment for card in capture.cards if card.moment]
    stated += [capture.moment] if capture.moment else []
    newest = max((_in_utc(moment, zone) for moment in stated), default=None)
    if given is None:
        if newest is None:
            raise MomentMissingError("the page states no moment: say when it was saved")
        given = newest + CAPTURED_AFTER_NEWEST
        shown = given.astimezone(zone).isoformat(timespec="minutes")
        notice(f"taken as saved at {shown}, one hour after the newest moment on the page")
    elif newest is not None and given < newest:
        notice("the page states moments later than the one at which it is said to be saved")
    if given > now:
        notice("the page is taken as saved in the future")
    return given


def _slugs_of(capture: Capture, language: str, notice: Callable[[str], None]) -> dict[Card, str]:
    """Card → slug; the page's own headline is the page's own article."""
    slugs = {}
    for card in capture.cards:
        if _folded(card.headline) == _folded(capture.headline):
            slugs[card] = capture.slug
        elif slug := slug_from(card.headline, language=language):
            slugs[card] = slug
        else:
            notice(f"line {card.line}: no address can be made from this headline; left out")
    return slugs


def _plan_flashes(
    capture: Capture, slug_of: dict[Card, str], zone: ZoneInfo, captured_at: datetime
) -> tuple[PlannedFlash, ...]:
    flashes: dict[str, PlannedFlash] = {}
    stated: set[str] = set()
    for card, slug in slug_of.items():
        if slug == capture.slug:
            continue
        at = _in_utc(card.moment, zone) if card.moment else captured_at
        if slug not in flashes:
            flashes[slug] = PlannedFlash(slug, card.headline, at)
        elif card.moment and slug not in stated:
            flashes[slug] = replace(flashes[slug], published_at=at)
        if card.moment:
            stated.add(slug)
    return tuple(flashes.values())


def _plan_article(
    capture: Capture,
    slug_of: dict[Card, str],
    zone: ZoneInfo,
    captured_at: datetime,
    notice: Callable[[str], None],
) -> PlannedArticle:
    lead = take_attribution(capture.lead.text)
    sources = list(lead.sources)
    blocks: list[PlannedBlock] = []
    for place, part in enumerate(capture.body):
        if isinstance(part, Paragraph):
            attributed = take_attribution(part.text)
            # Only a paragraph that does nothing else: a sentence inside one attributes its part.
            if not attributed.text:
                sources += [one for one in attributed.sources if one not in sources]
                continue
        block = _plan_block(part, place, capture, slug_of, notice)
        if block is not None:
            blocks.append(block)
    text = lead.text
    if not text and blocks and blocks[0].kind == "paragraph":
        text = str(blocks.pop(0).value)
    return PlannedArticle(
        slug=capture.slug,
        headline=capture.headline,
        lead=text,
        published_at=_in_utc(capture.moment, zone) if capture.moment else captured_at,
        body=tuple(blocks),
        sources=tuple(sources),
    )


def _plan_block(
    part: BodyPart,
    place: int,
    capture: Capture,
    slug_of: dict[Card, str],
    notice: Callable[[str], None],
) -> PlannedBlock | None:
    match part:
        case Heading(text=text):
            return PlannedBlock("heading", text)
        case Paragraph(text=text):
            return PlannedBlock("paragraph", text)
        case Points(texts=texts):
            return PlannedBlock("list", texts)
        case Saying():
            return _plan_quote(part, place, capture, notice)
        case Card():
            slug = slug_of.get(part, capture.slug)
            return PlannedBlock("related", slug) if slug != capture.slug else None


def _plan_quote(
    saying: Saying, place: int, capture: Capture, notice: Callable[[str], None]
) -> PlannedBlock:
    speaker = find_speaker(
        saying.attribution,
        before=[capture.lead.text, *_texts(capture.body[:place])],
        after=_texts(capture.body[place + 1 :]),
    )
    if speaker is None:
        notice(f"line {saying.line}: nobody is named as the speaker; kept as a paragraph")
        return PlannedBlock("paragraph", f"{saying.text} – {saying.attribution}")
    if not speaker.is_full:
        notice(f"line {saying.line}: the text gives no full name for {speaker.name}")
    return PlannedBlock("quote", _QUOTED.sub(r"\1", saying.text), speaker)


def _texts(parts: tuple[BodyPart, ...]) -> list[str]:
    return [part.text for part in parts if isinstance(part, Paragraph | Saying)]


def _settle_counts(
    capture: Capture, slug_of: dict[Card, str], notice: Callable[[str], None]
) -> dict[str, int]:
    """The larger number where several disagree, and zero for what is no number."""
    counted: dict[str, list[Count]] = {capture.slug: [capture.count]}
    for card, slug in slug_of.items():
        counted.setdefault(slug, []).append(card.count)
    counts = {}
    for slug, found in counted.items():
        numbers = [one.number for one in found if one.number is not None]
        counts[slug] = max(numbers, default=0)
        for one in found:
            if one.number is None:
                notice(f"line {one.line}: “{one.written}” is no count, taken as {counts[slug]}")
        if len(set(numbers)) > 1:
            lines = " and ".join(str(one.line) for one in found if one.number is not None)
            shown = " and ".join(str(number) for number in numbers)
            notice(f"lines {lines}: {shown} for one article; the larger number is taken")
    return counts


def _in_utc(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.replace(tzinfo=zone).astimezone(UTC)


def _folded(headline: str) -> str:
    return "".join(letter for letter in headline.casefold() if letter.isalnum())
