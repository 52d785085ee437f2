import threading

import pytest
from tests.postgres import Server
from tests.program import Program

from broadsheet.operations.leading import Leadership
from broadsheet.operations.working import ClockJob, Worker
from broadsheet.project.databases import databases_at

# Lanes close their database connections when they end.
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "readership", "views"])


@pytest.fixture(scope="module")
def server():
    with Server() as server:
        server.create("news")
        yield server


@pytest.fixture
def machine(server):
    """`machine()`: another machine that asks whether it leads; it stops after the test."""
    database = databases_at(server.url("news"))["default"]
    started = []

    def start():
        leading = Leadership(database)
        leading.start()
        started.append(leading)
        return leading

    yield start
    for leading in started:
        leading.stop()


def wait_until(is_so, *, within=10):
    Program.wait_until(is_so, "it", within=within)


def test_one_leads_and_the_next_when_it_stops(machine):
    machines = [machine() for _ in range(3)]
    wait_until(lambda: any(one() for one in machines))
    [first] = [one for one in machines if one()]
    first.stop()
    assert not first()
    wait_until(lambda: any(one() for one in machines))
    assert sum(one() for one in machines) == 1


def test_one_that_is_cut_off_loses_the_lead_or_takes_it_again(machine, server):
    machines = [machine(), machine()]
    for _ in range(3):
        wait_until(lambda: any(one() for one in machines))
        server.cut_connections("news", which="SELECT")
    wait_until(lambda: sum(one() for one in machines) == 1)


def test_without_the_server_nobody_leads_and_somebody_when_it_is_back(machine, server):
    machines = [machine(), machine()]
    wait_until(lambda: any(one() for one in machines))
    server.stop()
    wait_until(lambda: not any(one() for one in machines))
    server.start()
    wait_until(lambda: sum(one() for one in machines) == 1)


def test_one_that_does_not_lead_does_what_is_per_machine_alone(tmp_path):
    ran, leads, noted = [], threading.Event(), threading.Condition()

    def note(name):
        def run(_now):
            with noted:
                ran.append(name)
                noted.notify_all()

        return run

    class Told:
        def __call__(self):
            return leads.is_set()

        def start(self):
            ran.append("asked")

        def stop(self):
            ran.append("let go")

    jobs = [
        ClockJob("fold", note("fold"), each_seconds=0.01, lane="a"),
        ClockJob("press", note("press"), each_seconds=0.01, lane="a", per="machine"),
    ]
    worker = Worker(jobs, home=tmp_path, leading=Told())
    thread = threading.Thread(target=worker.run)
    thread.start()
    with noted:
        assert noted.wait_for(lambda: ran.count("press") >= 5, 30)
        assert "fold" not in ran
        leads.set()
        assert noted.wait_for(lambda: "fold" in ran, 30)
    worker.stop()
    thread.join(30)
    # Another machine may lead only when nothing runs here any more.
    assert (ran[0], ran[-1]) == ("asked", "let go")
