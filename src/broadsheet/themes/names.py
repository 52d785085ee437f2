"""People, places and other names in a text, found by their capitals.

No list of names is needed, and none is kept. A capitalised word inside a sentence is a name;
at the beginning of a sentence, or in a headline or heading Written Like This, it is one only if
the same word is a name for sure elsewhere: in the article, or in the article it is compared with.
Offices (`Prime Minister`, «голова») part a name from what stands before it, and are none
themselves. Forms of one name meet in its key (`Language.name_key`); a surname meets the full name
that it follows, as the custom of the news is.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from .languages import Language, language_of
from .languages.base import plain_word, stem5
from .texts import CHARACTERS_READ, OPENING_CHARACTERS

#: How much a name says about an article, by where it stands.
IN_HEADLINE = 1.5
IN_OPENING = 1.0
IN_TEXT = 0.6
REPEATED = 0.2  # more for a name that the text comes back to
TIMES_REPEATED = 3

NAMES_KEPT = 40
FORMS_KEPT = 4
_LONGEST_NAME = 4  # words; more is a headline in capitals
_FEWEST_LETTERS = 2

#: How alike two names are. A first name and surname in common leave little doubt who is meant;
#: much of it stays where one text has the surname only, and the other never calls anybody by it:
#: Washington need not be George Washington, nor Japan Netflix Japan.
FULL_NAME = 1.25
SURNAME = 1.0
LAST_WORD = 0.5

#: A line is written in capitals if so many of its words are, and these are no fewer than that.
_CAPITAL_SHARE = 0.75
_FEWEST_IN_HEADLINE = 4
_FEWEST_IN_HEADING = 2
_LONGEST_HEADING = 120

_CAPITALS = "".join(
    character
    for character in map(chr, range(0x41, 0x1F00))
    if unicodedata.category(character) == "Lu"
)
_PARTICLES = "von|van|der|den|de|da|di|del|la|le|bin|al|el|фон|ван|де|да|ді|дер|аль|ібн"
_PARTICLE_WORDS = frozenset(_PARTICLES.split("|"))
_ONE = rf"[{_CAPITALS}][^\W_]*(?:['’ʼ][^\W\d_]+)*"
_SPAN = re.compile(rf"(?<![\w'’ʼ]){_ONE}(?:(?:-|[ \u00a0](?:(?:{_PARTICLES})[ \u00a0])*){_ONE})*")
_PART = re.compile(r"[ \u00a0-]+")
_WORD = re.compile(r"[^\W\d_]+")
_LOWER_WORD = re.compile(r"(?<![\w'’ʼ])[^\W\d_A-ZА-ЯІЇЄҐ][^\W\d_]{2,}")
#: What ends a sentence, or opens one: after it a capital says nothing.
_OPENERS = ".!?…:;"
#: A middle initial: its stop ends no sentence, and is no part of the name.
_INITIAL = re.compile(rf"(?<=[^\W\d_][ \u00a0])[{_CAPITALS}]\.[ \u00a0](?=[{_CAPITALS}][^\W\d_])")
_LONGEST_OFFICE = 30
_LOOK_BACK = 12  # more characters of quotes and dashes never stand before a name
_SKIPPED_BEFORE = " \t\u00a0\"'“”„«»‘’([*—–-•"


@dataclass(frozen=True, slots=True)
class Name:
    """A name in one article.

    `keys` are the keys of its words, the surname's last; `forms` how it is written, the
    commonest first; `weight` how much it says about the article; `is_sure` whether its capital
    is proof; `goes_by_surname` whether its last word alone means it: it is used so, or the full
    name follows an office, as those of persons do.
    """

    keys: tuple[str, ...]
    forms: tuple[str, ...]
    weight: float
    is_sure: bool
    goes_by_surname: bool

    @property
    def key(self) -> str:
        return self.keys[-1]

    @property
    def is_full(self) -> bool:
        return len(self.keys) > 1


@dataclass(frozen=True, slots=True)
class _Sighting:
    keys: tuple[str, ...]
    form: str
    weight: float
    is_sure: bool
    after_office: bool


@dataclass(frozen=True, slots=True)
class _Known:
    """What tells names from other words: the language, and the words in lower case around."""

    language: Language
    lower: frozenset[str]
    lower_stems: frozenset[str]

    def is_prefixed(self, words: Sequence[str]) -> bool:
        """Whether words that open a sentence begin with one that is no part of the name."""
        stem = stem5(plain_word(words[0]))
        is_ordinary = stem in self.language.shares or stem in self.lower_stems
        return is_ordinary or (words[1].isupper() and not words[0].isupper())

    def parts_names(self, word: str) -> bool:
        """Whether a word with a capital belongs to no name: an office, or a stop word."""
        plain = plain_word(word)
        is_short_form = word.isupper() and len(word) >= _FEWEST_LETTERS  # US is not us
        return self.language.is_office(plain) or (
            plain in self.language.stop_words and not is_short_form
        )

    def may_be_name(self, word: str) -> bool:
        return len(word) >= _FEWEST_LETTERS and word.casefold() not in self.lower


def find_names(headline: str, text: str, language: Language) -> list[Name]:
    """Return the names of an article, at most 40, those that say most about it first."""
    text = _INITIAL.sub("", text[:CHARACTERS_READ])
    lower = frozenset(_LOWER_WORD.findall(f"{headline}\n{text}"))
    known = _Known(language, lower, frozenset(stem5(plain_word(word)) for word in lower))
    in_headline = list(
        _sightings(
            headline,
            known,
            is_doubtful=_is_in_capitals(headline, language, fewest=_FEWEST_IN_HEADLINE),
        )
    )
    in_text: list[_Sighting] = []
    start = 0
    for line in text.split("\n"):
        is_heading = len(line) <= _LONGEST_HEADING and not line.rstrip().endswith(tuple(_OPENERS))
        is_doubtful = is_heading and _is_in_capitals(line, language, fewest=_FEWEST_IN_HEADING)
        in_text += _sightings(line, known, is_doubtful=is_doubtful, start=start)
        start += len(line) + 1
    return _gather(in_headline, in_text)


def _is_in_capitals(line: str, language: Language, *, fewest: int) -> bool:
    """Whether a line is Written Like This, where capitals tell nothing."""
    words = [word for word in _WORD.findall(line) if word.casefold() not in language.stop_words]
    capitals = sum(word[0].isupper() for word in words)
    return len(words) >= fewest and capitals >= _CAPITAL_SHARE * len(words)


def _sightings(
    line: str, known: _Known, *, is_doubtful: bool, start: int | None = None
) -> Iterator[_Sighting]:
    """Yield what may be a name in a line of the text that begins at `start`, or in the headline."""
    for span in _SPAN.finditer(line):
        if start is None:
            weight = IN_HEADLINE
        else:
            weight = IN_OPENING if start + span.start() < OPENING_CHARACTERS else IN_TEXT
        may_open = _opens_sentence(line, span.start())
        for words, after_office in _parts(line, span, known):
            is_sure = not is_doubtful and len(words) <= _LONGEST_NAME
            if may_open and len(words) > 1 and known.is_prefixed(words):
                del words[0]
            elif may_open and len(words) == 1 and " " not in words[0]:
                is_sure = False
            may_open = False
            is_one = not is_doubtful and 1 <= len(words) <= _LONGEST_NAME
            for name in [words] if is_one else [[word] for word in words]:
                if len(name) > 1 or known.may_be_name(name[0]):
                    yield _sighting(
                        name, known.language, weight, is_sure=is_sure, after_office=after_office
                    )


def _opens_sentence(line: str, start: int) -> bool:
    before = line[max(0, start - _LOOK_BACK) : start].rstrip(_SKIPPED_BEFORE)
    return not before or before[-1] in _OPENERS


def _parts(line: str, span: re.Match[str], known: _Known) -> list[tuple[list[str], bool]]:
    """Part a run of capitalised words at its offices and possessives; a compound is one word.

    Each part comes with whether it follows an office. The first one is empty where the run begins
    with an office.
    """
    before = _WORD.findall(line[max(0, span.start() - _LONGEST_OFFICE) : span.start()])
    is_adjacent = line[: span.start()].endswith((" ", "\u00a0"))
    after_office = bool(before) and is_adjacent and known.language.is_office(plain_word(before[-1]))
    parts: list[tuple[list[str], bool]] = [([], after_office)]
    words = [_without_possessive(word) for word in _PART.split(span.group())]
    position = 0
    while position < len(words):
        word, ends = words[position]
        following = "" if ends or position + 1 == len(words) else words[position + 1][0]
        position += 1
        if known.language.compound_of(word, following):
            parts += [([f"{word} {following}"], False), ([], False)]
            position += 1
        elif known.parts_names(word):
            parts.append(([], not ends))
        else:
            parts[-1][0].append(word)
            if ends:
                parts.append(([], False))
    return parts


def _without_possessive(word: str) -> tuple[str, bool]:
    if word.endswith(("'s", "’s")):
        return word[:-2], True
    return word, False


def _sighting(
    words: Sequence[str], language: Language, weight: float, *, is_sure: bool, after_office: bool
) -> _Sighting:
    keys = tuple(language.key_of(word) for word in words if word.casefold() not in _PARTICLE_WORDS)
    return _Sighting(
        keys or (language.key_of(words[-1]),), " ".join(words), weight, is_sure, after_office
    )


def _gather(in_headline: Sequence[_Sighting], in_text: Sequence[_Sighting]) -> list[Name]:
    """Bring the sightings of one name together: the same words, or its surname alone."""
    by_surname: dict[str, list[_Sighting]] = {}
    for sighting in (*in_text, *in_headline):
        by_surname.setdefault(sighting.keys[-1], []).append(sighting)
    names = [
        _name(keys, sightings)
        for group in by_surname.values()
        for keys, sightings in _persons_in(group).items()
    ]
    names = [name for name in names if name.is_sure or name.weight >= IN_OPENING]
    names.sort(key=lambda name: (-name.weight, not name.is_sure, name.keys))
    return names[:NAMES_KEPT]


def _persons_in(group: Sequence[_Sighting]) -> dict[tuple[str, ...], list[_Sighting]]:
    """Tell apart those who share a last word; `group` is in the order of the text.

    The last word alone is the surname of the one whom the text names most, if the full name
    comes first; what comes before it is a name of its own.
    """
    counted = Counter(sighting.keys for sighting in group if len(sighting.keys) > 1)
    persons: dict[tuple[str, ...], list[_Sighting]] = {}
    homes: dict[tuple[str, ...], tuple[str, ...]] = {}
    for keys in sorted(counted, key=lambda keys: (-counted[keys], len(keys), keys)):
        home = next((other for other in persons if is_same_person(keys, other)), keys)
        homes[keys] = home
        persons.setdefault(home, [])
    alone = group[0].keys[-1:]
    is_surname = bool(persons) and len(group[0].keys) > 1
    homes[alone] = next(iter(persons)) if is_surname else alone
    for sighting in group:
        persons.setdefault(homes[sighting.keys], []).append(sighting)
    return persons


def _name(keys: tuple[str, ...], found: Sequence[_Sighting]) -> Name:
    weight = max(sighting.weight for sighting in found)
    if len(found) >= TIMES_REPEATED:
        weight += REPEATED
    forms = Counter(s.form for s in found if len(s.keys) == len(keys))
    return Name(
        keys=keys,
        forms=tuple(form for form, _ in forms.most_common(FORMS_KEPT)),
        weight=round(weight, 2),
        is_sure=any(sighting.is_sure for sighting in found),
        goes_by_surname=any(len(s.keys) == 1 or s.after_office for s in found),
    )


def is_same_person(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two keys of full names may be of one: the same surname, a first name in common."""
    return one[-1] == other[-1] and bool(set(one[:-1]) & set(other[:-1]))


