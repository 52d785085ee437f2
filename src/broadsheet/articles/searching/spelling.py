"""The words of an edition's headlines: what a beginning may become, and what a mistake was to be.

A mistaken word is found as in SymSpell (Garbe, 2012): two words that differ in one letter have a
variant in common that lacks it. Variants are made of a word's first letters alone, and the whole
word is compared afterwards.
"""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b

from django.db import connection

from broadsheet.articles.models import SearchSpelling, SearchWord

#: A shorter word is neither completed nor corrected.
FEWEST_LETTERS = 3
#: How many letters of a word its variants are made of.
_BEGINNING = 7
#: From this length on a word may have two mistakes.
_LONG = 8
_TABLE = SearchWord._meta.db_table  # noqa: SLF001 - Django's own API
_COUNT = (
    f"INSERT INTO {_TABLE} (edition_id, word, count) VALUES (%s, %s, %s)"  # noqa: S608 - a constant
    f" ON CONFLICT (edition_id, word) DO UPDATE SET count = {_TABLE}.count + excluded.count"
)


def countable(words: Iterable[str]) -> list[str]:
    """Return which of a headline's words are counted, each once, in order."""
    return sorted({word for word in words if word.isalpha() and len(word) >= FEWEST_LETTERS})


def change_counts(edition_id: int, changes: Mapping[str, int]) -> None:
    """Add to the numbers of headlines that hold a word; a word that none holds is forgotten."""
    # In one order everywhere, so that no two transactions wait for each other.
    changed = sorted((word.encode(), by) for word, by in changes.items() if by)
    if not changed:
        return
    words = [word for word, _ in changed]
    of_edition = SearchWord.objects.filter(edition_id=edition_id)
    known = {bytes(one) for one in of_edition.filter(word__in=words).values_list("word", flat=True)}
    with connection.cursor() as cursor:
        cursor.executemany(_COUNT, [(edition_id, word, by) for word, by in changed])
    new = of_edition.filter(word__in=[word for word in words if word not in known])
    SearchSpelling.objects.bulk_create(
        SearchSpelling(variant=variant, word_id=number)
        for number, word in new.values_list("pk", "word")
        for variant in _variants(edition_id, bytes(word).decode())
    )
    if any(by < 0 for _, by in changed):
        of_edition.filter(word__in=words, count__lte=0).delete()


def complete(edition_id: int, beginning: str, *, limit: int) -> list[str]:
    """Return words that begin so, those in most headlines first."""
    first = beginning.encode()
    found = SearchWord.objects.filter(
        edition_id=edition_id, word__gte=first, word__lt=first + b"\xff"
    )
    words = found.order_by("-count", "word").values_list("word", flat=True)[:limit]
    return [bytes(word).decode() for word in words]


def correct(edition_id: int, mistaken: str, *, limit: int) -> list[str]:
    """Return words that `mistaken` may have been meant to be, the nearest and commonest first."""
    if len(mistaken) < FEWEST_LETTERS:
        return []
    most = 2 if len(mistaken) >= _LONG else 1
    found = SearchSpelling.objects.filter(variant__in=list(_variants(edition_id, mistaken)))
    near = set()
    for word, count in found.values_list("word__word", "word__count"):
        text = bytes(word).decode()
        if (far := distance(mistaken, text, most=most)) <= most:
            near.add((far, -count, text))
    return [text for _, _, text in sorted(near)[:limit]]


def distance(one: str, other: str, *, most: int) -> int:
    """Return how many letters were added, left out, mistaken or exchanged with their neighbour.

    `most + 1` for more than `most` (optimal string alignment: Boytsov, doi:10.1145/1963190.1963191).
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        before, last, row = row, before, [at]
        for place, opposite in enumerate(other, 1):
            cost = min(
                before[place] + 1, row[place - 1] + 1, before[place - 1] + (letter != opposite)
            )
            if at > 1 < place and letter == other[place - 2] and one[at - 2] == opposite:
                cost = min(cost, last[place - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]


def _variants(edition_id: int, word: str) -> Iterator[int]:
    beginning = word[:_BEGINNING]
    shorter = {beginning[:at] + beginning[at + 1 :] for at in range(len(beginning))}
    for variant in sorted({beginning, *shorter}):
        digest = blake2b(f"{edition_id} {variant}".encode(), digest_size=8).digest()
        yield int.from_bytes(digest, "little", signed=True)
