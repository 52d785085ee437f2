"""Letters of a language in Latin ones, by the language's own rules.

What no rule here covers is left as it is: `anyascii` writes it, which does well for Polish and other
languages in Latin letters, and passably for the rest.
"""

import re
import unicodedata

APOSTROPHES = "'’ʼ`"


def transliterate(text: str, language: str) -> str:
    """Return `text` with the letters of `language` in Latin ones; other letters as they are."""
    if language == "uk":
        return transliterate_ukrainian(text)
    if language == "ar":
        return transliterate_arabic(text)
    return text


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
_UKRAINIAN_WORD = re.compile(rf"[а-щьюяєіїґ{APOSTROPHES}]+")


def transliterate_ukrainian(text: str) -> str:
    """Return `text` in lower case, its Ukrainian letters in Latin ones by the 2010 standard."""
    return _UKRAINIAN_WORD.sub(_transliterate_word, text.lower())


def transliterate_arabic(text: str) -> str:
    """Return `text` with its Arabic words in Latin letters, such as `wazir al-difaa` for what is
    written with vowel marks, `wzir al-dfaa` for what is not.
    """
    return _ARABIC_WORD.sub(_transliterate_arabic_word, unicodedata.normalize("NFC", text))


def _transliterate_word(match: re.Match[str]) -> str:
    word = match.group()
    letters = [letter for letter in word if letter not in APOSTROPHES]
    latin = []
    for place, letter in enumerate(letters):
        if place == 0 and letter in _UKRAINIAN_INITIAL:
            latin.append(_UKRAINIAN_INITIAL[letter])
        elif letter == "г" and place and letters[place - 1] == "з":
            latin.append("gh")
        else:
            latin.append(_UKRAINIAN.get(letter, letter))
    return "".join(latin)


# After the romanization of the United Nations (resolution II/8 of 1972, revised 2017), without its
# diacritics. Short vowels are mostly not written in Arabic, so they are not made up here.
_ARABIC = {
    "ا": "a", "أ": "a", "إ": "i", "آ": "a", "ٱ": "a", "ب": "b", "ت": "t", "ث": "th", "ج": "j",
    "ح": "h", "خ": "kh", "د": "d", "ذ": "dh", "ر": "r", "ز": "z", "س": "s", "ش": "sh", "ص": "s",
    "ض": "d", "ط": "t", "ظ": "z", "ع": "a", "غ": "gh", "ف": "f", "ق": "q", "ك": "k", "ل": "l",
    "م": "m", "ن": "n", "ه": "h", "ة": "a", "ى": "a", "ء": "", "ؤ": "u", "ئ": "",
    "َ": "a", "ُ": "u", "ِ": "i", "ً": "an", "ٌ": "un", "ٍ": "in", "ْ": "", "ـ": "",
    "پ": "p", "چ": "ch", "ڤ": "v", "گ": "g",
    "٠": "0", "١": "1", "٢": "2", "٣": "3", "٤": "4", "٥": "5", "٦": "6", "٧": "7", "٨": "8",
    "٩": "9",
}  # fmt: skip
_ARABIC_WORD = re.compile("[\u0621-\u0652\u0660-\u0669\u0670-\u06d3]+")
_DOUBLED = "\u0651"
#: Unicode puts the sign of a doubled letter after its vowel.
_VOWEL_FIRST = re.compile("([\u064b-\u0650])\u0651")
#: After the article a first letter is doubled in speech alone.
_ASSIMILATED = re.compile("^(.)\u0651")
_LONG_AT_START = {"أو": "u", "إي": "i"}
_AS_ALWAYS_WRITTEN = {"الله": "allah", "والله": "wallah", "لله": "lillah", "بالله": "billah"}
_ARTICLES = {"وال": "wal-", "بال": "bil-", "فال": "fal-", "كال": "kal-", "لل": "lil-", "ال": "al-"}
_VOWELS = set("aiu")
#: So many letters have to follow for the first ones to be the article and no part of the word.
_AFTER_ARTICLE = 2


def _transliterate_arabic_word(match: re.Match[str]) -> str:
    word = _VOWEL_FIRST.sub(_DOUBLED + r"\1", match.group())
    if word in _AS_ALWAYS_WRITTEN:
        return _AS_ALWAYS_WRITTEN[word]
    for article, latin in _ARTICLES.items():
        if word.startswith(article) and len(word) >= len(article) + _AFTER_ARTICLE:
            return latin + _letters_of(_ASSIMILATED.sub(r"\1", word.removeprefix(article)))
    return _letters_of(word)


def _letters_of(word: str) -> str:
    latin: list[str] = []
    if word[:2] in _LONG_AT_START and word[2:] and _ARABIC.get(word[2], "")[:1] not in _VOWELS:
        latin.append(_LONG_AT_START[word[:2]])
        word = word[2:]
    for place, letter in enumerate(word):
        if letter == _DOUBLED:
            latin.append(latin[-1] if latin else "")
        elif letter in "وي":
            latin.append(_glide(letter, latin, word[place + 1 : place + 2]))
        elif letter != "ا" or latin[-1:] != ["a"] or word[place - 1] != "َ":  # a long vowel: once
            latin.append(_ARABIC.get(letter, letter))
    return "".join(latin)


def _glide(letter: str, before: list[str], following: str) -> str:
    """A consonant where a word begins and beside a vowel, else the long vowel."""
    consonant, vowel = ("w", "u") if letter == "و" else ("y", "i")
    if before[-1:] == [vowel] and _ARABIC.get(following, "")[:1] not in _VOWELS:
        return ""  # its short vowel is written already
    is_after_vowel = "".join(before)[-1:] in _VOWELS
    if not before or following in {"و", "ي"}:
        return consonant
    if _ARABIC.get(following, "")[:1] in _VOWELS or (is_after_vowel and following):
        return consonant
    return vowel
