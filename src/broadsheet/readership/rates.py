"""How many views a minute one network may bring: a bucket of tokens for each, in memory alone."""

from collections.abc import Callable
from time import monotonic

MINUTE = 60.0
#: Networks remembered, a few megabytes; whichever was heard of longest ago is forgotten.
MAX_NETWORKS = 20_000


class ViewRates:
    """The rates of all networks, as one process sees them.

    A network may bring `views_a_minute` at once, and after that as many again in the course of
    each minute; of several web processes each grants its share, for readers come to any. Of a bucket
    it is enough to know when it will be full: the generic cell rate algorithm (ITU-T I.371).
    """

    def __init__(
        self,
        views_a_minute: int,
        *,
        processes: int = 1,
        max_networks: int = MAX_NETWORKS,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._a_view = MINUTE / max(1, views_a_minute // processes)
        self._max_networks = max_networks
        self._clock = clock
        self._full_at: dict[bytes, float] = {}

    def is_over(self, network: bytes) -> bool:
        """Take one view of a network; return whether it was one too many, and was not taken."""
        now = self._clock()
        full_at = max(now, self._full_at.pop(network, now)) + self._a_view
        # Half a view of tolerance: what floating point loses is no view.
        is_over = full_at - now > MINUTE + self._a_view / 2
        if len(self._full_at) >= self._max_networks:
            del self._full_at[next(iter(self._full_at))]
        self._full_at[network] = full_at - self._a_view if is_over else full_at
        return is_over
