"""How common words are in a language, before an edition has counted its own: `wordfreq`.

Its frequencies are of words in many kinds of text, up to 2021 (Speer, doi:10.5281/zenodo.7199437).
Here they become shares of articles, by term, and the words that say nothing.
"""

import math
from collections import defaultdict
from collections.abc import Mapping
from functools import cache

from wordfreq import available_languages, get_frequency_dict

from .base import plain_word, stem5

#: The length of an article in words that a frequency is turned into a share for: 1 - e^(-length·f).
ARTICLE_WORDS = 100
STOP_WORDS = 150
_LIST = "small"


@cache
def starter_shares(code: str) -> Mapping[str, float]:
    """Return the share of articles that hold a term, by term; empty for an unknown language."""
    frequencies: dict[str, float] = defaultdict(float)
    for word, frequency in _frequencies(code).items():
        frequencies[stem5(plain_word(word))] += frequency
    return {term: 1 - math.exp(-ARTICLE_WORDS * f) for term, f in frequencies.items()}


@cache
def commonest_words(code: str) -> frozenset[str]:
    """Return the words that most texts of a language hold; empty for an unknown language."""
    words = _frequencies(code)
    ranked = sorted(words, key=lambda word: (-words[word], word))
    return frozenset(plain_word(word) for word in ranked[:STOP_WORDS])


def _frequencies(code: str) -> Mapping[str, float]:
    if code not in available_languages(_LIST):
        return {}
    try:
        return dict(get_frequency_dict(code, wordlist=_LIST))
    finally:
        get_frequency_dict.cache_clear()  # what is made of it is smaller
