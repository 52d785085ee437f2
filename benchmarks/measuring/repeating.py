"""Rounds that alternate, and what they say: a median with an interval around it."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Median:
    """The median of several rounds, and between which values it lies."""

    value: float
    low: float
    high: float

    def show(self, digits: int = 0) -> str:
        return f"{self.value:,.{digits}f} ({self.low:,.{digits}f}–{self.high:,.{digits}f})"


def median_of(values: Sequence[float]) -> Median:
    """Return the median with its 95 % interval: two order statistics, by the binomial
    distribution of how many values lie under the true median. Under six values: their range.
    """
    held = sorted(values)
    outside, low, count = 0.0, 0, len(held)
    for rank in range(count // 2):
        outside += 2 * math.comb(count, rank) / 2**count
        if outside > 0.05:
            break
        low = rank
    return Median(statistics.median(held), held[low], held[-1 - low])


def ratio_of(ours: Sequence[float], theirs: Sequence[float]) -> Median:
    """Return the median of the ratios of values that were measured in the same rounds."""
    return median_of([one / other for one, other in zip(ours, theirs, strict=True)])


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
