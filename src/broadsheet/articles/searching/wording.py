"""Words as they are looked for: plain, and by their stem in the language of an edition.

What is indexed and what is typed go through the same functions. A change here wants
`indexing.VERSION` raised: then the worker indexes each article anew.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache, lru_cache

import snowballstemmer  # type: ignore[import-untyped]

from .ukrainian import stem_ukrainian

#: A longer word is cut: it is an address or a mistake.
LONGEST_WORD = 40
_WORD = re.compile(r"[^\W_]+(?:['’ʼ`´][^\W_]+)*")
_POSSESSIVE = re.compile(r"['’ʼ`´]s$")
_MARKS = re.compile(r"[\u0300-\u036f\u0483-\u0487\u064b-\u065f\u0670\u0640]")
_NOT_A_LETTER = re.compile(r"[\W_]+")
_LATIN = re.compile(r"[a-zß-ɏ\u1e00-\u1eff]+")
#: Latin letters that are no letter with a mark.
_PLAIN_LATIN = str.maketrans(
    {
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ħ": "h",
        "ı": "i",
        "æ": "ae",
        "œ": "oe",
        "ß": "ss",
        "ð": "d",
        "þ": "th",
    }
)

#: The stemmers of Snowball, by the language's code.
_SNOWBALL = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek",
    "en": "english", "es": "spanish", "et": "estonian", "eu": "basque", "fi": "finnish",
    "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian",
    "id": "indonesian", "it": "italian", "lt": "lithuanian", "ne": "nepali", "nl": "dutch",
    "no": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian",
    "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip


def words_in(text: str) -> list[str]:
    """Return the words and numbers of `text` in their order: letters and digits in lower case.

    Apostrophes are left out, and the English possessive with its letter.
    """
    found = _WORD.findall(unicodedata.normalize("NFKC", text).lower())
    words = (_NOT_A_LETTER.sub("", _POSSESSIVE.sub("", word))[:LONGEST_WORD] for word in found)
    return [word for word in words if word]


def spans_in(text: str) -> Iterable[tuple[int, int, str]]:
    """Yield where each word of `text` stands (begin, end), and the word as `words_in` has it."""
    for found in _WORD.finditer(text):
        if words := words_in(found.group()):
            yield found.start(), found.end(), words[0]


def plain(word: str) -> str:
    """Return a word of `words_in` without the marks that some leave out when they type.

    Cyrillic letters keep theirs: й and ї are letters of their own.
    """
    word = _MARKS.sub("", word)
    if _LATIN.search(word):
        word = _LATIN.sub(_plain_latin, word)
    return word


@lru_cache(maxsize=100_000)
def stem(word: str, code: str) -> str:
    """Return the stem of a word of `words_in` in the language `code`: plain, never empty."""
    if word.isdigit():
        return word
    language = code.partition("-")[0]
    if language == "en":
        word = plain(word)  # its stemmer knows no marks
    stemmed = _NOT_A_LETTER.sub("", plain(_stemmer(language)(word)))
    return stemmed or plain(word) or word


def _plain_latin(found: re.Match[str]) -> str:
    bare = unicodedata.normalize("NFD", found.group()).translate(_PLAIN_LATIN)
    return _MARKS.sub("", bare)


@cache
def _stemmer(language: str) -> Callable[[str], str]:
    if language == "uk":
        return stem_ukrainian
    if language not in _SNOWBALL:
        return str
    stem_word: Callable[[str], str] = snowballstemmer.stemmer(_SNOWBALL[language]).stemWord
    return stem_word
