import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from re import Pattern
from typing import Literal, TypeVar, cast

STEM_LETTERS = 5
#: An office shorter than this is known in the listed forms only: «рада» must not hide «Радов».
OFFICE_KEY_LETTERS = 5

T = TypeVar("T")

_WORD = re.compile(r"\d+|[^\W\d]+")
_YEAR_DIGITS = 4
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


#: What a verb, or what stands for one, says of the dates that it governs.
CueKind = Literal[
    "ahead",  # it is to happen
    "planned",  # as ahead; of a date "for May" too, of which else nothing is said
    "decided",  # past, but ahead for what stands after it: "agreed to"
    "moved",  # as planned, and dates before it in the sentence no longer hold
    "weak",  # ahead, unless what stands before it in the clause is not
    "reported",  # ahead where somebody said so, else only possible: "would"
    "told",  # past: somebody said something then
    "called",  # past, but planned of a date "for May"
    "past",
    "unsure",  # only possible
    "denied",
    "doubt",  # neither it nor anything after it in the sentence is announced
]


@dataclass(frozen=True, slots=True)
class Cues:
    """The cues of a language; the number of the group that matched says of which kind one is."""

    pattern: Pattern[str]
    kinds: tuple[CueKind, ...]


def cues_of(*cues: tuple[CueKind | str, ...]) -> Cues:
    """Return the cues of a language: each a kind and its patterns, the first that matches counts.

    A pattern stands for whole words, and has no groups that capture.
    """
    groups = (f"({'|'.join(patterns)})" for _, *patterns in cues)
    return Cues(
        re.compile(rf"\b(?:{'|'.join(groups)})\b", re.IGNORECASE),
        tuple(cast("CueKind", kind) for kind, *_ in cues),
    )


@dataclass(frozen=True, slots=True)
class DateWords:
    """How a language writes dates, and what says of a date that something is to happen on it.

    The keys of all mappings are as `plain_word` makes them. The groups of a pattern say what it has
    read: `day`, `month`, `year`, `weekday`, `season`, `quarter`, `nth` (weekday of a month);
    `other_day`, `last_day` and `other_month` of a second date in the same month or year; `offset`,
    and `which` or `count` or `is_one` with `unit` and `ago`, for what is told from today; `past`
    for what is over, whenever it was; `is_for` for the preposition of a plan.
    """

    months: Mapping[str, int]
    weekdays: Mapping[str, int]  # Monday is 0
    seasons: Mapping[str, tuple[int, int]]  # first and last month
    numbers: Mapping[str, int]
    #: this, next and last: 0, 1 and -1; `years` with their noun, "next year".
    which: Mapping[str, int]
    years: Mapping[str, int]
    days: Mapping[str, int]  # tomorrow: 1
    units: Mapping[str, str]  # "day", "week", "weekend", "month" or "year"
    patterns: tuple[Pattern[str], ...]
    #: Verbs and their like.
    cues: Cues
    #: Where one clause ends and the next begins.
    clause_end: Pattern[str]
    #: What takes back all that its sentence announces: conditions, cancellations.
    vetoing: Pattern[str]
    #: Every pattern asks for the last word of a key, but for those of `numbers` and `which`, or for
    #: one of these, or for a year in digits.
    other_words: frozenset[str] = frozenset()
    _date_words: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        keys = (self.months, self.weekdays, self.seasons, self.years, self.days, self.units)
        found = {key.split()[-1] for mapping in keys for key in mapping}
        object.__setattr__(self, "_date_words", self.other_words | found)

    def may_name_a_date(self, sentence: str) -> bool:
        """Whether the patterns need to be tried, which takes far longer than this does."""
        return any(
            word in self._date_words or (word.isdecimal() and len(word) == _YEAR_DIGITS)
            for word in _WORD.findall(plain_word(sentence))
        )


def forms_of(meanings: Mapping[str, T]) -> dict[str, T]:
    """Return a meaning for each word, from one for words parted by spaces."""
    return {form: meaning for forms, meaning in meanings.items() for form in forms.split()}


def any_of(words: Iterable[str]) -> str:
    """Return the alternatives of a pattern, the longest first."""
    return "|".join(sorted(map(re.escape, words), key=lambda word: (-len(word), word)))


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
