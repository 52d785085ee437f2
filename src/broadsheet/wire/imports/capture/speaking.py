"""Who speaks: the surname in `- Koizumi stated.` → the full name and role that the text gives."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .words import ROLE, SPEECH

_CAPITAL = "A-ZÀ-ÖØ-ÞĀ-ŽА-ЩЬЮЯЄІЇҐ"
_WORD = re.compile(r"[\w'’ʼ.-]+|[^\w\s]")
_PARTICLES = frozenset({"de", "da", "di", "del", "von", "van", "der", "den", "bin", "al", "el",
                        "la", "le", "ван", "фон", "де", "аль", "бін"})  # fmt: skip
_OF = frozenset({"of", "for", "the", "and", "to", "на", "з", "із", "у", "в", "та", "і"})
_OPENERS = frozenset({"the", "a", "an", "in", "on", "at", "but", "and", "as", "after", "before",
                      "earlier", "later", "then", "when", "while", "also", "yesterday", "today",
                      "meanwhile", "however", "if", "with", "for", "last", "this"})  # fmt: skip
_POSSESSIVE = re.compile(r"['’]s$|(?<=s)['’]$")
_ADJECTIVE = re.compile(r"(?:ий|ій|на|ня|ська|цька|ова)$|^(?:екс|віце)-")
_MAX_ROLE_WORDS = 8
_MAX_NAME_WORDS = 4


@dataclass(frozen=True, slots=True)
class Speaker:
    """`name` is as full as the text gives it; `role` is empty where it gives none before it."""

    name: str
    role: str
    is_full: bool


def find_speaker(
    attribution: str, *, before: Sequence[str], after: Sequence[str]
) -> Speaker | None:
    """Return who said it, or None where the attribution names nobody.

    `before` and `after` are the page's texts around the quote in the page's order: the nearest
    full name before it wins, then the nearest after it.
    """
    named = _name_in(attribution)
    if not named:
        return None
    surname = named[-1]
    own = _speaker_at(_words(attribution), surname)
    if own is not None and own.is_full:
        return own
    for text in [*reversed(before), *after]:
        found = _find_full(text, surname)
        if found is not None:
            return found
    return Speaker(surname, own.role if own else "", is_full=False)


def _find_full(text: str, surname: str) -> Speaker | None:
    """The last full mention in a text; of one name in several cases the shortest form."""
    words = _words(text)
    found = [
        speaker
        for place in range(len(words))
        if (speaker := _speaker_at(words[: place + 1], surname)) is not None and speaker.is_full
    ]
    if not found:
        return None
    # «з Марком Рубіо … Марко Рубіо»: a name in another case is longer than its own form.
    shortest = min(reversed(found), key=lambda speaker: len(speaker.name))
    with_role = [one for one in found if one.role and one.name == shortest.name]
    return with_role[-1] if with_role else shortest


def _name_in(attribution: str) -> list[str]:
    """The words of the name in an attribution: its last run of capitals, verbs left out."""
    runs: list[list[str]] = [[]]
    for word in _words(attribution):
        if _is_name_word(word) and not SPEECH.fullmatch(word) and not ROLE.fullmatch(word):
            runs[-1].append(_bare(word))
        elif word.lower() not in _PARTICLES and runs[-1]:
            runs.append([])
    named = [run for run in runs if run]
    return named[0] if named and not _follows_role(attribution) else named[-1] if named else []


def _follows_role(attribution: str) -> bool:
    return any(ROLE.fullmatch(word) for word in _words(attribution))


def _speaker_at(words: list[str], surname: str) -> Speaker | None:
    """The speaker whose surname is among `words`, at its last place when it ends them."""
    places = [n for n, word in enumerate(words) if _bare(word) == surname]
    if not places:
        return None
    last = places[-1]
    start = _name_start(words, last)
    name = " ".join(_bare(word) if n == last else word
                    for n, word in enumerate(words[start : last + 1], start))  # fmt: skip
    return Speaker(name, _role_before(words, start), is_full=start < last)


def _name_start(words: list[str], last: int) -> int:
    """Where the name that ends at `last` begins: capitals back to a role or a lower-case word."""
    start = last
    while start > 0 and last - start < _MAX_NAME_WORDS - 1:
        given = start - 1
        while given > 0 and words[given].lower() in _PARTICLES:
            given -= 1
        if not _is_given(words[given]):
            break
        start = given
    # Where a role names its realm («президент України …», "Minister of Defence …") only the last
    # two words are the name; directly after a Latin role all of them are.
    follows_role = start > 0 and ROLE.fullmatch(_bare(words[start - 1]))
    if (not follows_role or _is_cyrillic(words[last])) and last - start > 1:
        two = last - 1
        while two > start and words[two].lower() in _PARTICLES:
            two -= 1
        start = two
    return start


def _role_before(words: list[str], start: int) -> str:
    """The role that stands directly before a name, with what belongs to it; else empty."""
    earliest = max(0, start - _MAX_ROLE_WORDS)
    first_role = None
    for place in range(start - 1, earliest - 1, -1):
        if not re.fullmatch(r"[\w'’ʼ.-]+", words[place]):
            break  # a comma or a stop: what is before it belongs to another
        if SPEECH.fullmatch(words[place]):
            break
        if ROLE.fullmatch(_bare(words[place])):
            first_role = place
    if first_role is None or not _joins(words[first_role + 1 : start]):
        return ""
    while first_role > earliest and _qualifies(words, first_role):
        first_role -= 1
    return " ".join(words[first_role:start])


def _joins(between: list[str]) -> bool:
    """Whether the words from a role to a name are its realm: "of State", «оборони Японії»."""
    has_verb = any(SPEECH.fullmatch(word) for word in between)
    latin_lower = [
        word for word in between if re.fullmatch(r"[a-z-]+", word) and word.lower() not in _OF
    ]
    return not has_verb and len(latin_lower) <= 1


def _qualifies(words: list[str], place: int) -> bool:
    """Whether the word before a role belongs to it: "Japanese Defense", «колишній»."""
    word = words[place - 1]
    if not re.fullmatch(r"[\w'’ʼ.-]+", word) or SPEECH.fullmatch(word):
        return False
    if re.match(r"[a-z]", words[place]) or re.match(r"[A-Z]", words[place]):
        starts_sentence = place - 1 == 0 or words[place - 2] in {".", "!", "?", "…"}
        return _is_name_word(word) and not (starts_sentence and word.lower() in _OPENERS)
    return bool(_ADJECTIVE.search(word.lower()))


def _is_given(word: str) -> bool:
    return _is_name_word(word) and not ROLE.fullmatch(_bare(word)) and not word.endswith(
        ("'s", "’s")
    )  # fmt: skip


def _is_name_word(word: str) -> bool:
    return re.match(rf"[{_CAPITAL}]", word) is not None


def _is_cyrillic(word: str) -> bool:
    return re.search("[А-яІіЇїЄєҐґ]", word) is not None


def _bare(word: str) -> str:
    return _POSSESSIVE.sub("", word).strip(".")


def _words(text: str) -> list[str]:
    """Words and marks; a stop is a mark of its own unless it follows a single letter."""
    words = []
    for token in _WORD.findall(text):
        if token.endswith(".") and len(token) > 2:  # noqa: PLR2004 - an initial is "J."
            words += [token.rstrip("."), "."]
        else:
            words.append(token)
    return words
