"""Clients that send views which are found again one by one, and what became of them.

Every view is of a reader of its own, and names a site of its own as where it came from.
"""

import json
import socket
import threading
import time
from collections import Counter
from contextlib import closing, contextmanager, suppress
from itertools import count

from tests.program import ON_POSTGRESQL, make_installation

CLIENTS = 8
_FIND = """
import json
from collections import Counter
from django.db.models import Sum
from broadsheet.readership.models import ArticleCount, Bucket, FoldState, ReferrerCount
from broadsheet.readership.view_reading import LogPlace, open_log
log, hosts, is_in_order = open_log(), Counter(), True
end = log.find_durable_end()
place = LogPlace()
while batch := log.read_batch(place, end=end, limit=20_000, stop_each=10**9):
    hosts.update(view.referring_host for view in batch.views)
    is_in_order = is_in_order and batch.first_sequence == place.sequence + 1
    place = batch.place
print(json.dumps({
    "log": hosts,
    "is_in_order": is_in_order and place.sequence == hosts.total(),
    "folded": FoldState.load().sequence,
    "referrers": Counter(dict(
        ReferrerCount.objects.values_list("host").annotate(Sum("views")).values_list("host", "views__sum")
    )),
    "counted": ArticleCount.objects.aggregate(n=Sum("counted"))["n"],
    "robots": ArticleCount.objects.aggregate(n=Sum("robots"))["n"],
    "buckets": {
        size: Bucket.objects.filter(size=size).aggregate(n=Sum("views"))["n"]
        for size in Bucket.objects.values_list("size", flat=True).distinct()
    },
}))
"""


class Load:
    """Clients that send views, each once, whatever becomes of the server.

    Each of them waits for `pause` seconds between its views.
    """

    def __init__(self, program, article_ids, *, pause=0.0):
        self.program, self.article_ids, self.pause = program, article_ids, pause
        self.numbers, self.is_over = count(), threading.Event()
        self.sent, self.acknowledged = set(), set()
        #: How long each answer took, in seconds.
        self.took = []
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
                    self.is_over.wait(self.pause)
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
        began = time.perf_counter()
        connection.sendall("\r\n".join(lines).encode() + body)
        answer = connection.recv(4096)
        self.took.append(time.perf_counter() - began)
        if answer.startswith(b"HTTP/1.1 204 "):
            self.acknowledged.add(host)
        elif not answer:
            raise ConnectionResetError
        else:
            assert answer.startswith(b"HTTP/1.1 503 "), answer


@contextmanager
def installation_on(kind, home):
    """An installation for load from one machine, on `sqlite` or `postgresql`."""
    options = {"TRUSTED_PROXIES": "127.0.0.1", "VIEWS_A_MINUTE": "1000000"}
    if kind == "sqlite":
        assert not ON_POSTGRESQL, "these tests start PostgreSQL themselves"
        with make_installation(home, **options) as program:
            yield program
        return
    from tests.postgres import Server  # its library is an extra

    with Server(fsync=True) as server:
        options["DATABASE_URL"] = server.create("news")
        with make_installation(home, **options) as program:
            yield program


def find(program):
    """What stands in the log, and what in the counts."""
    return json.loads(program.python(_FIND))


def check_that_each_is_counted_once(load, found, *, others=0):
    """Check that log and counts hold what was acknowledged, and `others` that named no site."""
    log, counted = Counter(found["log"]), Counter(found["referrers"])
    assert log.pop("", 0) == counted.pop("", 0) == others
    assert load.acknowledged
    assert found["is_in_order"]
    assert load.acknowledged <= log.keys() <= load.sent
    assert set(log.values()) == {1}
    assert counted == log
    assert found["counted"] == log.total() + others
    assert found["robots"] == 0
