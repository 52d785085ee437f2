"""Follow facts as their changes are committed, for a machine that keeps something of its own.

Delivery is for one machine of an installation. Every other hears of a fact here, within moments,
and at least once.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from .models import Fact

#: Numbers are given before the commit, and become visible in any order; after so long no
#: transaction is open that took one, by whichever machine's clock.
SETTLED = timedelta(minutes=2)


class FactFollower:
    """Reads the facts that are new since it last did; in `path` it keeps how far they are settled.

    `known` are the types of facts; others are passed over.
    """

    def __init__(self, known: Iterable[type], *, path: Path) -> None:
        self._known = {one.__name__: one for one in known}
        self._path = path
        self._settled: int | None = None
        self._seen: set[int] = set()

    def read_new(self, *, now: datetime) -> list[Any] | None:
        """Return new facts, the first first; None where some may have been missed before.

        That is so at the first time of all, and after a week without following.
        """
        if self._settled is None and not self._go_on():
            self._settle(self._last_settled(now))
            return None
        assert self._settled is not None
        present = dict(Fact.objects.filter(pk__gt=self._settled).values_list("pk", "announced_at"))
        new = present.keys() - self._seen
        rows = Fact.objects.in_bulk(new) if new else {}
        self._seen |= new
        settled = [pk for pk, at in present.items() if at < now - SETTLED]
        if settled:
            self._settle(max(settled))
        return [
            self._known[rows[pk].name](**rows[pk].payload)
            for pk in sorted(rows)
            if rows[pk].name in self._known
        ]

    def _go_on(self) -> bool:
        """Go on from where an earlier process stood, if what followed is still there."""
        try:
            settled = int(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return False
        if settled and not Fact.objects.filter(pk=settled).exists():
            return False
        self._settled = settled
        return True

    def _last_settled(self, now: datetime) -> int:
        old = Fact.objects.filter(announced_at__lt=now - SETTLED).order_by("-pk")
        return old.values_list("pk", flat=True).first() or 0

    def _settle(self, settled: int) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished = self._path.with_suffix(".new")
        unfinished.write_text(str(settled), "utf-8")
        unfinished.replace(self._path)
        self._settled = settled
        self._seen = {pk for pk in self._seen if pk > settled}
