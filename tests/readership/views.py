"""Views, logs and doors for the tests of readership."""

import hashlib
import shutil
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import connections

from broadsheet.readership.models import FoldState
from broadsheet.readership.open_windows import OpenWindows
from broadsheet.readership.view_log import ViewLog, open_view_log
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


@contextmanager
def log_of(views, *, directory, each=1000, segment_bytes=2**20):
    """A log of these views, in frames of `each`; the fold reads it meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "VIEW_LOG_DIRECTORY", directory)
        log = ViewLog(directory, segment_bytes=segment_bytes)
        if is_in_postgresql():
            lose_log()
            log = open_view_log(directory, connections["views"].settings_dict)
        for start in range(0, len(views), each):
            log.append_all(views[start : start + each])
        log.close()
        yield
    if is_in_postgresql():
        from broadsheet.readership import table_log

        table_log._locks("views").close()
        lose_log()


def lose_log():
    """Take away the log that the fold reads."""
    if is_in_postgresql():
        from tests.postgres import empty_view_log

        empty_view_log(connections["views"].settings_dict)
    else:
        shutil.rmtree(settings.VIEW_LOG_DIRECTORY)


def is_in_postgresql():
    return connections["views"].vendor == "postgresql"


def open_windows():
    """What is open: reader, article and moment, in the order of readers."""
    windows = OpenWindows()
    windows.catch_up(sequence=FoldState.load().sequence)
    return sorted(windows.read_all())
