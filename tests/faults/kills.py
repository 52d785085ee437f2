"""`kill -9` of the web server, the worker and the whole program at random moments under load.

    make faults                       200 kills on SQLite, 200 on PostgreSQL; an hour
    FAULT_KILLS=20 FAULT_SEED=7 python -m pytest tests/faults/kills.py

Every view is of a reader of its own, and names a site of its own as where it came from: so each is
found again in the log and in the counts.
"""

import json
import os
import random
import signal
import socket
import threading
import time
from collections import Counter
from contextlib import closing, suppress
from itertools import count

import pytest
from tests.program import ON_POSTGRESQL, children_of, make_installation

KILLS = int(os.environ.get("FAULT_KILLS", "200"))
SEED = int(os.environ.get("FAULT_SEED", "1"))
#: Kills of parts before the whole program is killed: one that keeps dying is started ever later.
KILLS_A_START = 4
CLIENTS = 8
_FIND = """
import json
from collections import Counter
from django.db.models import Sum
from broadsheet.readership.counting import place_of
from broadsheet.readership.models import ArticleCount, Bucket, FoldState, ReferrerCount
from broadsheet.readership.view_reading import LogPlace, open_log, read_until
log, hosts, numbers = open_log(), Counter(), []
end = log.find_durable_end()
place = LogPlace()
while batch := log.read_batch(place, end=end, limit=20_000, stop_each=10**9):
    hosts.update(view.referring_host for view in batch.views)
    numbers += range(batch.first_sequence, batch.first_sequence + len(batch.views))
    place = batch.place
print(json.dumps({
    "log": hosts,
    "is_in_order": numbers == list(range(1, len(numbers) + 1)),
    "folded": FoldState.load().sequence,
    "referrers": Counter(dict(
        ReferrerCount.objects.values_list("host").annotate(Sum("views")).values_list("host", "views__sum")
    )),
    "counted": ArticleCount.objects.aggregate(n=Sum("counted"))["n"],
    "buckets": {
        size: Bucket.objects.filter(size=size).aggregate(n=Sum("views"))["n"]
        for size in Bucket.objects.values_list("size", flat=True).distinct()
    },
}))
"""


class Load:
    """Clients that send views, each once, whatever becomes of the server."""

    def __init__(self, program, article_ids):
        self.program, self.article_ids = program, article_ids
        self.numbers, self.is_over = count(), threading.Event()
        self.sent, self.acknowledged = set(), set()
        self.threads = [threading.Thread(target=self.run) for _ in range(CLIENTS)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_error):
        self.is_over.set()
        for thread in self.threads:
            thread.join()

    def run(self):
        while not self.is_over.is_set():
            with suppress(OSError), self.connect() as connection:
                while not self.is_over.is_set():
                    self.send(connection)
            self.is_over.wait(0.02)  # nobody listens there now

    def connect(self):
        return closing(socket.create_connection(("127.0.0.1", self.program.port), timeout=20))

    def send(self, connection):
        number = next(self.numbers)
        host = f"v{number}.example"
        article_id = self.article_ids[number % len(self.article_ids)]
        body = json.dumps({"article": article_id, "referrer": f"https://{host}/"}).encode()
        lines = [
            "POST /-/read HTTP/1.1", "Host: 127.0.0.1",
            "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            f"X-Forwarded-For: 10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
            f"Content-Length: {len(body)}", "", "",
        ]  # fmt: skip
        self.sent.add(host)
        connection.sendall("\r\n".join(lines).encode() + body)
        answer = connection.recv(4096)
        if answer.startswith(b"HTTP/1.1 204 "):
            self.acknowledged.add(host)
        elif not answer:
            raise ConnectionResetError
        else:
            assert answer.startswith(b"HTTP/1.1 503 "), answer


@pytest.fixture(params=["sqlite", "postgresql"])
def program(request, tmp_path):
    options = {"TRUSTED_PROXIES": "127.0.0.1", "VIEWS_A_MINUTE": "1000000"}
    if request.param == "sqlite":
        assert not ON_POSTGRESQL, "this test starts PostgreSQL itself"
        with make_installation(tmp_path / "home", **options) as program:
            yield program
        return
    from tests.postgres import Server  # its library is an extra

    with Server(fsync=True) as server:
        options["DATABASE_URL"] = server.create("news")
        with make_installation(tmp_path / "home", **options) as program:
            yield program


def kill_a_part(program, draw):
    """Kill the web server, one of its own processes or the worker, whichever chance takes."""
    parts = program.children()
    if parts:
        with suppress(ProcessLookupError):
            os.kill(draw.choice(parts), signal.SIGKILL)


def kill_all(program):
    everything = [program.process.pid, *children_of(program.process.pid)]
    for one in everything:
        os.kill(one, signal.SIGSTOP)  # so that none mourns for another
    for one in everything:
        os.kill(one, signal.SIGKILL)
    program.process.wait()
    program.process = None


def test_every_acknowledged_view_is_counted_once(program):
    draw = random.Random(SEED)
    article_ids = program.publish_bridges()
    program.start()
    kills = 0
    with Load(program, article_ids) as load:
        while kills < KILLS:
            taken = len(load.acknowledged)
            program.wait_until(lambda was=taken: len(load.acknowledged) > was, "views", within=120)
            for _ in range(draw.randint(1, KILLS_A_START)):
                time.sleep(draw.random() * 1.5)
                kill_a_part(program, draw)
                kills += 1
            time.sleep(draw.random())
            kill_all(program)
            kills += 1
            program.start(ready_within=120)
        taken = len(load.acknowledged)
        program.wait_until(lambda: len(load.acknowledged) > taken + 100, "views", within=120)

    found = {}

    def is_folded():
        found.update(json.loads(program.python(_FIND)))
        return found["folded"] == sum(found["log"].values())

    program.wait_until(is_folded, "the fold", within=300)
    program.stop()
    log, counted = Counter(found["log"]), Counter(found["referrers"])
    print(  # noqa: T201 - what `-s` shows
        f"\n{kills} kills, {len(load.sent)} views sent, {len(load.acknowledged)} acknowledged,"
        f" {log.total()} in the log"
    )
    assert load.acknowledged
    assert found["is_in_order"]
    assert load.acknowledged <= log.keys() <= load.sent
    assert set(log.values()) == {1}
    assert counted == log
    assert found["counted"] == log.total()
    assert set(found["buckets"].values()) == {log.total()}
    assert json.loads(program.run("recount", "--json").stdout)["differences"] == []
