"""What themes know of each language: one file a language, and a fallback for all others."""

from .base import Language
from .en import ENGLISH
from .pl import POLISH
from .starter import commonest_words
from .uk import UKRAINIAN

_LANGUAGES = {language.code: language for language in (ENGLISH, POLISH, UKRAINIAN)}


def language_of(code: str) -> Language:
    """Return what is known of the language `code`, such as `en` or `pt-br`.

    Of a language without a file of its own that is its commonest words alone.
    """
    base = code.split("-", maxsplit=1)[0].casefold()
    return _LANGUAGES.get(base) or Language(code=base, stop_words=commonest_words(base))


__all__ = ["Language", "language_of"]
