"""What an edition's language file has to say; a missing word is an error at start."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime
from babel.numbers import format_decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words and rules of one language. Plurals are patterns by CLDR category, with `{n}`."""

    code: str
    language: str
    direction: str
    #: CLDR date patterns: a card's time, and the full time on the article itself.
    card_time: str
    full_time: str
    day: str
    views: Mapping[str, str]
    #: The name of the built-in section for flashes.
    news_section: str

    def number(self, count: int) -> str:
        return format_decimal(count, locale=_locale(self.code))

    def plural(self, forms: Mapping[str, str], count: int) -> str:
        """Return the form for `count` by CLDR's rules, with the number written in."""
        form = forms.get(_locale(self.code).plural_form(count), forms["other"])
        return form.format(n=self.number(count))

    def count_views(self, count: int) -> str:
        """Return the label of a view count, such as `3,228 views`."""
        return self.plural(self.views, count)

    def time(self, moment: datetime, pattern: str, zone: ZoneInfo) -> str:
        """Return `moment` in `zone` by a CLDR date pattern, in this language."""
        return format_datetime(moment, pattern, tzinfo=zone, locale=_locale(self.code))


@lru_cache(maxsize=64)
def _locale(code: str) -> Locale:
    return Locale.parse(code, sep="-")
