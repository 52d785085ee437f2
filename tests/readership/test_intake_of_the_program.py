"""What only the shipped program can show: headers as they come, and files that are replaced."""

import json
import socket
from itertools import count

from tests.conftest import files_alone
from tests.readership.views import CHROME, read_all

from broadsheet.readership.whole_files import write_whole

EXCLUDE = """
from datetime import datetime, UTC
from broadsheet.readership.models import Exclusion
now = datetime.now(UTC)
Exclusion.objects.create(kind="network", value="198.51.100.0/24", from_ms=now.timestamp() * 1000,
                         reason="a newsroom", made_by="anna", made_at=now)
"""


class Door:
    """Sends views as a proxy does, and finds each in the log by its referring host."""

    def __init__(self, program, article_id):
        self.program, self.article_id = program, article_id
        self.numbers = count(1)

    def send(self, *forwarded_for):
        mark = f"view{next(self.numbers)}.example"
        body = json.dumps({"article": self.article_id, "referrer": f"https://{mark}/"}).encode()
        lines = [
            "POST /-/read HTTP/1.1", "Host: 127.0.0.1", f"User-Agent: {CHROME}",
            *(f"X-Forwarded-For: {one}" for one in forwarded_for),
            f"Content-Length: {len(body)}", "Connection: close", "", "",
        ]  # fmt: skip
        with socket.create_connection(("127.0.0.1", self.program.port), timeout=30) as connection:
            connection.sendall("\r\n".join(lines).encode() + body)
            assert b" 204 " in connection.recv(1000).partition(b"\r\n")[0]
        views = [view for _, view in read_all(self.program.home / "view-log")]
        [view] = [view for view in views if view.referring_host == mark]
        return view

    def wait_for(self, verdict, address):
        self.program.wait_until(lambda: self.send(address).verdict == verdict, verdict)


@files_alone
def test_who_is_let_in(program):
    machines = program.home / "machines"
    machines.write_text("# none yet\n")
    program.environment |= {
        "BROADSHEET_TRUSTED_PROXIES": "127.0.0.1,10.0.0.0/8",
        "BROADSHEET_DATACENTRE_NETWORKS": str(machines),
        "BROADSHEET_VIEWS_A_MINUTE": "10",
    }
    door = Door(program, program.publish_bridges()[0])
    program.start()

    one = door.send("203.0.113.1")
    assert one.verdict == "accepted"
    for said in (
        ["192.0.2.66, 203.0.113.1"], ["192.0.2.66", "203.0.113.1"], ["203.0.113.1, 10.0.0.7"],
        ["203.0.113.1", "10.0.0.7"], ["::ffff:203.0.113.1"], ["203.0.113.1:5000"],
    ):  # fmt: skip
        other = door.send(*said)
        assert (other.reader, other.network) == (one.reader, one.network), said
    assert door.send("203.0.113.2").network != one.network

    verdicts = [door.send("2001:db8::1").verdict for _ in range(11)]
    assert verdicts == ["accepted"] * 10 + ["over_rate"]
    assert door.send("2001:db8:0:1::1").verdict == "accepted"

    write_whole(machines, b"2001:db8:5::/48\n")
    door.wait_for("robot:datacentre", "2001:db8:5::1")
    write_whole(machines, b"no network\n")
    program.wait_until(lambda: door.send("192.0.2.1") and "line 1" in program.log, "the log")
    assert door.send("2001:db8:5::1").verdict == "robot:datacentre"

    program.python(EXCLUDE)
    door.wait_for("excluded:network", "198.51.100.7")
    assert door.send("192.0.2.7").verdict == "accepted"