def likeness(one: Name, other: Name) -> float:
    """Return how alike two names are, whichever comes first; 0.0 for different ones."""
    if one.key != other.key or not (one.is_sure or other.is_sure):
        return 0.0
    if one.is_full and other.is_full:
        return FULL_NAME if is_same_person(one.keys, other.keys) else 0.0
    full, short = (one, other) if one.is_full else (other, one)
    if full.is_full and not short.is_sure and not full.goes_by_surname:
        return 0.0  # a sentence that begins with "Sea" does not mean the Black Sea
    return SURNAME if one.goes_by_surname and other.goes_by_surname else LAST_WORD


def is_person(one: Name, other: Name) -> bool:
    """Whether two like names are for sure of a person, a work or a body with a full name."""
    return (one.is_full or other.is_full) and likeness(one, other) > LAST_WORD


#: Among forms of equal length the one that looks like a nominative is shown.
_ENDING_ORDER = "аяоеиії"


def form_to_show(one: Name, other: Name) -> str:
    """Return the form to print of a name that two articles share.

    The full name, if it is theirs; best in the nominative: a case ending makes a name longer, so
    the shortest form is taken.
    """
    is_theirs = likeness(one, other) != LAST_WORD
    forms = {
        form
        for name in (one, other)
        for form in name.forms
        if name.is_full == (is_theirs and (one.is_full or other.is_full))
    }
    return min(
        forms,
        key=lambda form: (
            form.count(" "),
            len(form),
            (_ENDING_ORDER + form[-1]).index(form[-1]),
            form,
        ),
    )


@lru_cache(maxsize=20_000)
def name_of_person(full_name: str, language_code: str) -> Name | None:
    """Return a person's name as one that texts can hold; None where it has no letters.

    Kept in memory: a newsroom's people are many, and asked for at every article.
    """
    language = language_of(language_code)
    words = [word for word in _PART.split(full_name) if word.casefold() not in _PARTICLE_WORDS]
    keys = tuple(language.key_of(word) for word in words if word)
    if not keys:
        return None
    return Name(keys, (full_name,), IN_TEXT, is_sure=True, goes_by_surname=True)
