"""Which story an article continues, by its words and its time: single-pass clustering.

The score is a logistic function of four numbers: the cosine of the article and the sum of the
story's vectors, and how near the article is in time to the story's newest, oldest and mean
moment. Weights and method: docs/explanation/themes.md. Nothing here knows where stories are kept,
so what is measured (`evaluating`) is what the site does (`relating`).
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .texts import TERMS_KEPT, Vector, length_of, product_of

#: A story takes nothing up that is farther than this from its members.
STORY_WINDOW = timedelta(days=14)
#: The fitted weights of the measured method ("base" with five-letter stems).
COSINE, NEWEST, OLDEST, MEAN, CONSTANT = 14.35, 3.60, 2.84, 3.05, -14.13
#: In place of the three times, where an article or all of a story has none.
UNDATED = 8.5
#: In place of `COSINE`, between headlines alone: they have few words to share; one is no story.
HEADLINE_COSINE, HEADLINE_WORDS = 18.0, 2
DAYS_SQUARED = 18.0  # twice the square of three days
#: Above this an article joins. Broader (0.10) finds more of what one event led to, narrower (0.30)
#: keeps a newsroom of one beat apart.
JOIN_THRESHOLD = 0.15
#: Between a headline alone and an article: few words make a cosine large. It keeps an election and
#: the visit that follows it apart, which one name and two offices would join.
MIXED_THRESHOLD = 0.50
#: Two stories of headlines alone, both told of within so long, are one story where a headline that
#: joined one fits the other too, and they have so much of the cosine in common.
BURST, BURST_COSINE = timedelta(days=2), 0.20

_DAY = timedelta(days=1)

CANDIDATE_TERMS = 25
CANDIDATE_ARTICLES = 40
CANDIDATE_STORIES = 12
STORY_TERMS_KEPT = 250


@dataclass(frozen=True, slots=True)
class Piece:
    """An article as it is compared: a unit vector, heaviest first; when it was published, if that
    is known; whether it is a headline without a text.
    """

    terms: Vector
    at: datetime | None
    is_headline: bool = False


@dataclass(slots=True)
class StoryState:
    """A story as it is compared: the sum of its members' vectors, and when they were published.

    `headlines` counts the members that are headlines alone, `dated` those whose time is known.
    """

    id: int
    terms: dict[str, float] = field(default_factory=dict)
    size: int = 0
    headlines: int = 0
    dated: int = 0
    oldest: datetime | None = None
    newest: datetime | None = None
    mean: datetime | None = None
    _length: float | None = None

    @property
    def length(self) -> float:
        if self._length is None:
            self._length = length_of(self.terms)
        return self._length

    @property
    def is_headlines(self) -> bool:
        return self.headlines == self.size

    def join(self, piece: Piece) -> None:
        """Add what a new member says."""
        self.size += 1
        self.headlines += piece.is_headline
        self._set_terms(_add(self.terms, piece.terms, times=1))
        if piece.at is not None:
            self._take_times(1, piece.at, piece.at, piece.at)

    def leave(self, piece: Piece, *, others: Sequence[datetime]) -> None:
        """Take out what a former member says; `others` are the times of those who stay."""
        self.size = self.dated = len(others)
        self.headlines = max(0, self.headlines - piece.is_headline)
        self._set_terms(_add(self.terms, piece.terms, times=-1))
        oldest = min(others)
        since = (moment - oldest for moment in others)
        self.oldest, self.newest = oldest, max(others)
        self.mean = oldest + sum(since, timedelta(0)) / len(others)

    def take_in(self, other: "StoryState") -> None:
        """Add all that another story says."""
        self.size += other.size
        self.headlines += other.headlines
        self._set_terms(_add(self.terms, other.terms, times=1))
        if other.oldest is not None and other.newest is not None and other.mean is not None:
            self._take_times(other.dated, other.oldest, other.newest, other.mean)

    def _take_times(self, dated: int, oldest: datetime, newest: datetime, mean: datetime) -> None:
        if self.oldest is None or self.newest is None or self.mean is None:
            self.dated, self.oldest, self.newest, self.mean = dated, oldest, newest, mean
            return
        self.dated += dated
        self.oldest, self.newest = min(self.oldest, oldest), max(self.newest, newest)
        self.mean += (mean - self.mean) * dated / self.dated

    def _set_terms(self, terms: dict[str, float]) -> None:
        self.terms, self._length = terms, None


@dataclass(frozen=True, slots=True)
class Fit:
    """How well an article fits a story: a probability, 0.0–1.0."""

    story: StoryState
    score: float


@dataclass(frozen=True, slots=True)
class Shared:
    """A term that another article holds, with its weight there."""

    term: str
    article_id: int
    weight: float
    is_sure: bool = True


def heaviest(terms: Vector) -> dict[str, float]:
    """The terms by which candidates are found; `terms` come heaviest first."""
    return dict(list(terms.items())[:CANDIDATE_TERMS])


def rank_articles(terms: Vector, shared: Iterable[Shared]) -> list[int]:
    """Return the articles that share most with `terms`, best first."""
    partial: dict[int, float] = defaultdict(float)
    for found in shared:
        partial[found.article_id] += terms.get(found.term, 0.0) * found.weight
    return sorted(partial, key=lambda pk: (-partial[pk], pk))[:CANDIDATE_ARTICLES]


def stories_of(articles: Iterable[int], story_of: Mapping[int, int]) -> list[int]:
    """Return the stories of `articles` that are compared, in their order."""
    ranked = dict.fromkeys(story_of[pk] for pk in articles if pk in story_of)
    return list(ranked)[:CANDIDATE_STORIES]


def find_fits(
    piece: Piece, stories: Iterable[StoryState], *, threshold: float = JOIN_THRESHOLD
) -> list[Fit]:
    """Return the stories that an article fits well enough, best first; in a tie the older one."""
    fits = [Fit(story, fit_of(piece, story)) for story in stories if is_near(piece.at, story)]
    fits.sort(key=lambda fit: (-fit.score, fit.story.id))
    mixed = max(threshold, MIXED_THRESHOLD)
    return [
        fit
        for fit in fits
        if fit.score > (threshold if piece.is_headline == fit.story.is_headlines else mixed)
    ]


def fit_of(piece: Piece, story: StoryState) -> float:
    """Return the probability that an article continues `story`."""
    weight = HEADLINE_COSINE if piece.is_headline and story.is_headlines else COSINE
    if piece.is_headline and len(piece.terms.keys() & story.terms.keys()) < HEADLINE_WORDS:
        return 0.0
    alike = product_of(piece.terms, story.terms) / story.length if story.length else 0.0
    if piece.at is None or story.newest is None or story.oldest is None or story.mean is None:
        when = UNDATED
    else:
        when = (
            NEWEST * _nearness(piece.at - story.newest)
            + OLDEST * _nearness(piece.at - story.oldest)
            + MEAN * _nearness(piece.at - story.mean)
        )
    return 1 / (1 + math.exp(-(weight * alike + when + CONSTANT)))


def find_burst(piece: Piece, fits: Sequence[Fit]) -> list[StoryState]:
    """Return the stories that become one with the first of `fits`, which the article joined.

    Only within a burst of headlines alone, for these scatter: an article is never the reason.
    """
    if not piece.is_headline or len(fits) < 2 or not fits[0].story.is_headlines:  # noqa: PLR2004 - a pair
        return []
    joined = fits[0].story
    return [
        fit.story
        for fit in fits[1:]
        if fit.story.is_headlines
        and _apart(fit.story.newest, joined.newest) <= BURST
        and product_of(fit.story.terms, joined.terms)
        > BURST_COSINE * fit.story.length * joined.length
    ]


def is_near(at: datetime | None, story: StoryState) -> bool:
    """Whether a story may be continued at a moment."""
    if at is None or story.oldest is None or story.newest is None:
        return True
    return story.oldest - STORY_WINDOW <= at <= story.newest + STORY_WINDOW


def _nearness(apart: timedelta) -> float:
    days = apart / _DAY
    return math.exp(-days * days / DAYS_SQUARED)


def _apart(one: datetime | None, other: datetime | None) -> timedelta:
    return abs(one - other) if one is not None and other is not None else timedelta(0)


def _add(one: Mapping[str, float], other: Mapping[str, float], *, times: int) -> dict[str, float]:
    total = dict(one)
    for term, weight in other.items():
        total[term] = round(total.get(term, 0.0) + times * weight, 5)
    if len(total) <= TERMS_KEPT:
        return total
    kept = sorted(total.items(), key=lambda pair: (-pair[1], pair[0]))[:STORY_TERMS_KEPT]
    return {term: weight for term, weight in kept if weight > 0}
