"""Where an import goes: the edition and section that it names, and moments as people write them."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db import DatabaseError

from broadsheet.articles.models import Edition, Section, SectionName
from broadsheet.articles.queries import all_editions, find_section

#: Captures are archives of that name, with the edition's code after it; no other may be so called.
CAPTURE_SOURCES = "capture:"


class ImportRefusedError(ValueError):
    """The import cannot begin; nothing was written. The message says what to do."""


def find_target_edition(code: str) -> Edition:
    """Return the edition `code`. Raises `ImportRefusedError`, also before there is a newsroom."""
    editions = {edition.code: edition for edition in existing_editions()}
    if code not in editions:
        known = ", ".join(editions)
        raise ImportRefusedError(f"there is no edition {code!r}; there are: {known}")
    return editions[code]


def existing_editions() -> list[Edition]:
    """Return all editions. Raises `ImportRefusedError` where there is none."""
    try:
        editions = all_editions()
    except DatabaseError:
        editions = []
    if not editions:
        raise ImportRefusedError("this installation is not set up: run `broadsheet init` first")
    return editions


def find_target_section(edition: Edition, wanted: str) -> Section:
    """Return the section with that slug or name in `edition`. Raises `ImportRefusedError`."""
    found = find_section(edition.pk, wanted)
    if found is None:
        names = SectionName.objects.filter(edition=edition, name=wanted).select_related("owner")
        found = names.first()
    if found is None:
        raise ImportRefusedError(f"the edition {edition.code!r} has no section {wanted!r}")
    section: Section = found.owner
    return section


def parse_moment(written: str, zone: ZoneInfo) -> datetime:
    """Return an ISO 8601 moment in UTC; without an offset it is `zone`'s.

    A date alone is the start of that day in `zone`. Raises `ValueError`.
    """
    try:
        moment = datetime.combine(date.fromisoformat(written), time())
    except ValueError:
        moment = datetime.fromisoformat(written)
    return in_utc(moment, zone)


def in_utc(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return `moment` in UTC; without an offset it is `zone`'s. Raises `ValueError`."""
    utc = ZoneInfo("UTC")
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(utc)
    except OverflowError:
        raise ValueError(f"no calendar reaches {moment.isoformat()}") from None
