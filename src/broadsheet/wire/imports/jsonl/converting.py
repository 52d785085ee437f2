"""An article as its line gives it → what becomes of it. Nothing is read or written here."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from broadsheet.wire.imports.blocks import make_block, make_list, make_paragraph
from broadsheet.wire.imports.targets import in_utc

from .bodies import BodyTooLongError, Part, SplitBody, split_body
from .reading import BadLineError, GivenArticle

#: Older than the first newspaper, so a mistake; and some zones could not show the year 1.
EARLIEST_YEAR = 1600


@dataclass(frozen=True, slots=True)
class PlannedArticle:
    """`given` with what had to be decided: `published_at` is UTC, `body` the blocks as stored."""

    given: GivenArticle
    lead: str
    published_at: datetime
    body: tuple[dict[str, Any], ...]
    pictures_left_out: int


def plan_article(given: GivenArticle, *, zone: ZoneInfo, now: datetime) -> PlannedArticle:
    """Return what an edition in `zone` makes of `given`.

    Raises `BadLineError` for a moment still to come, for an import is not a schedule; for one
    before `EARLIEST_YEAR`; and for a body with too many parts.
    """
    published_at = _moment(given.published_at, zone)
    if published_at > now:
        raise BadLineError(
            f"published_at is still to come ({given.published_at.isoformat()}): "
            "an import is not a schedule"
        )
    split = _split(given, published_at.astimezone(zone).date())
    return PlannedArticle(
        given=given,
        lead=split.lead,
        published_at=published_at,
        body=tuple(_block(part) for part in split.parts),
        pictures_left_out=split.pictures_left_out,
    )


def _moment(given: datetime | date, zone: ZoneInfo) -> datetime:
    if given.year < EARLIEST_YEAR:
        raise BadLineError(f"published_at is before {EARLIEST_YEAR}: {given.isoformat()}")
    moment = given if isinstance(given, datetime) else datetime.combine(given, time())
    try:
        return in_utc(moment, zone)
    except ValueError as error:
        raise BadLineError(f"published_at: {error}") from None


def _split(given: GivenArticle, published_on: date) -> SplitBody:
    try:
        return split_body(
            given.body, headline=given.headline, lead=given.lead, published_on=published_on
        )
    except BodyTooLongError as error:
        raise BadLineError(str(error)) from None


def _block(part: Part) -> dict[str, Any]:
    if part.kind == "heading":
        return make_block("heading", part.html[0])
    if part.kind == "list":
        return make_list(part.html)
    return make_paragraph(part.html[0])
