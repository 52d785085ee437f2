"""Keep this machine's pages true to what others change, where several make up an installation.

A process that makes a change drops its own machine's pages at the commit. Every other machine's
worker follows the facts: what is withdrawn elsewhere is shown here for a fraction of a second more.
"""

from datetime import datetime
from typing import Any

from broadsheet.outbox.following import FactFollower
from broadsheet.readership.queries import last_ranked_at

from . import made_from
from .invalidating import WAITING, learn_anew, press_rankings
from .stored import address_filter, page_store
from .touching import touched_by


class RankingFollower:
    """Has the pages that show a ranking pressed on this machine, after any has ranked."""

    def __init__(self) -> None:
        self._known: datetime | None = None

    def follow(self) -> None:
        ranked_at = last_ranked_at()
        if ranked_at != self._known:
            press_rankings()
            self._known = ranked_at


def follow_facts(follower: FactFollower, *, now: datetime) -> None:
    """Drop what the facts touch that became visible since the last call; all after a long time."""
    facts = follower.read_new(now=now)
    if facts is None:
        page_store().drop({made_from.SITE})
        learn_anew()
    elif facts:
        _drop_touched(facts)


def _drop_touched(facts: list[Any]) -> None:
    journal, touched = page_store().journal, touched_by(facts)
    address_filter().add(touched.addresses)
    # Withheld for a moment: a page of what was withdrawn may not linger while it is pressed anew.
    places = [journal.expect(touched.withdrawn, withhold=True)] if touched.withdrawn else []
    journal.drop(touched.tags | touched.withdrawn, closes=places)
    WAITING.add(touched.pages)
