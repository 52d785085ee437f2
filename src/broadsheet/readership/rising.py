"""What is rising: articles that are read far more than their age and their own past let expect.

An article's views are taken for Poisson, with a rate that nobody knows: its uncertainty is a Gamma
distribution, and what was seen counts the less the longer ago it was. What the last hour could
bring is then a negative binomial distribution. That is the model of A. C. Harvey and C. Fernandes,
"Time Series Models for Count or Qualitative Observations", Journal of Business & Economic
Statistics 7 (1989), 407–417; its mean is an exponentially weighted one. How unlikely the views of
the hour were is a surprise as C. R. Legéndy and M. Salcman measured it in "Bursts and recurrences
of bursts …", Journal of Neurophysiology 53 (1985), 926–939: minus the logarithm of the probability
of so many or more.

Two things are fitted to news. Time is told in views of the edition, not in hours: what everybody
does in the morning is no rise. And an article without a past is expected to be read as the others
of its age are.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from math import inf, lgamma, log, log1p
from typing import NamedTuple

#: What rises does so within this; how far back the past goes, and after how long it counts half.
NOW = timedelta(hours=1)
PAST = timedelta(hours=24)
HALF_LIFE = timedelta(hours=6)
#: Articles are of one age that are all younger than the same of these, or than none.
AGES = (timedelta(hours=3), timedelta(hours=24))
#: It rises if so many readers came, at least so many times as expected, by chance once in 10,000.
LEAST_VIEWS = 5
LEAST_RATIO = 2.0
LEAST_SURPRISE = 4.0
#: An article without others of its age is expected to have one reader.
LEAST_TYPICAL = 1.0


class Cell(NamedTuple):
    """A span of the past: Unix times, and how much a view in it still counts."""

    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True)
class Hour:
    """An article's views of the last hour, and of each cell of the past in which it had any."""

    article_id: int
    edition_id: int
    published_at: datetime | None
    views: int
    past: Mapping[Cell, int]


@dataclass(frozen=True, slots=True)
class Rise:
    """An article that rises; `surprise` is minus log10 of the probability of its views."""

    article_id: int
    views: int
    expected: float
    surprise: float


class Forecast(NamedTuple):
    """A negative binomial distribution: of the Gamma mixture, its `shape` and the `mean`."""

    shape: float
    mean: float


def cell(start: int, end: int, *, before: int) -> Cell:
    """Return a span of the past as it counts in a last hour that begins at `before`."""
    age = before - (start + end) / 2
    return Cell(start, end, 0.5 ** (age / HALF_LIFE.total_seconds()))


def find_rising(
    hours: Iterable[Hour], *, pasts: Mapping[int, Mapping[Cell, int]], now: datetime
) -> list[Rise]:
    """Return what rises among the articles that were read in the last hour, in no order.

    `hours` are all of these, for they are each other's measure; `pasts` are the views of whole
    editions, also those of articles that are no longer read.
    """
    read = list(hours)
    typical = _Typical(read, now=now)
    views_now: Counter[int] = Counter()
    for one in read:
        views_now[one.edition_id] += one.views
    editions = {number: _Past(pasts.get(number, {})) for number in views_now}
    rising = []
    for one in read:
        if one.views < LEAST_VIEWS:
            continue
        forecast = expect(
            past=sum(cell.weight * views for cell, views in one.past.items()),
            edition_past=editions[one.edition_id].since(one.published_at),
            edition_now=views_now[one.edition_id],
            typical=typical.of(one),
        )
        surprise = surprise_of(one.views, forecast)
        if surprise >= LEAST_SURPRISE and one.views >= LEAST_RATIO * forecast.mean:
            rising.append(Rise(one.article_id, one.views, forecast.mean, surprise))
    return rising


def expect(*, past: float, edition_past: float, edition_now: int, typical: float) -> Forecast:
    """Return what an article's last hour was to bring.

    `past` are its views and `edition_past` those of its edition since it was published, both
    weighted by age; `edition_now` are the edition's views of the last hour, and `typical` those
    that an article of that age had in it, which count as if one view had been seen of the past.
    """
    seen = edition_now / typical + edition_past
    return Forecast(shape=1.0 + past, mean=edition_now * (1.0 + past) / seen)


def surprise_of(views: int, forecast: Forecast) -> float:
    """Return minus log10 of the probability of `views` or more, 0 for no more than expected.

    The probability is bounded from above by a geometric series, which is exact for a shape of 1.
    """
    shape, mean = forecast
    if views <= mean:
        return 0.0
    spread = mean / (shape + mean)
    falls_by = spread * (shape + views) / (views + 1)
    if falls_by >= 1.0:
        return 0.0
    chance = (
        lgamma(shape + views)
        - lgamma(shape)
        - lgamma(views + 1)
        + shape * log1p(-spread)
        + views * log(spread)
        - log1p(-falls_by)
    )
    return max(0.0, -chance / log(10))


class _Typical:
    """How often the articles of an edition and an age were read in the last hour."""

    def __init__(self, read: Iterable[Hour], *, now: datetime) -> None:
        self._now = now
        self._sums: dict[tuple[int, int], tuple[int, int]] = {}
        for one in read:
            views, articles = self._sums.get(self._kind(one), (0, 0))
            self._sums[self._kind(one)] = views + one.views, articles + 1

    def of(self, one: Hour) -> float:
        """Return the mean of the others of its age."""
        views, articles = self._sums[self._kind(one)]
        return max(LEAST_TYPICAL, (views - one.views) / max(1, articles - 1))

    def _kind(self, one: Hour) -> tuple[int, int]:
        age = timedelta.max if one.published_at is None else self._now - one.published_at
        return one.edition_id, bisect_right(AGES, age)


class _Past:
    """The views of an edition, weighted by age, since any moment."""

    def __init__(self, views: Mapping[Cell, int]) -> None:
        self._cells = sorted(views)
        self._starts = [one.start for one in self._cells]
        weighted = (one.weight * views[one] for one in reversed(self._cells))
        #: Of all cells, of all but the first, … of none.
        self._sums = [*accumulate(weighted, initial=0.0)][::-1]

    def since(self, moment: datetime | None) -> float:
        """Return the views since `moment`, of a cell that it lies in by its share."""
        second = -inf if moment is None else moment.timestamp()
        after = bisect_right(self._starts, second)
        if after == 0:
            return self._sums[0]
        at = self._cells[after - 1]
        share = max(0.0, (at.end - second) / (at.end - at.start))
        return self._sums[after] + share * (self._sums[after - 1] - self._sums[after])
