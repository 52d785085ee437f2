from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from re import Pattern

STEM_LETTERS = 5


def stem5(word: str) -> str:
    """Return the first five letters in lower case.

    For finding stories it is as good as a lemmatiser in ten languages, at no cost: collisions
    are rare among the articles of two weeks.
    """
    return word[:STEM_LETTERS]


@dataclass(frozen=True, slots=True)
class DateWords:
    """The patterns of a language's dates; each names its groups day, month and year.

    `months` maps a lower-case month word in any case to 1–12. `next_month`, `next_year` and
    `tomorrow` are the words resolved against the day of publishing.
    """

    months: Mapping[str, int]
    day_patterns: tuple[Pattern[str], ...]
    month_patterns: tuple[Pattern[str], ...]
    year_patterns: tuple[Pattern[str], ...]
    next_month: Pattern[str]
    next_year: Pattern[str]
    tomorrow: Pattern[str]
    #: What says that something is to happen, and what says that it is not, or not yet agreed.
    announcing: Pattern[str]
    not_announcing: Pattern[str]


@dataclass(frozen=True, slots=True)
class Language:
    """Words of a language; all in lower case.

    `shares` maps the stem of a common word of the news to the share of articles that hold it,
    by rough estimate: what is known of frequencies before an edition has its own. `offices` are
    words written with a capital that name no one: they part the name from the office before it.
    """

    code: str
    stop_words: frozenset[str] = frozenset()
    shares: Mapping[str, float] = field(default_factory=dict)
    offices: frozenset[str] = frozenset()
    #: A word of a name, in lower case and without apostrophes → what all its forms share.
    name_key: Callable[[str], str] = stem5
    dates: DateWords | None = None


def shares_of(*, often: str, sometimes: str) -> dict[str, float]:
    """Return a table of shares from two lists of words: in about 25 and 8 articles of 100."""
    return {
        **{stem5(word): 0.08 for word in sometimes.split()},
        **{stem5(word): 0.25 for word in often.split()},
    }
