"""Addresses from headlines."""

import re
from collections.abc import Callable

from anyascii import anyascii

MAX_SLUG_LENGTH = 160

#: The first part of a path after the edition that no section may have (design: addresses).
#: The built-in section "news" is the one exception: its front is the list of the latest.
RESERVED_SLUGS = frozenset(
    {
        "about",
        "archive",
        "authors",
        "corrections",
        "feed.xml",
        "news",
        "news-sitemap.xml",
        "people",
        "popular",
        "search",
        "sources",
        "stories",
        "tags",
    }
)

# The official transliteration of Ukrainian: resolution no. 55 of the Cabinet of Ministers,
# 27 January 2010. Five letters are written differently where a word begins; the soft sign and
# the apostrophe are not written, and "зг" is "zgh".
_UKRAINIAN = {
    "а": "a", "б": "b", "в": "v", "г": "h", "ґ": "g", "д": "d", "е": "e", "є": "ie",
    "ж": "zh", "з": "z", "и": "y", "і": "i", "ї": "i", "й": "i", "к": "k", "л": "l",
    "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u",
    "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ь": "",
    "ю": "iu", "я": "ia",
}  # fmt: skip
_UKRAINIAN_INITIAL = {"є": "ye", "ї": "yi", "й": "y", "ю": "yu", "я": "ya"}
_APOSTROPHES = "'’ʼ`"
_UKRAINIAN_WORD = re.compile(rf"[а-щьюяєіїґ{_APOSTROPHES}]+")


def transliterate_ukrainian(text: str) -> str:
    """Return `text` in lower case, its Ukrainian letters in Latin ones by the 2010 standard."""
    return _UKRAINIAN_WORD.sub(_transliterate_word, text.lower())


def slug_from(headline: str, *, language: str) -> str:
    """Return an address part: lower-case Latin letters, digits and single hyphens.

    At most `MAX_SLUG_LENGTH` characters, cut between words; empty if nothing can be written
    in Latin letters.
    """
    text = transliterate_ukrainian(headline) if language == "uk" else headline
    text = re.sub(rf"[{_APOSTROPHES}]", "", anyascii(text).lower())
    slug = re.sub(r"[^a-z0-9]+", "-", text).strip("-")
    if len(slug) > MAX_SLUG_LENGTH:
        slug = slug[: MAX_SLUG_LENGTH + 1].rpartition("-")[0] or slug[:MAX_SLUG_LENGTH]
    return slug


def free_slug(wanted: str, is_taken: Callable[[str], bool]) -> str:
    """Return `wanted`, or `wanted-2`, `wanted-3` … : the first that is not taken."""
    slug, number = wanted, 2
    while is_taken(slug):
        suffix = f"-{number}"
        slug = wanted[: MAX_SLUG_LENGTH - len(suffix)] + suffix
        number += 1
    return slug


def _transliterate_word(match: re.Match[str]) -> str:
    word = match.group()
    letters = [letter for letter in word if letter not in _APOSTROPHES]
    latin = []
    for place, letter in enumerate(letters):
        if place == 0 and letter in _UKRAINIAN_INITIAL:
            latin.append(_UKRAINIAN_INITIAL[letter])
        elif letter == "г" and place and letters[place - 1] == "з":
            latin.append("gh")
        else:
            latin.append(_UKRAINIAN.get(letter, letter))
    return "".join(latin)
