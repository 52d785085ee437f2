"""From an article's text to its weighted terms.

A term is the first five letters of a word. Its weight is `(1 + ln tf) · idf`, where words of the
headline count three times more and those of the first 600 characters once more; the 120 heaviest
are kept, in a vector of length 1. The method and its numbers were measured on labelled stories
(docs/explanation/themes.md).
"""

import math
import re
from collections import Counter
from collections.abc import Mapping
from html import unescape

from .languages.base import Language, plain_word, stem5
from .languages.starter import starter_shares

Vector = Mapping[str, float]

TERMS_KEPT = 120
HEADLINE_TIMES = 3
OPENING_CHARACTERS = 600
#: Text beyond this adds nothing to what an article is about, but time to reading it.
CHARACTERS_READ = 20_000

#: How many articles a language's starter shares stand for; an edition's own frequencies outweigh
#: them once it holds more.
STARTER_ARTICLES = 2500

_WORD = re.compile(r"[^\W\d_]+(?:['’ʼ][^\W\d_]+)*|\d+")
_TAG = re.compile(r"<[^>]*>")
_BREAK = re.compile(r"</(?:p|li|h\d|blockquote|div)>|<br\s*/?>")


def words_in(text: str) -> list[str]:
    """Return the words and numbers of `text` in lower case, English possessives taken off."""
    return [_plain(word) for word in _WORD.findall(text.casefold())]


def _plain(word: str) -> str:
    if word.endswith(("'s", "’s")):
        word = word[:-2]
    return plain_word(word)


def terms_in(text: str, language: Language) -> Counter[str]:
    """Count the terms of `text`: stems of its words, without stop words and single letters."""
    terms: Counter[str] = Counter()
    # Each word is made plain once, however often the text has it.
    for found, times in Counter(_WORD.findall(text.casefold())).items():
        word = _plain(found)
        if len(word) > 1 and word not in language.stop_words:
            terms[stem5(word)] += times
    return terms


def count_terms(headline: str, text: str, language: Language) -> Counter[str]:
    """Count an article's terms, with the weight of their place."""
    text = text[:CHARACTERS_READ]
    terms = terms_in(text, language)
    terms.update(terms_in(text[:OPENING_CHARACTERS], language))
    for term, times in terms_in(headline, language).items():
        terms[term] += HEADLINE_TIMES * times
    return terms


def weigh_terms(counts: Mapping[str, int], idf: Mapping[str, float]) -> dict[str, float]:
    """Return the unit vector of the heaviest terms, heaviest first; empty for no terms."""
    weights = {term: (1 + math.log(times)) * idf[term] for term, times in counts.items()}
    kept = sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))[:TERMS_KEPT]
    length = math.sqrt(sum(weight * weight for _, weight in kept))
    return {term: round(weight / length, 5) for term, weight in kept} if length else {}


def inverse_frequency(term: str, held_by: int, articles: int, language: Language) -> float:
    """Return a term's idf, smoothed by what the language knows of it before the edition does."""
    expected = starter_shares(language.code).get(term, 0.0) * STARTER_ARTICLES
    return math.log((articles + STARTER_ARTICLES + 1) / (held_by + expected + 1))


def cosine(one: Vector, other: Vector) -> float:
    """Return the cosine of two vectors, 0.0 where one is empty; `one` best the shorter."""
    if not one or not other:
        return 0.0
    return product_of(one, other) / (length_of(one) * length_of(other))


def product_of(one: Vector, other: Vector) -> float:
    """Return the scalar product of two vectors; quickest with the shorter one first."""
    return sum(weight * other[term] for term, weight in one.items() if term in other)


def length_of(vector: Vector) -> float:
    return math.sqrt(sum(weight * weight for weight in vector.values()))


def plain_text(html: str) -> str:
    """Return the text of a piece of rich text, its paragraphs on lines of their own."""
    if "<" in html:
        html = _TAG.sub("", _BREAK.sub("\n", html))
    return unescape(html).strip()
