"""The demo's readers: views as intake would have written them, sent through the real log.

What is made up is who read what and when: interest that fades in the hours after publication,
the rhythm of a day, readers who come back too soon, robots. What a view is, and what counts, is
left to readership.
"""

import hashlib
import math
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from broadsheet.readership.reader_keys import OLD_KEY_LIVES_UNTIL
from broadsheet.readership.view_log import ViewLog
from broadsheet.readership.view_reading import FileLog, LogPlace
from broadsheet.readership.view_records import ACCEPTED, IMAGE, READER_BYTES, SCRIPT, View

#: Most of an article's readers come on its first day, the rest over the following ones.
EARLY_SHARE = 0.75
EARLY_HOURS, LATE_HOURS = 7.0, 50.0
#: How lively each hour of the day is, in the edition's zone; the liveliest is 1.
RHYTHM = (
    0.35, 0.20, 0.12, 0.09, 0.10, 0.18, 0.40, 0.70, 0.95, 1.0, 0.95, 0.90,
    0.95, 1.0, 0.90, 0.85, 0.85, 0.90, 0.95, 1.0, 1.0, 0.95, 0.80, 0.55,
)  # fmt: skip
REREAD_SHARE, ROBOT_SHARE, IMAGE_SHARE = 0.05, 0.06, 0.03
REREAD_MINUTES = 25
#: No two editions like an article as much.
TASTE = (0.6, 1.5)
READERS_AN_EDITION = 14_000
ROBOTS = 40
VERDICTS = {
    "robot:bot": 10,
    "robot:crawl": 3,
    "robot:headless": 2,
    "robot:python": 2,
    "prefetch": 3,
}
HOSTS = {"": 60, "www.google.com": 14, "t.me": 9, "www.facebook.com": 8, "duckduckgo.com": 4,
         "www.bing.com": 3, "t.co": 2}  # fmt: skip
_BATCH = 20_000


@dataclass(frozen=True, slots=True)
class ReadArticle:
    """What decides how often an article was read; `popularity` is 1 to 10."""

    article_id: int
    zone: ZoneInfo
    readers: int  # whose: a number for each edition
    published_at: datetime
    popularity: int


def send_views(
    articles: Sequence[ReadArticle], *, directory: Path, now: datetime, views: int
) -> int:
    """Write about `views` views of the time up to `now` to the log of `directory`.

    They come in the order of their moments. Where the log has views already, only later ones
    follow, so that a run which was cut short goes on. Returns how many were written.
    """
    after_ms = _last_received_ms(directory)
    made = make_views(articles, now=now, views=views, key=secrets.token_bytes(32))
    waiting = [view for view in made if view.received_at_ms > after_ms]
    log = ViewLog(directory)
    try:
        log.append_all(waiting)
    finally:
        log.close()
    return len(waiting)


def make_views(
    articles: Sequence[ReadArticle], *, now: datetime, views: int, key: bytes, seed: int = 0
) -> list[View]:
    """Return about `views` views of `articles` up to `now`, in the order of their moments.

    `key` makes the readers' hashes. All else follows from the seed.
    """
    chance = Random(seed)  # noqa: S311 - nobody's secret: which article is read when
    weights = [
        one.popularity**2
        * chance.uniform(*TASTE)
        * _share_read(_hours_between(one.published_at, now))
        for one in articles
    ]
    each = views / (sum(weights) or 1)
    made: list[View] = []
    for one, weight in zip(articles, weights, strict=True):
        for _ in range(round(weight * each)):
            made += _visit(one, now=now, key=key, chance=chance)
    return sorted(made, key=lambda view: view.received_at_ms)


def _visit(one: ReadArticle, *, now: datetime, key: bytes, chance: Random) -> Iterator[View]:
    """Yield one view, or two where the reader comes back within minutes."""
    at = one.published_at + timedelta(hours=_hours_after(one, now, chance))
    door = IMAGE if chance.random() < IMAGE_SHARE else SCRIPT
    host = _choose(HOSTS, chance)
    if chance.random() < ROBOT_SHARE:
        robot = f"robot {chance.randrange(ROBOTS)}"
        yield _view(one, at, robot, key, verdict=_choose(VERDICTS, chance))
        return
    # Squared: some readers come again and again, most hardly ever.
    reader = f"{one.readers}: {int(READERS_AN_EDITION * chance.random() ** 2)}"
    yield _view(one, at, reader, key, door=door, host=host)
    again = at + timedelta(minutes=1 + chance.random() * (REREAD_MINUTES - 1))
    if chance.random() < REREAD_SHARE and again <= now:
        yield _view(one, again, reader, key, door=door)


def _view(
    one: ReadArticle,
    at: datetime,
    reader: str,
    key: bytes,
    *,
    door: str = SCRIPT,
    verdict: str = ACCEPTED,
    host: str = "",
) -> View:
    day = at.astimezone(UTC)
    yesterday = day - timedelta(days=1)
    is_early = day.time() < OLD_KEY_LIVES_UNTIL
    return View(
        received_at_ms=int(at.timestamp() * 1000),
        article_id=one.article_id,
        reader=_hash(key, reader, day),
        reader_yesterday=_hash(key, reader, yesterday) if is_early else None,
        door=door,
        verdict=verdict,
        referring_host=host,
    )


def _hash(key: bytes, reader: str, day: datetime) -> bytes:
    """Another hash each UTC day, as a reader's is."""
    who = f"{day.date()} {reader}".encode()
    return hashlib.blake2b(who, key=key, digest_size=READER_BYTES).digest()


def _share_read(hours: float) -> float:
    """How much of an article's lasting readership has come `hours` after publication."""
    early, late = (1 - math.exp(-hours / of) for of in (EARLY_HOURS, LATE_HOURS))
    return EARLY_SHARE * early + (1 - EARLY_SHARE) * late


def _hours_after(one: ReadArticle, now: datetime, chance: Random) -> float:
    """Draw how long after publication a view came: before `now`, at a likely hour of the day."""
    limit = _hours_between(one.published_at, now)
    early = EARLY_SHARE * (1 - math.exp(-limit / EARLY_HOURS)) / _share_read(limit)
    while True:
        of = EARLY_HOURS if chance.random() < early else LATE_HOURS
        # The inverse of the exponential distribution, cut off at `limit`.
        hours = -of * math.log1p(-chance.random() * (1 - math.exp(-limit / of)))
        local = (one.published_at + timedelta(hours=hours)).astimezone(one.zone)
        if chance.random() < RHYTHM[local.hour]:
            return hours


def _hours_between(published_at: datetime, now: datetime) -> float:
    return max(0.0, (now - published_at) / timedelta(hours=1))


def _choose(weights: dict[str, int], chance: Random) -> str:
    return chance.choices(list(weights), list(weights.values()))[0]


def _last_received_ms(directory: Path) -> int:
    """When the last view of the log came (Unix time in ms); 0 where there is none."""
    log = FileLog(directory)
    if (end := log.find_durable_end()) is None:
        return 0
    place, last = LogPlace(), 0
    while batch := log.read_batch(place, end=end, limit=_BATCH, stop_each=_BATCH):
        place, last = batch.place, batch.views[-1].received_at_ms
    return last
