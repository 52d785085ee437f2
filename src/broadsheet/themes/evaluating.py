"""Replay labelled articles as if they were published, and measure the stories that come of it.

What decides is what decides on the site: `texts`, `frequencies` and `clustering`. Rows are kept in
memory instead of in tables; terms are looked up as `postings` does.
"""

import json
import resource
import time
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .clustering import (
    JOIN_THRESHOLD,
    STORY_WINDOW,
    Piece,
    Shared,
    StoryState,
    find_burst,
    find_fits,
    heaviest,
    rank_articles,
    stories_of,
)
from .frequencies import Frequencies
from .languages import language_of
from .postings import PER_TERM
from .texts import count_terms, weigh_terms

#: Written without spaces between words: terms cannot be told apart without a segmenter.
WITHOUT_SPACES = frozenset({"ja", "km", "lo", "my", "th", "zh"})
_UNDATED_AT = 0.0


class BadLineError(ValueError):
    """A line is no labelled article; the message says which, and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """An article with the story that it was given; None where it was given none."""

    id: str
    language: str
    at: datetime | None
    title: str
    text: str
    story: Hashable


@dataclass(frozen=True, slots=True)
class Measures:
    """Precision, recall and F1, each 0.0–1.0."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    def as_json(self) -> dict[str, float]:
        return {
            "precision": round(self.precision, 4),
            "recall": round(self.recall, 4),
            "f1": round(self.f1, 4),
        }


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a replay of one file's articles in one language gave.

    `bcubed` is that of Bagga and Baldwin (1998); `singletons` what every article alone would
    reach by it. `memory_mb` is the most that this process has held so far.
    """

    file: str
    language: str
    articles: int
    stories_found: int
    stories_given: int
    bcubed: Measures
    pairwise: Measures
    singletons: Measures
    articles_per_second: float
    memory_mb: float

    def as_json(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "lang": self.language,
            "articles": self.articles,
            "stories_found": self.stories_found,
            "stories_given": self.stories_given,
            "bcubed": self.bcubed.as_json(),
            "pairwise": self.pairwise.as_json(),
            "singletons": self.singletons.as_json(),
            "articles_per_second": round(self.articles_per_second, 1),
            "memory_mb": round(self.memory_mb, 1),
        }


def read_labelled(path: Path) -> list[Labelled]:
    """Return a file's articles, by date, undated ones first and in the order of the file.

    Raises `OSError`, and `BadLineError` for the first line that is no article.
    """
    articles = []
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                articles.append(_read_line(path, number, line))
    articles.sort(key=lambda article: article.at.timestamp() if article.at else 0.0)
    return articles


def evaluate(
    file: str, articles: Iterable[Labelled], *, threshold: float = JOIN_THRESHOLD
) -> Iterator[Evaluation]:
    """Yield the evaluation of each language of a file; those of `WITHOUT_SPACES` are left out."""
    by_language: dict[str, list[Labelled]] = defaultdict(list)
    for article in articles:
        by_language[article.language].append(article)
    for language, written in sorted(by_language.items()):
        if language.partition("-")[0] in WITHOUT_SPACES:
            continue
        replay = Replay(language, threshold=threshold)
        began = time.perf_counter()
        for article in written:
            replay.publish(article.title, article.text, article.at)
        took = time.perf_counter() - began
        found = replay.stories()
        given = [article.story for article in written]
        yield Evaluation(
            file=file,
            language=language,
            articles=len(written),
            stories_found=len({f for f, g in zip(found, given, strict=True) if g is not None}),
            stories_given=len({story for story in given if story is not None}),
            bcubed=bcubed(found, given),
            pairwise=pairwise(found, given),
            singletons=bcubed(range(len(given)), given),
            articles_per_second=len(written) / took if took else 0.0,
            memory_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        )


class Replay:
    """An edition in memory: each article that is published joins a story or begins one."""

    def __init__(self, language: str, *, threshold: float = JOIN_THRESHOLD) -> None:
        self._language = language_of(language)
        self._threshold = threshold
        self._held: Counter[str] = Counter()
        self._stories: dict[int, StoryState] = {}
        self._story_of: dict[int, int] = {}
        self._members: dict[int, list[int]] = defaultdict(list)
        #: term → when, article and weight, in the order of time; as `postings` keeps them.
        self._postings: dict[str, list[tuple[float, int, float]]] = defaultdict(list)

    def publish(self, title: str, text: str, at: datetime | None) -> None:
        """Publish an article later than, or at the same time as, all before it."""
        number = len(self._story_of) + 1
        counts = count_terms(title, text, self._language)
        self._held.update({"", *counts})
        frequencies = Frequencies(self._held[""], self._held, self._language)
        piece = Piece(weigh_terms(counts, frequencies.idf(counts)), at, not text.strip())
        fits = find_fits(piece, self._candidates(piece), threshold=self._threshold)
        story = fits[0].story if fits else StoryState(id=number)
        self._stories[story.id] = story
        story.join(piece)
        self._story_of[number] = story.id
        self._members[story.id].append(number)
        for other in find_burst(piece, fits):
            self._merge(story, other)
        seconds = at.timestamp() if at else _UNDATED_AT
        for term, weight in heaviest(piece.terms).items():
            self._postings[term].append((seconds, number, weight))

    def stories(self) -> list[int]:
        """Return the story of each article, in the order of publishing."""
        return list(self._story_of.values())

    def _candidates(self, piece: Piece) -> list[StoryState]:
        shared = [
            Shared(term, number, weight)
            for term in heaviest(piece.terms)
            for _at, number, weight in self._newest(term, piece.at)
        ]
        wanted = stories_of(rank_articles(piece.terms, shared), self._story_of)
        return [self._stories[number] for number in wanted]

    def _newest(self, term: str, at: datetime | None) -> Sequence[tuple[float, int, float]]:
        postings = self._postings.get(term, [])
        if at is None:
            return postings[-PER_TERM:]
        window = STORY_WINDOW.total_seconds()
        first = bisect_left(postings, at.timestamp() - window, key=lambda one: one[0])
        last = bisect_right(postings, at.timestamp() + window, key=lambda one: one[0])
        near = postings[max(first, last - PER_TERM) : last]
        # What has no date may be of any.
        undated = bisect_right(postings, _UNDATED_AT, hi=first, key=lambda one: one[0])
        return [*postings[max(0, undated + len(near) - PER_TERM) : undated], *near]

    def _merge(self, kept: StoryState, other: StoryState) -> None:
        kept.take_in(other)
        for number in self._members.pop(other.id):
            self._story_of[number] = kept.id
            self._members[kept.id].append(number)
        del self._stories[other.id]


def bcubed(found: Iterable[Hashable], given: Sequence[Hashable]) -> Measures:
    """BCubed precision and recall over the articles that were given a story."""
    pairs = _labelled_pairs(found, given)
    cells, by_found, by_given = _count(pairs)
    if not pairs:
        return Measures(0.0, 0.0)
    precision = sum(n * n / by_found[f] for (f, _), n in cells.items()) / len(pairs)
    recall = sum(n * n / by_given[g] for (_, g), n in cells.items()) / len(pairs)
    return Measures(precision, recall)


def pairwise(found: Iterable[Hashable], given: Sequence[Hashable]) -> Measures:
    """Precision and recall of the pairs of articles that share a story."""
    together, in_found, in_given = (
        sum(n * (n - 1) for n in counted.values())
        for counted in _count(_labelled_pairs(found, given))
    )
    return Measures(
        together / in_found if in_found else 0.0, together / in_given if in_given else 0.0
    )


def _labelled_pairs(
    found: Iterable[Hashable], given: Sequence[Hashable]
) -> list[tuple[Hashable, Hashable]]:
    return [(f, g) for f, g in zip(found, given, strict=True) if g is not None]


def _count(
    pairs: Sequence[tuple[Hashable, Hashable]],
) -> tuple[Counter[tuple[Hashable, Hashable]], Counter[Hashable], Counter[Hashable]]:
    return Counter(pairs), Counter(f for f, _ in pairs), Counter(g for _, g in pairs)


def _read_line(path: Path, number: int, line: bytes) -> Labelled:
    try:
        told = json.loads(line)
    except ValueError as error:
        raise BadLineError(f"{path}, line {number}: this is no JSON: {error}") from None
    if not isinstance(told, dict):
        raise BadLineError(f"{path}, line {number}: this is no JSON object")
    for field in ("id", "lang", "title", "text"):
        if not isinstance(told.get(field), str):
            raise BadLineError(f"{path}, line {number}: {field!r} has to be a text")
    story = told.get("story")
    if not isinstance(story, str | int | None):
        raise BadLineError(f"{path}, line {number}: 'story' has to be a text, or null")
    return Labelled(
        id=told["id"],
        language=told["lang"].casefold(),
        at=_read_date(path, number, told.get("date")),
        title=told["title"],
        text=told["text"],
        story=story,
    )


def _read_date(path: Path, number: int, text: object) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        raise BadLineError(
            f"{path}, line {number}: 'date' takes a moment such as 2026-11-25T09:30:00Z, not {text!r}"
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
