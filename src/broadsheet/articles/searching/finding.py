"""Find live articles of an edition by what a reader typed, a page at a time."""

import contextlib
import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from django.db import OperationalError, connection, transaction

from broadsheet.articles.models import SearchEntry

from . import tables
from .indexing import (
    author_token,
    edition_token,
    in_a_row,
    in_headline,
    in_lead,
    person_token,
    section_token,
)
from .spelling import FEWEST_LETTERS, complete, correct
from .wording import stem, words_in

Order = Literal["relevance", "newest"]

#: Words beyond these are left out: nobody means more, and each costs.
MOST_WORDS = 8
#: Typed text beyond this is left out.
MOST_CHARACTERS = 200
#: Counted up to here; a list says "more than" beyond.
MOST_COUNTED = 100
PAGE_LENGTH = 20
#: How long one search may take. What is refused was going to wait for a machine that is busy.
MOST_SECONDS = 1.0

#: Relevance is time. Where a word stands makes an article as good as one so much newer, so the
#: order does not change while the clock goes on, and can be cut into pages at any place of it.
_DAY = 86_400
_IN_A_ROW, _IN_HEADLINE, _IN_LEAD = 3 * 365 * _DAY, 365 * _DAY, 90 * _DAY
_COMPLETIONS, _CORRECTIONS = 12, 3
_BIGGEST_SCORE = 2**62
#: Steps of SQLite's virtual machine between two looks at the clock.
_STEPS = 20_000


