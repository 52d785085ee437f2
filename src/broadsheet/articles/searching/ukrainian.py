"""A light stemmer for Ukrainian: no library stems it that is kept up.

It takes off the endings of nouns, adjectives and verbs, and writes what alternates at the end of a
stem in one way: Київ, Києва; робота, робіт; рука, руці; ринок, ринку. How often it brings the
forms of a word together, and how often those of two words, stands in
docs/decisions/2026-11-search-in-the-database.md.
"""

import re
from collections.abc import Iterable

#: A shorter stem says too little.
FEWEST_LETTERS = 3
_SHORTEST = 2


def _endings(*lines: str) -> tuple[str, ...]:
    """Endings, the longest first."""
    every = {ending for line in lines for ending in line.split()}
    return tuple(sorted(every, key=lambda ending: (-len(ending), ending)))


_REFLEXIVE = ("ся", "сь")
_NOUNS = """
а я о е у ю и і ї ь й ам ям ах ях ами ями ом ем єм ою ею єю ов ів їв ей ові еві єві
ія ії ію ій ією їм іям іями іях ість істю ості остей остям остях остями
"""
_ADJECTIVES = """
ий ій їй іх іми ого ього його ому ьому йому им їм ими їми их їх ої ьої єї
"""
# Of verbs only what no noun ends in: депутати, канали and прав are not said, but are.
_VERBS = """
увати ювати ував ював увала ювала увало ювало ували ювали ує ює ують юють уєш юєш уємо юємо уєте юєте уй юй уйте юйте
ить ять ать ють уть їть їш иш еш єш имо емо ємо їмо ите ете єте їте ає яє ають яють аєш аємо аєте
ило или ила ив
"""
_ENDINGS = _endings(_NOUNS, _ADJECTIVES, _VERBS)
_VOWELS = "аеєиіїоуюя"
_HAS_VOWEL = re.compile(f"[{_VOWELS}]")
#: What alternates in the last syllable: ніч, ночі; Київ, Києва; шість, шести.
_LAST_VOWEL = re.compile(f"[оеєії](?=[^{_VOWELS}]*$)")
#: A vowel that comes and goes: ринок, ринку; кінець, кінця; день, дня.
_FLEETING = re.compile(f"(?<=[^{_VOWELS}])(?:о(?=к$)|е(?=[кцн]$))")
_LAST_CONSONANT = str.maketrans("цчзжсш", "ккггхх")
#: Towns that look like the genitive of many: they are told as in «у Харкові».
_TOWNS = {f"{town}ів": f"{town}ова" for town in ("харк", "черніг", "бердич", "фаст", "пирят")}
_SOFT = str.maketrans("", "", "ьй")


def stem_ukrainian(word: str) -> str:
    """Return the stem of a word in lower case, which is no word of the language itself."""
    if len(word) <= FEWEST_LETTERS:
        return word
    for ending in _REFLEXIVE:
        if word.endswith(ending) and len(word) > len(ending) + FEWEST_LETTERS:
            word = word[: -len(ending)]
            break
    stem = _without_ending(_TOWNS.get(word, word), _ENDINGS).translate(_SOFT)
    if len(stem) > FEWEST_LETTERS:
        if stem[-1] == stem[-2]:
            stem = stem[:-1]  # знання, знань
        stem = _FLEETING.sub("", stem)
    stem = stem[:-1] + stem[-1].translate(_LAST_CONSONANT)
    return _LAST_VOWEL.sub("і", stem)


def _without_ending(word: str, endings: Iterable[str]) -> str:
    for ending in endings:
        if word.endswith(ending):
            stem = word[: -len(ending)]
            if len(stem) >= FEWEST_LETTERS and _HAS_VOWEL.search(stem):
                return stem
            if len(stem) == _SHORTEST and len(ending) == 1 and _HAS_VOWEL.search(stem):
                return stem
    return word
