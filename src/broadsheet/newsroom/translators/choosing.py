"""What a translator is, and which one an installation uses."""

from collections.abc import Sequence
from importlib import import_module
from typing import Protocol

from django.conf import settings

#: The translators that come along; each is a module of this package.
TRANSLATORS = ("deepl", "google", "libretranslate", "practice")


class TranslatorError(RuntimeError):
    """A translator is not set up, cannot be reached, or refuses. The message is for the desk."""


class Translator(Protocol):
    name: str

    def translate(self, texts: Sequence[str], *, source: str, target: str) -> list[str]:
        """Return HTML fragments in `target`, in the order of `texts`; tags stay as they are.

        Languages are edition codes. Elements with `translate="no"` stay as they are. Raises
        `TranslatorError`.
        """


def find_translator() -> Translator | None:
    """Return the translator that the settings name; None where they name none.

    Raises `TranslatorError` where its library is not installed.
    """
    name = settings.TRANSLATOR
    if not name:
        return None
    if name not in TRANSLATORS:
        raise TranslatorError(
            f"BROADSHEET_TRANSLATOR takes {', '.join(TRANSLATORS)}, not {name!r}."
        )
    try:
        module = import_module(f"{__package__}.{name}")
    except ImportError as error:
        raise TranslatorError(
            f"The library of {name} is missing: pip install broadsheet[{name}] ({error})"
        ) from error
    translator: Translator = module.make(key=settings.TRANSLATOR_KEY, url=settings.TRANSLATOR_URL)
    return translator
