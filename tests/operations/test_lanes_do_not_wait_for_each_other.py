import threading
import time

import pytest

from broadsheet.operations.working import (
    ClockJob,
    Worker,
    WorkerRunsError,
    is_worker_running,
    read_heartbeat,
)

# Lanes close their database connections when they end.
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "readership"])


class Noted:
    """Jobs that note when they ran."""

    def __init__(self):
        self.ran = []
        self.release = threading.Event()

    def quick(self, _now):
        self.ran.append("quick")

    def slow(self, _now):
        self.ran.append("slow began")
        self.release.wait(10)
        self.ran.append("slow ended")

    def fails(self, _now):
        self.ran.append("failed")
        raise ValueError("no ink")

    def more(self, _now):
        self.ran.append("more")
        return self.ran.count("more") < 5


@pytest.fixture
def noted():
    return Noted()


@pytest.fixture
def at_work(tmp_path):
    """`at_work(job, …)`: a worker that runs them; stopped after the test."""
    started = []

    def start(*jobs):
        worker = Worker(jobs, home=tmp_path)
        thread = threading.Thread(target=worker.run)
        thread.start()
        started.append((worker, thread))
        return worker

    yield start
    for worker, thread in started:
        worker.stop()
        thread.join(30)
        assert not thread.is_alive()


def wait_until(is_so, seconds=5):
    ends_at = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends_at
        time.sleep(0.01)


def test_a_slow_job_holds_back_its_own_lane_only(noted, at_work):
    at_work(
        ClockJob("slow", noted.slow, each_seconds=60, lane="a"),
        ClockJob("behind", noted.more, each_seconds=60, lane="a"),
        ClockJob("quick", noted.quick, each_seconds=0.01, lane="b"),
    )
    wait_until(lambda: noted.ran.count("quick") >= 5)
    assert "more" not in noted.ran
    noted.release.set()
    wait_until(lambda: "more" in noted.ran)


def test_a_failing_job_pauses_and_holds_back_no_other(noted, at_work, caplog):
    at_work(
        ClockJob("fails", noted.fails, each_seconds=0.01, lane="a"),
        ClockJob("quick", noted.quick, each_seconds=0.01, lane="a"),
    )
    wait_until(lambda: noted.ran.count("quick") >= 20)
    assert noted.ran.count("failed") == 1
    assert "“fails” failed (1 in a row)" in caplog.text
    assert "no ink" in caplog.text


def test_a_job_with_more_to_do_runs_again_at_once(noted, at_work):
    at_work(ClockJob("more", noted.more, each_seconds=60, lane="a"))
    wait_until(lambda: noted.ran.count("more") == 5)
    time.sleep(0.1)
    assert noted.ran.count("more") == 5


def test_one_worker_a_home(noted, at_work, tmp_path):
    job = ClockJob("quick", noted.quick, each_seconds=0.01, lane="a")
    assert not is_worker_running(tmp_path)
    worker = at_work(job)
    wait_until(lambda: noted.ran)
    assert is_worker_running(tmp_path)
    with pytest.raises(WorkerRunsError, match="another worker"):
        Worker([job], home=tmp_path).run()
    worker.stop()
    wait_until(lambda: not is_worker_running(tmp_path))


def test_the_heartbeat_names_each_lane(noted, at_work, tmp_path):
    assert read_heartbeat(tmp_path) == {}
    at_work(
        ClockJob("quick", noted.quick, each_seconds=0.01, lane="a"),
        ClockJob("more", noted.more, each_seconds=0.01, lane="b"),
    )
    wait_until(lambda: read_heartbeat(tmp_path).keys() == {"a", "b"})


def test_the_clock_table_names_each_job_once():
    from broadsheet.project.wiring import CLOCK

    assert len({job.name for job in CLOCK}) == len(CLOCK)
