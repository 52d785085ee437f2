"""What a text announces: sentences that say what is to happen, and when.

A small grammar for each language (`Language.dates`); general date libraries read a day into
«у березні 2026 року» and two dates into "and 12 people sat in May". Precision comes before
recall: a sentence counts only where its date lies ahead of the day of publishing and its words
announce something.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from .languages.base import DateWords, Language

Precision = Literal["day", "month", "year"]

#: A date without a year is the next such date, but none so far ahead that the last one may be
#: meant.
FARTHEST_WITHOUT_YEAR = timedelta(days=270)
FARTHEST_YEARS = 15
LONGEST_SENTENCE = 400
SENTENCES_KEPT = 5

_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”»’)]*\s+(?=[\"“«„‘(—–-]*\s*[^\W_a-zа-яіїєґ])|\n+")
_ABBREVIATION = re.compile(
    r"\b(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|Mr|Mrs|Ms|Dr|St|Gen|Sen|Gov|Rep|Lt|Col|No|U\.S|U\.K"
    r"|[A-ZА-ЯІЇЄҐ]|ім|вул|м|с|р|ст|грн|тис|млн|млрд|см|напр)\.$"
)


@dataclass(frozen=True, slots=True)
class Announced:
    """A date ahead, the first day of what `precision` leaves open, and its sentence."""

    date: date
    precision: Precision
    text: str


def find_announced(text: str, *, day: date, language: Language) -> list[Announced]:
    """Return what `text`, published on `day`, announces, in the order of the text."""
    words = language.dates
    if words is None:
        return []
    found: list[Announced] = []
    for sentence in sentences_in(text):
        if len(sentence) > LONGEST_SENTENCE or not _announces(sentence, words):
            continue
        for when, precision in _dates_in(sentence, day, words):
            if not any((when, precision) == (a.date, a.precision) for a in found):
                found.append(Announced(when, precision, sentence))
        if len(found) >= SENTENCES_KEPT:
            break
    return found[:SENTENCES_KEPT]


def sentences_in(text: str) -> Iterator[str]:
    """Yield the sentences of `text`; a line break ends one, an abbreviation does not."""
    kept = ""
    start = 0
    for end in _SENTENCE_END.finditer(text):
        piece = text[start : end.end()]
        start = end.end()
        kept += piece
        if "\n" not in end.group() and _ABBREVIATION.search(kept.rstrip()):
            continue
        if kept.strip():
            yield kept.strip()
        kept = ""
    if (kept + text[start:]).strip():
        yield (kept + text[start:]).strip()


def _announces(sentence: str, words: DateWords) -> bool:
    return bool(words.announcing.search(sentence)) and not words.not_announcing.search(sentence)


def _dates_in(sentence: str, day: date, words: DateWords) -> Iterator[tuple[date, Precision]]:
    """Yield the dates ahead of `day`; what a finer pattern has read, no coarser one reads again."""
    read: list[tuple[int, int]] = []
    levels: tuple[tuple[Precision, tuple[re.Pattern[str], ...]], ...] = (
        ("day", words.day_patterns),
        ("month", words.month_patterns),
        ("year", words.year_patterns),
    )
    for precision, patterns in levels:
        for pattern in patterns:
            for match in pattern.finditer(sentence):
                if any(start < match.end() and match.start() < end for start, end in read):
                    continue
                read.append(match.span())
                when = _resolve(match, precision, day, words)
                if when is not None:
                    yield when, precision
    yield from _relative_dates(sentence, day, words)


def _resolve(
    match: re.Match[str], precision: Precision, day: date, words: DateWords
) -> date | None:
    """Return the first day meant, if it lies ahead; None for what is past, far or no date."""
    groups = match.groupdict()
    number = int(groups.get("day") or 1)
    month = words.months[groups["month"].casefold().rstrip(".")] if groups.get("month") else 1
    if groups.get("year"):
        when = _date(int(groups["year"]), month, number)
        near = when is not None and when.year - day.year <= FARTHEST_YEARS
        return when if when is not None and near and _is_ahead(when, precision, day) else None
    for year in (day.year, day.year + 1):
        when = _date(year, month, number)
        if when is not None and _is_ahead(when, precision, day):
            return when if when - day <= FARTHEST_WITHOUT_YEAR else None
    return None


def _is_ahead(when: date, precision: Precision, day: date) -> bool:
    if precision == "day":
        return when > day
    if precision == "month":
        return (when.year, when.month) > (day.year, day.month)
    return when.year > day.year


def _relative_dates(sentence: str, day: date, words: DateWords) -> Iterator[tuple[date, Precision]]:
    if words.tomorrow.search(sentence):
        yield day + timedelta(days=1), "day"
    if words.next_month.search(sentence):
        yield (day.replace(day=1) + timedelta(days=32)).replace(day=1), "month"
    if words.next_year.search(sentence):
        yield date(day.year + 1, 1, 1), "year"


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
