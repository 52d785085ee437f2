"""People, places and other names in a text, found by their capitals.

No list of names is needed, and none is kept. A capitalised word inside a sentence is a name;
at the beginning of a sentence or in a headline written in capitals it is one only if the same
word is a name for sure elsewhere: in the article, or in the article it is compared with. Offices
(`Prime Minister`, «голова») part a name from what stands before it, and are none themselves.
Forms of one name meet in its key (`Language.name_key`); a surname meets the full name.
"""

import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from .languages.base import Language, stem5
from .texts import CHARACTERS_READ, OPENING_CHARACTERS

#: How much a name says about an article, by where it stands.
IN_HEADLINE = 1.5
IN_OPENING = 1.0
IN_TEXT = 0.6
REPEATED = 0.2  # more for a name that the text comes back to
TIMES_REPEATED = 3

NAMES_KEPT = 40
_LONGEST_NAME = 4  # words; more is a headline in capitals
_FEWEST_LETTERS = 2
_SHORTEST_PREFIX = 3

_CAPITALS = "".join(
    character
    for character in map(chr, range(0x41, 0x1F00))
    if unicodedata.category(character) == "Lu"
)
_PARTICLES = "von|van|der|den|de|da|di|del|la|le|bin|al|el|фон|ван|де|да|ді|дер|аль|ібн"
_ONE = rf"[{_CAPITALS}][^\W_]*(?:['’ʼ][^\W\d_]+)*"
_SPAN = re.compile(rf"(?<![\w'’ʼ]){_ONE}(?:(?:-|[ \u00a0](?:(?:{_PARTICLES})[ \u00a0])*){_ONE})*")
_PART = re.compile(r"[ \u00a0-]+")
_LOWER_WORD = re.compile(r"(?<![\w'’ʼ])[^\W\d_A-ZА-ЯІЇЄҐ][^\W\d_]{2,}")
_APOSTROPHES = str.maketrans("", "", "'’ʼ")
#: What ends a sentence, or opens one: after it a capital says nothing.
_OPENERS = ".!?…:;\n"
_LOOK_BACK = 12  # more characters of quotes and dashes never stand before a name
_SKIPPED_BEFORE = " \t\u00a0\"'“”„«»‘’([*—–-•"


@dataclass(frozen=True, slots=True)
class Name:
    """A name in one article.

    `keys` are the keys of its words, the surname's last; `forms` how it is written, the
    commonest first; `weight` how much it says about the article; `is_sure` whether its capital
    is proof.
    """

    keys: tuple[str, ...]
    forms: tuple[str, ...]
    weight: float
    is_sure: bool

    @property
    def key(self) -> str:
        return self.keys[-1]


@dataclass(slots=True)
class _Sighting:
    keys: tuple[str, ...]
    form: str
    weight: float
    is_sure: bool


def find_names(headline: str, text: str, language: Language) -> list[Name]:
    """Return the names of an article, those that say most about it first."""
    text = text[:CHARACTERS_READ]
    lower = set(_LOWER_WORD.findall(text)) | set(_LOWER_WORD.findall(headline))
    in_capitals = _is_in_capitals(headline, language)
    sightings = [
        *_sightings(headline, language, lower, start_weight=IN_HEADLINE, is_doubtful=in_capitals),
        *_sightings(text, language, lower),
    ]
    return _gather(sightings)


def _is_in_capitals(headline: str, language: Language) -> bool:
    """Whether a headline is Written Like This, where capitals tell nothing."""
    words = [word for word in re.findall(r"[^\W\d_]+", headline) if len(word) > _SHORTEST_PREFIX]
    words = [word for word in words if word.casefold() not in language.stop_words]
    capitals = sum(word[0].isupper() for word in words)
    return len(words) >= 4 and capitals >= 0.75 * len(words)  # noqa: PLR2004 - said above


def _sightings(
    text: str,
    language: Language,
    lower: set[str],
    *,
    start_weight: float | None = None,
    is_doubtful: bool = False,
) -> Iterable[_Sighting]:
    for span in _SPAN.finditer(text):
        if start_weight is not None:
            weight = start_weight
        else:
            weight = IN_OPENING if span.start() < OPENING_CHARACTERS else IN_TEXT
        opens = _opens_sentence(text, span.start())
        for position, words in enumerate(_parts(span.group(), language)):
            yield from _names_of(
                words,
                language,
                lower,
                weight=weight,
                is_doubtful=is_doubtful,
                opens=opens and position == 0,
            )


def _opens_sentence(text: str, start: int) -> bool:
    before = text[max(0, start - _LOOK_BACK) : start].rstrip(_SKIPPED_BEFORE)
    return not before or before[-1] in _OPENERS


