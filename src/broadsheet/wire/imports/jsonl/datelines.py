"""A line that is only a date, as news sites print it above a text, in English or Ukrainian."""

import re
from datetime import date

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan січня", "february feb лютого", "march mar березня", "april apr квітня",
            "may травня", "june jun червня", "july jul липня", "august aug серпня",
            "september sep вересня", "october oct жовтня", "november nov листопада",
            "december dec грудня",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_WEEKDAY = (
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|понеділок|вівторок|середа|четвер|"
    r"п['’ʼ]ятниця|субота|неділя)"
)
_MONTH = "|".join(_MONTHS)
_DATE = re.compile(
    rf"(?:{_WEEKDAY},? )?(?:"
    rf"(?P<month>{_MONTH})\.? (?P<day>\d{{1,2}}),? (?P<year>\d{{4}})|"
    rf"(?P<day2>\d{{1,2}}) (?P<month2>{_MONTH})\.?,? (?P<year2>\d{{4}})(?: року| р\.)?|"
    r"(?P<iso>\d{4}-\d{2}-\d{2})|"
    r"(?P<day3>\d{1,2})\.(?P<month3>\d{1,2})\.(?P<year3>\d{4})"
    r")\.?"
)
_LONGEST = 60  # characters: a longer line says something else


def date_of(line: str) -> date | None:
    """Return the date that `line` is, or None where it is anything else or anything more."""
    if len(line) > _LONGEST:
        return None
    match = _DATE.fullmatch(" ".join(line.casefold().split()))
    if match is None:
        return None
    try:
        if match["iso"]:
            return date.fromisoformat(match["iso"])
        year = match["year"] or match["year2"] or match["year3"]
        month = match["month"] or match["month2"] or match["month3"]
        day = match["day"] or match["day2"] or match["day3"]
        return date(int(year), _MONTHS.get(month) or int(month), int(day))
    except ValueError:
        return None
