"""Languages in which somebody can have said something."""

from babel import Locale
from django.utils.translation import get_language


def languages() -> list[tuple[str, str]]:
    """Return codes and names of the languages that have a code of two letters, by their names at
    the desk.
    """
    names = Locale.parse(get_language() or "en", sep="-").languages
    return sorted(
        ((code, str(name)) for code, name in names.items() if len(code) == 2),  # noqa: PLR2004 - ISO 639-1
        key=lambda language: language[1].casefold(),
    )