class SearchTooSlowError(RuntimeError):
    """The search took longer than it may; it was broken off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is looked for. Moments are aware; `since` is in the span, `until` no more."""

    text: str = ""
    section_id: int | None = None
    author_id: int | None = None
    person_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    order: Order = "relevance"

    @property
    def is_filtered(self) -> bool:
        filters = (self.section_id, self.author_id, self.person_id, self.since, self.until)
        return any(one is not None for one in filters)


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """A place in a list of results: the next page begins behind it. Its text is in addresses."""

    score: int
    tier: int

    def __str__(self) -> str:
        return f"{self.score}_{self.tier}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of results, by their ids. `stems` are those of the words that were found;
    `corrected` has what was typed with what was looked for instead, where that differs.
    `count` is exact up to `MOST_COUNTED`; `has_more` says that there are more.
    """

    article_ids: tuple[int, ...] = ()
    after: Key | None = None
    stems: frozenset[str] = frozenset()
    corrected: dict[str, str] = field(default_factory=dict)
    count: int = 0
    has_more: bool = False


def read_key(text: str) -> Key | None:
    """Return the place that an address names; None for anything else."""
    score, _, tier = text.partition("_")
    digits = score.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 19 and tier in set("0123")):  # noqa: PLR2004 - digits of 63 bits
        return None
    return Key(int(score), int(tier)) if abs(int(score)) < _BIGGEST_SCORE else None


def find_articles(
    edition_id: int,
    code: str,
    query: Query,
    *,
    after: Key | None = None,
    length: int = PAGE_LENGTH,
) -> Found:
    """Return a page of live articles that hold all the words, in the form they have or another.

    A word that no article holds is completed, if it is the last, or else corrected. Text without a
    word in it finds nothing, unless there are filters. Raises `SearchTooSlowError`.
    """
    words = words_in(query.text[:MOST_CHARACTERS])[:MOST_WORDS]
    if not words and not (query.is_filtered and not query.text.strip()):
        return Found()
    with _bounded(MOST_SECONDS):
        edition = (edition_token(edition_id),)
        read = [
            _read_word(word, edition_id, code, edition, is_last=at == len(words) - 1)
            for at, word in enumerate(words)
        ]
        stems = tuple(one.stems for one in read)
        narrow = _Narrow.of(query, edition)
        every = tables.Match((*stems, *narrow.tokens))
        counted = narrow.newest(every, limit=MOST_COUNTED + 1)
        if not counted:
            return Found(corrected=_corrections(read))
        if query.order == "newest" or not words:
            streams = [_Stream(every, 0, 0)]
        else:
            streams = _tiers(stems, narrow.tokens)
        merged = _merge(streams, narrow, after=after, limit=length + 1)
        articles = SearchEntry.objects.filter(place__in=[one.place for one in merged])
        ids = dict(articles.values_list("place", "article_id"))
    shown = merged[:length]
    return Found(
        article_ids=tuple(ids[one.place] for one in shown if one.place in ids),
        after=shown[-1].key if len(merged) > length else None,
        stems=frozenset(one for alternatives in stems for one in alternatives),
        corrected=_corrections(read),
        count=min(len(counted), MOST_COUNTED),
        has_more=len(counted) > MOST_COUNTED,
    )


def complete_text(edition_id: int, code: str, text: str, *, limit: int) -> list[str]:
    """Return what may be typed: `text` with its last word completed, or corrected.

    Only what finds an article. Raises `SearchTooSlowError`.
    """
    words = words_in(text[:MOST_CHARACTERS])[:MOST_WORDS]
    if not words or len(words[-1]) < 2:  # noqa: PLR2004 - one letter says nothing yet
        return []
    with _bounded(MOST_SECONDS):
        edition = (edition_token(edition_id),)
        *first, last = words
        offered = complete(edition_id, last, limit=3 * limit)
        if not offered:
            offered = correct(edition_id, last, limit=limit)
        before = tuple(_read_word(one, edition_id, code, edition, is_last=False) for one in first)
        seen: set[str] = set()
        texts: list[str] = []
        for word in offered:
            form = stem(word, code)
            if form in seen or len(texts) == limit:
                continue
            seen.add(form)
            match = tables.Match((*(one.stems for one in before), (form,), edition))
            if not before or tables.is_held(match):
                texts.append(" ".join([*(one.shown for one in before), word]))
    return texts


# --- words ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _ReadWord:
    typed: str
    shown: str
    stems: tables.Alternatives


def _read_word(
    word: str, edition_id: int, code: str, edition: tables.Alternatives, *, is_last: bool
) -> _ReadWord:
    form = stem(word, code)
    if tables.is_held(tables.Match(((form,), edition))) or len(word) < FEWEST_LETTERS:
        return _ReadWord(word, word, (form,))
    if is_last and (completed := complete(edition_id, word, limit=_COMPLETIONS)):
        return _ReadWord(word, word, _stems(completed, code))
    if corrected := correct(edition_id, word, limit=_CORRECTIONS):
        return _ReadWord(word, corrected[0], _stems(corrected, code))
    return _ReadWord(word, word, (form,))


def _stems(words: Sequence[str], code: str) -> tables.Alternatives:
    return tuple(dict.fromkeys(stem(word, code) for word in words))


def _corrections(read: Sequence[_ReadWord]) -> dict[str, str]:
    return {one.typed: one.shown for one in read if one.shown != one.typed}


# --- order ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Narrow:
    """What the filters leave: tokens that a row has to have, and the span of its place."""

    tokens: tuple[tables.Alternatives, ...]
    above: int
    below: int

    @classmethod
    def of(cls, query: Query, edition: tables.Alternatives) -> "_Narrow":
        named = (
            (section_token, query.section_id),
            (author_token, query.author_id),
            (person_token, query.person_id),
        )
        tokens = tuple((token(number),) for token, number in named if number is not None)
        return cls(
            (edition, *tokens),
            tables.first_place(query.since) - 1 if query.since else -tables.LAST_PLACE,
            tables.first_place(query.until) if query.until else tables.LAST_PLACE,
        )

    def newest(
        self, match: tables.Match, *, limit: int, below: int = tables.LAST_PLACE
    ) -> list[int]:
        return tables.newest(match, limit=limit, above=self.above, below=min(below, self.below))


@dataclass(frozen=True, slots=True)
class _Stream:
    """Rows newest first that are as good as rows `bonus` seconds newer."""

    match: tables.Match
    tier: int
    bonus: int

    def places(self, narrow: _Narrow, *, after: Key | None, limit: int) -> "list[_Scored]":
        gain = self.bonus << tables.PLACE_BITS
        below = tables.LAST_PLACE
        if after is not None:
            # Of two that are equally good the one of the better tier comes first.
            below = after.score - gain + (1 if self.tier > after.tier else 0)
        found = narrow.newest(self.match, limit=limit, below=below)
        return [_Scored(place, Key(place + gain, self.tier)) for place in found]


@dataclass(frozen=True, slots=True)
class _Scored:
    place: int
    key: Key


def _tiers(
    stems: tuple[tables.Alternatives, ...], filters: tuple[tables.Alternatives, ...]
) -> list[_Stream]:
    """Return what holds all words in a row in its headline; else in its headline; in headline
    and lead; anywhere. Nothing is in two of them.
    """
    anywhere = stems
    lead = tuple(tuple(map(in_lead, one)) for one in stems)
    headline = tuple(tuple(map(in_headline, one)) for one in stems)
    streams = [
        _Stream(tables.Match((*anywhere, *filters), but_not=lead), 3, 0),
        _Stream(tables.Match((*lead, *filters), but_not=headline), 2, _IN_LEAD),
    ]
    is_plain = len(stems) > 1 and all(len(one) == 1 for one in stems)
    if not is_plain:
        return [*streams, _Stream(tables.Match((*headline, *filters)), 1, _IN_HEADLINE)]
    flat = [one for (one,) in stems]
    row = tuple((in_a_row(one, other),) for one, other in itertools.pairwise(flat))
    return [
        *streams,
        _Stream(tables.Match((*headline, *filters), but_not=row), 1, _IN_HEADLINE),
        _Stream(tables.Match((*row, *filters)), 0, _IN_A_ROW),
    ]


def _merge(
    streams: Sequence[_Stream], narrow: _Narrow, *, after: Key | None, limit: int
) -> list[_Scored]:
    every = [one for stream in streams for one in stream.places(narrow, after=after, limit=limit)]
    every.sort(key=lambda one: (-one.key.score, one.key.tier))
    return every[:limit]


# --- bounds ---------------------------------------------------------------------------------


@contextlib.contextmanager
def _bounded(seconds: float) -> Iterator[None]:
    """Break off what takes longer. Raises `SearchTooSlowError`."""
    try:
        if connection.vendor == "sqlite":
            with _clock_in_sqlite(seconds):
                yield
        else:
            with transaction.atomic(), connection.cursor() as cursor:
                # Rows are had through the index alone: else a wrong guess reads a whole table.
                cursor.execute("SET LOCAL enable_seqscan = off")
                cursor.execute(f"SET LOCAL statement_timeout = {int(seconds * 1000)}")
                yield
    except OperationalError as error:
        if not any(word in str(error) for word in ("interrupted", "statement timeout")):
            raise
        raise SearchTooSlowError(str(error)) from error


@contextlib.contextmanager
def _clock_in_sqlite(seconds: float) -> Iterator[None]:
    connection.ensure_connection()
    ends_at = time.monotonic() + seconds
    connection.connection.set_progress_handler(lambda: time.monotonic() > ends_at, _STEPS)
    try:
        yield
    finally:
        connection.connection.set_progress_handler(None, 0)