def _parts(span: str, language: Language) -> list[list[str]]:
    """Part a run of capitalised words at its offices and possessives."""
    parts: list[list[str]] = [[]]
    for word in _PART.split(span):
        bare, ends = _without_possessive(word)
        plain = bare.casefold().translate(_APOSTROPHES)
        if plain in language.offices or plain in language.stop_words:
            parts.append([])
            continue
        parts[-1].append(bare)
        if ends:
            parts.append([])
    return parts


def _without_possessive(word: str) -> tuple[str, bool]:
    if word.endswith(("'s", "’s")):
        return word[:-2], True
    return word, False


def _names_of(
    words: list[str],
    language: Language,
    lower: set[str],
    *,
    weight: float,
    is_doubtful: bool,
    opens: bool,
) -> Iterable[_Sighting]:
    words = [w for w in words if len(w) >= _FEWEST_LETTERS or len(words) > 1]
    if opens and len(words) > 1 and _is_ordinary(words[0], language, lower):
        words, opens = words[1:], False
    if not words:
        return
    if is_doubtful or len(words) > _LONGEST_NAME:
        for word in words:
            if word.casefold() not in lower and len(word) >= _FEWEST_LETTERS:
                yield _sighting([word], language, weight, is_sure=False)
        return
    if len(words) == 1 and (len(words[0]) < _FEWEST_LETTERS or words[0].casefold() in lower):
        return
    yield _sighting(words, language, weight, is_sure=not (opens and len(words) == 1))


def _is_ordinary(word: str, language: Language, lower: set[str]) -> bool:
    stem = stem5(word.casefold().translate(_APOSTROPHES))
    return stem in language.shares or any(stem5(other) == stem for other in lower)


def _sighting(words: list[str], language: Language, weight: float, *, is_sure: bool) -> _Sighting:
    keys = tuple(_key(word, language) for word in words if word.casefold() not in _PARTICLE_WORDS)
    return _Sighting(keys or (_key(words[-1], language),), " ".join(words), weight, is_sure)


_PARTICLE_WORDS = frozenset(_PARTICLES.split("|"))


def _key(word: str, language: Language) -> str:
    if word.isupper() or any(character.isdigit() for character in word):
        return sys.intern(word)  # an abbreviation has no forms
    return language.name_key(word.casefold().translate(_APOSTROPHES))


def _gather(sightings: Iterable[_Sighting]) -> list[Name]:
    """Bring the sightings of one name together: the same words, or its surname alone."""
    by_surname: dict[str, list[_Sighting]] = {}
    for sighting in sightings:
        by_surname.setdefault(sighting.keys[-1], []).append(sighting)
    names = []
    for group in by_surname.values():
        fullest: dict[tuple[str, ...], list[_Sighting]] = {}
        for sighting in sorted(group, key=lambda s: -len(s.keys)):
            home = next((keys for keys in fullest if is_same_name(keys, sighting.keys)), None)
            fullest.setdefault(home or sighting.keys, []).append(sighting)
        names += [_name(keys, found) for keys, found in fullest.items()]
    names = [name for name in names if name.is_sure or name.weight >= IN_OPENING]
    names.sort(key=lambda name: (-name.weight, not name.is_sure, name.keys))
    return names[:NAMES_KEPT]


def _name(keys: tuple[str, ...], found: list[_Sighting]) -> Name:
    weight = max(sighting.weight for sighting in found)
    if len(found) >= TIMES_REPEATED:
        weight += REPEATED
    forms = Counter(s.form for s in found if len(s.keys) == len(keys))
    return Name(
        keys=keys,
        forms=tuple(form for form, _ in forms.most_common(4)),
        weight=round(weight, 2),
        is_sure=any(sighting.is_sure for sighting in found),
    )


def is_same_name(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two names may be one: the same surname, and no first names that differ."""
    if one[-1] != other[-1]:
        return False
    return len(one) == 1 or len(other) == 1 or bool(set(one[:-1]) & set(other[:-1]))


#: Among forms of equal length the one that looks like a nominative is shown.
_ENDING_ORDER = "аяоеиії"


def form_to_show(one: Name, other: Name) -> str:
    """Return the fullest form of a name that two articles share, best in the nominative.

    A case ending makes a name longer, so the shortest of the fullest forms is taken.
    """
    forms = {form for name in (one, other) for form in name.forms}
    most = max(form.count(" ") for form in forms)
    return min(
        (form for form in forms if form.count(" ") == most),
        key=lambda form: (len(form), (_ENDING_ORDER + form[-1]).index(form[-1]), form),
    )


def name_of_person(full_name: str, language: Language) -> Name | None:
    """Return a person's name as one that texts can hold; None where it has no letters."""
    words = [word for word in _PART.split(full_name) if word.casefold() not in _PARTICLE_WORDS]
    keys = tuple(_key(word, language) for word in words if word)
    return Name(keys, (full_name,), IN_TEXT, is_sure=True) if keys else None
