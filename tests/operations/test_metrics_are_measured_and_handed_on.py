import re

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import both_databases
from tests.readership.views import view

from broadsheet.operations.metrics import describe, write_metrics
from broadsheet.readership.counting import fold_all_views
from broadsheet.readership.intake_counts import IntakeCounts
from broadsheet.readership.view_log import ViewLog

SAMPLE = re.compile(r'(\w+)(?:\{(\w+)="((?:[^"\\\n]|\\.)*)"\})? (\S+)')


def read(text):
    """Every sample of a text, by name and label."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    found = [SAMPLE.fullmatch(line) for line in lines]
    assert all(found), lines
    return {(one[1], one[3] or ""): float(one[4]) for one in found}


@given(st.text(), st.floats(allow_nan=False))
def test_whatever_a_label_holds_a_sample_is_one_line(text, value):
    written = describe({("one", "gauge", "Help."): {(("label", text),): value}})
    *head, sample, end = written.split("\n")
    assert head == ["# HELP broadsheet_one Help.", "# TYPE broadsheet_one gauge"]
    assert end == ""
    label = re.fullmatch(r'broadsheet_one\{label="(.*)"\} (\S+)', sample, re.DOTALL)
    meant = {r"\\": "\\", r"\"": '"', r"\n": "\n"}
    assert re.sub(r"\\.", lambda escape: meant[escape[0]], label[1]) == text
    assert float(label[2]) == value


@both_databases
@pytest.mark.usefixtures("editions")
class TestWhatTheWorkerMeasures:
    @pytest.fixture(autouse=True)
    def _own_home(self, settings, tmp_path):
        settings.VIEW_LOG_DIRECTORY = tmp_path / "view-log"
        settings.INTAKE_DIRECTORY = tmp_path / "intake"
        settings.NUMBERS_DIRECTORY = tmp_path / "numbers"
        settings.METRICS_FILE = tmp_path / "metrics"

    def test_the_views_of_the_day_and_how_far_they_are_folded(self, client, settings):
        now = timezone.now()
        log = ViewLog(settings.VIEW_LOG_DIRECTORY)
        log.append_all([view(by=n, at=now) for n in range(3)])
        log.append_all([view(by=9, at=now, verdict="robot:bot")])
        fold_all_views(now=now)
        log.append_all([view(by=n, at=now, minutes=-0.1) for n in range(10, 12)])
        log.close()
        refusals = IntakeCounts(settings.INTAKE_DIRECTORY)
        refusals.add("unavailable", now=now)
        refusals.write()
        assert client.get("/-/metrics").status_code == 503

        write_metrics(now=now)
        answer = client.get("/-/metrics")
        assert answer.status_code == 200
        assert answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert answer["Cache-Control"] == "no-store"
        said = read(answer.content.decode())
        views = {label: n for (name, label), n in said.items() if name == "broadsheet_views_total"}
        assert views == {"counted": 3, "robot:bot": 1, "unavailable": 1}
        assert said["broadsheet_views_logged", ""] == 6
        assert said["broadsheet_views_folded", ""] == 4
        assert said["broadsheet_fold_wait_seconds", ""] == pytest.approx(6, abs=0.01)
        assert said["broadsheet_check_well", "worker"] == 0
        assert said["broadsheet_check_well", "fold"] == 1
        assert said["broadsheet_written_seconds", ""] == pytest.approx(now.timestamp())

    def test_asking_asks_no_database(self, client, django_assert_num_queries, settings):
        settings.METRICS_FILE.write_text("broadsheet_one 1.0\n")
        with django_assert_num_queries(0):
            assert client.get("/-/metrics").content == b"broadsheet_one 1.0\n"
