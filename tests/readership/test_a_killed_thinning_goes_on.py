"""Thinning as the worker does it, on real files, killed at the worst moments."""

import json
import os

import pytest
from tests.conftest import files_alone

pytestmark = files_alone

THIN = """
import os
from django.utils import timezone
from broadsheet.readership import checkpoints
from broadsheet.readership.counting import fold_all_views
from broadsheet.readership.view_reading import FileLog

def die(*_arguments):
    os._exit(9)

fold_all_views(now=timezone.now())
moment = {moment!r}
if moment == "before the sums are committed":
    checkpoints.CheckpointState.objects.update_or_create = die
elif moment == "before the file is deleted":
    real, calls = FileLog.forget_until, []
    def forget(log, place):
        calls.append(place)
        return die() if len(calls) > 1 else real(log, place)
    FileLog.forget_until = forget
while checkpoints.thin_log(now=timezone.now()):
    pass
"""
APPEND = """
from broadsheet.readership.view_log import ViewLog
from broadsheet.readership.view_records import View
from django.conf import settings
from django.utils import timezone
now = round(timezone.now().timestamp() * 1000)
log = ViewLog(settings.VIEW_LOG_DIRECTORY)
log.append_all([
    View(now - 40 * 86_400_000 + n, n % 3 + 1, n.to_bytes(16, "big")) for n in range(300)
])
log.close()
"""
TOTALS = """
import json
from broadsheet.readership.models import CheckpointArticleCount, ArticleCount
rows = [dict(m.objects.values_list("article_id", "counted")) for m in (ArticleCount, CheckpointArticleCount)]
print(json.dumps(rows))
"""


@pytest.mark.parametrize("moment", ["before the sums are committed", "before the file is deleted"])
def test_a_thinning_that_is_killed_takes_nothing_twice_and_loses_nothing(
    installed, tmp_path, moment
):
    program = installed.copy_to(tmp_path / "home")
    log = program.home / "view-log"
    program.python(APPEND)
    [segment] = log.glob("*.views")
    os.utime(segment, (0, 0))
    program.python(APPEND)  # a new day's file
    with pytest.raises(AssertionError):  # it was killed
        program.python(THIN.format(moment=moment))
    assert segment.exists()
    assert json.loads(program.run("recount", "--json").stdout)["differences"] == []
    program.python(THIN.format(moment="none"))
    assert not segment.exists()
    found = json.loads(program.run("recount", "--json").stdout)
    assert (found["differences"], found["records"]) == ([], 300)
    counted, thinned = json.loads(program.python(TOTALS))
    assert thinned == {"1": 100, "2": 100, "3": 100}
    assert counted == {"1": 100, "2": 100, "3": 100}  # the same readers again: counted once
