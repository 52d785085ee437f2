"""How many articles of an edition hold a term: counted as they come, never by a rescan."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.db import connection

from .languages import Language
from .models import DocumentFrequency
from .texts import inverse_frequency

NAME_STARTER = 100

_PARAMETERS = 900  # below what SQLite takes in one statement


@dataclass(frozen=True, slots=True)
class Frequencies:
    """What an edition knows of some terms at one moment."""

    articles: int
    held_by: Mapping[str, int]
    language: Language

    def idf(self, terms: Iterable[str]) -> dict[str, float]:
        return {
            term: inverse_frequency(term, self.held_by.get(term, 0), self.articles, self.language)
            for term in terms
        }

    def rarity(self, name: str) -> float:
        """Return how rare a name is in the edition: near 1.0 if nobody else has it, 0.0 in all.

        Names have no starter of their own: a new edition counts as `NAME_STARTER` articles
        more, so that what fills its first pages is soon no longer rare.
        """
        articles = self.articles + NAME_STARTER
        held_by = max(self.held_by.get(name, 0), 1)
        return max(0.0, math.log(articles / (held_by + 1)) / math.log(articles))

    def with_new(self, held: Mapping[str, int]) -> "Frequencies":
        """These frequencies with those of articles that are not counted yet."""
        counted = Counter(self.held_by)
        counted.update(held)
        return replace(self, articles=counted[""], held_by=counted)


def find_frequencies(locale_id: int, terms: Iterable[str], language: Language) -> Frequencies:
    """Return the frequencies of `terms`, in one query for each 900."""
    wanted = sorted({"", *terms})
    held_by: dict[str, int] = {}
    for start in range(0, len(wanted), _PARAMETERS):
        rows = DocumentFrequency.objects.filter(
            locale_id=locale_id, term__in=wanted[start : start + _PARAMETERS]
        )
        held_by.update(rows.values_list("term", "articles"))
    return Frequencies(articles=held_by.get("", 0), held_by=held_by, language=language)


def add_frequencies(locale_id: int, held: Mapping[str, int]) -> None:
    """Add to each term of `held` the number of new articles that hold it."""
    table = connection.ops.quote_name(DocumentFrequency._meta.db_table)  # noqa: SLF001
    # Django's bulk_create replaces on conflict; only SQL adds.
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table} (locale_id, term, articles) VALUES (%s, %s, %s)"  # noqa: S608 - a table's name
            f" ON CONFLICT (locale_id, term) DO UPDATE"
            f" SET articles = {table}.articles + excluded.articles",
            [(locale_id, term, count) for term, count in sorted(held.items())],
        )
