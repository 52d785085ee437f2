"""What themes know of each language: one file a language, and a fallback for all others."""

from .base import Language
from .en import ENGLISH
from .uk import UKRAINIAN

_LANGUAGES = {language.code: language for language in (ENGLISH, UKRAINIAN)}


def language_of(code: str) -> Language:
    """Return what is known of the language `code`, such as `en` or `pt-br`; else a bare one."""
    base = code.split("-", maxsplit=1)[0].casefold()
    return _LANGUAGES.get(base) or Language(code=base)


__all__ = ["Language", "language_of"]
