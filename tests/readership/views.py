"""Views, logs and doors for the tests of readership."""

import hashlib
from datetime import UTC, datetime, timedelta

from broadsheet.readership.view_reading import FileLog, LogPlace
from broadsheet.readership.view_records import View

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"


def reader(name):
    return hashlib.sha256(str(name).encode()).digest()[:16]


def view(article_id=1, *, by="anna", at=NOON, minutes=0.0, before=None, **fields):
    """A view by a reader, `minutes` after `at`; `before` names the reader's hash of yesterday."""
    moment = at + timedelta(minutes=minutes)
    return View(
        received_at_ms=round(moment.timestamp() * 1000),
        article_id=article_id,
        reader=reader(by),
        reader_yesterday=None if before is None else reader(before),
        **fields,
    )


def read_all(directory, *, limit=1000, stop_each=16_384):
    """Every (sequence, view) of a log, as the fold reads it."""
    log = FileLog(directory)
    end = log.find_durable_end()
    place, found = LogPlace(), []
    while end and (batch := log.read_batch(place, end=end, limit=limit, stop_each=stop_each)):
        found += enumerate(batch.views, batch.first_sequence)
        place = batch.place
    return found
