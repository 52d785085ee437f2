import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from re import Pattern

STEM_LETTERS = 5
#: An office shorter than this is known in the listed forms only: «рада» must not hide «Радов».
OFFICE_KEY_LETTERS = 5

_APOSTROPHES = str.maketrans("", "", "'’ʼ")


def plain_word(word: str) -> str:
    """Return `word` as all lists of words hold it: in lower case and without apostrophes."""
    return word.casefold().translate(_APOSTROPHES)


def word_list(text: str) -> frozenset[str]:
    """Return the words of `text`, which parts them by spaces, as `plain_word` makes them."""
    return frozenset(map(plain_word, text.split()))


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
    """Words of a language; all as `plain_word` makes them.

    `shares` maps the stem of a common word of the news to the share of articles that hold it,
    by rough estimate: what is known of frequencies before an edition has its own. `offices` are
    words written with a capital that name no one: they part the name from the office before it.
    """

    code: str
    stop_words: frozenset[str] = frozenset()
    shares: Mapping[str, float] = field(default_factory=dict)
    offices: frozenset[str] = frozenset()
    #: A word of a name, as `plain_word` makes it → what all its forms share.
    name_key: Callable[[str], str] = stem5
    #: The keys of two words, the first of which is none of a name elsewhere («New», «United») →
    #: the key of the place or body that they name together.
    compounds: Mapping[tuple[str, str], str] = field(default_factory=dict)
    dates: DateWords | None = None
    _office_keys: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        keys = frozenset(
            key for o in self.offices if len(key := self.name_key(o)) >= OFFICE_KEY_LETTERS
        )
        object.__setattr__(self, "_office_keys", keys)

    def is_office(self, plain: str) -> bool:
        """Whether a plain word, in any of its cases, is an office or says as little."""
        return plain in self.offices or self.name_key(plain) in self._office_keys

    def compound_of(self, first: str, second: str) -> str | None:
        """Return the key of what two words as written name together, None for most."""
        keys = self.name_key(plain_word(first)), self.name_key(plain_word(second))
        return self.compounds.get(keys) if second else None

    def key_of(self, word: str) -> str:
        """Return the key of a word, or of a compound, as written.

        An abbreviation is its own key, it has no forms.
        """
        first, _, second = word.partition(" ")
        if compound := self.compound_of(first, second):
            return compound
        if word.isupper() or any(character.isdigit() for character in word):
            return sys.intern(word)
        return self.name_key(plain_word(word))


def shares_of(*, often: str, sometimes: str) -> dict[str, float]:
    """Return a table of shares from two lists of words: in about 25 and 8 articles of 100."""
    return {
        **{stem5(word): 0.08 for word in word_list(sometimes)},
        **{stem5(word): 0.25 for word in word_list(often)},
    }


def compounds_of(text: str, name_key: Callable[[str], str]) -> dict[tuple[str, str], str]:
    """Read the compounds of a language, parted by commas: `United States = US` or `New Zealand`."""
    compounds = {}
    for one in filter(None, map(str.strip, text.split(","))):
        name, _, short = (part.strip() for part in one.partition("="))
        first, second = (name_key(plain_word(word)) for word in name.split())
        compounds[first, second] = short or f"{first} {second}"
    return compounds
