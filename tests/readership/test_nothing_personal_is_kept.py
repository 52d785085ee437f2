"""Every byte of an installation is searched for the readers that were there."""

import hashlib
import json
import os
import signal
from ipaddress import ip_address

import pytest
from django.db import connections
from tests.conftest import both_databases, files_alone
from tests.readership.test_the_doors import HEADERS, Site
from tests.readership.views import NOON

from broadsheet.readership.counting import fold_all_views
from broadsheet.readership.ranking import rank_popular

ADDRESS, PROXIED = "203.0.113.77", "198.51.100.23"
SIX = "2001:db8:4711:42::99"
ADDRESSES = [ADDRESS, PROXIED, SIX]
BROWSER = "Mozilla/5.0 (Peculiar; Browser of Anna) Gecko/20100101"
#: Where a packed IPv4 address would lie, and where four bytes seldom meet by chance.
READERSHIP = ("view-log", "view-keys", "numbers", "intake", "counts.sqlite3")


def traces(*, packed):
    """The addresses and the browser as texts, as bytes, and as hashes without a key."""
    for text in [*ADDRESSES, BROWSER, "Peculiar", "Browser of Anna"]:
        yield text.encode()
        yield text.encode().hex().encode()
        yield from hashes(text.encode())
    for text in ADDRESSES:
        address = ip_address(text)
        network = address.packed[: 4 if address.version == 4 else 8]
        yield from (address.packed.hex().encode(), address.packed.hex().upper().encode())
        yield from (network.hex().encode(), str(int(address)).encode(), address.exploded.encode())
        yield from hashes(address.packed)
        yield from hashes(network)
        if packed or len(network) > 4:
            yield from (network, network[::-1], b"4" + network, b"6" + network)


def hashes(data):
    for name in ("md5", "sha1", "sha256"):
        digest = hashlib.new(name, data).digest()
        yield from (digest, digest[:16], digest[:8], digest.hex()[:16].encode())


def find_traces(directory):
    """Return (file, trace) for every trace in a file, or in a file's name."""
    found, searched = [], []
    for path in directory.rglob("*"):
        kept = path.read_bytes() if path.is_file() else b""
        name = str(path.relative_to(directory))
        wanted = traces(packed=name.startswith(READERSHIP))
        found += [(name, trace) for trace in wanted if trace in kept or trace in name.encode()]
        searched.append(name)
    return found, searched


@both_databases
@pytest.mark.parametrize("address", [ADDRESS, SIX])
def test_no_file_or_table_holds_an_address_or_a_browser(settings, tmp_path, address):
    site = Site(tmp_path, trusted_proxies=[ADDRESS])
    settings.VIEW_LOG_DIRECTORY = site.directory
    headers = {**HEADERS, "user-agent": BROWSER, "x-forwarded-for": PROXIED}
    robot = {**headers, "user-agent": BROWSER + " bot"}
    for sent in (headers, robot, {**headers, "origin": "https://elsewhere.example"}):
        assert site.read(headers=sent, client=(address, 5)).status == 204
    fold_all_views(now=NOON)
    rank_popular(now=NOON)
    site.beacon.close()
    for name, text in kept_in_tables():
        (tmp_path / name).write_bytes(text)
    found, searched = find_traces(tmp_path)
    assert any(name.endswith(".views") for name in searched)
    assert any(name.endswith(".key") for name in searched)
    assert found == []


def kept_in_tables():
    with connections["readership"].cursor() as cursor:
        for table in connections["readership"].introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            rows = cursor.fetchall()
            blobs = [bytes(v) for row in rows for v in row if isinstance(v, (bytes, memoryview))]
            yield f"counts.sqlite3-{table}", repr(rows).encode() + b"".join(blobs)


@files_alone
class TestTheWholeProgram:
    """`serve` behind a proxy, killed while it works: memory is lost, files are searched."""

    def send_everything(self, program, article_id):
        body = json.dumps({
            "article": article_id, "referrer": f"https://search.example/?from={PROXIED}",
        }).encode()  # fmt: skip
        statuses = set()
        for address in (PROXIED, f"{PROXIED}:4711", SIX, f"[{SIX}]:443", f"{SIX}, {ADDRESS}"):
            said = {"X_Forwarded_For": address, "User_Agent": BROWSER}
            said["Referer"] = f"https://search.example/?from={address}"
            for changes in (
                {}, {"Origin": "https://elsewhere.example"}, {"Sec_Purpose": "prefetch"},
                {"User_Agent": f"{BROWSER} examplebot/1.0"}, {"User_Agent": f"{BROWSER} Googlebot/2"},
            ):  # fmt: skip
                headers = {**said, **changes}
                sent = program.get("/-/read", method="POST", body=body, **headers)
                pixel = program.get(f"/-/read.gif?article={article_id}", **headers)
                statuses |= {sent.status, pixel.status}
            for what in (body + bytes(1100), b"nonsense", b'{"article": 999999}'):
                statuses.add(program.get("/-/read", method="POST", body=what, **said).status)
            for path in ("/en/", "/en/news/bridge-0", "/en/none", "/-/numbers?ids=1", "/desk/"):
                program.get(path, **said)
        assert statuses == {204, 200, 413, 400, 404}

    @pytest.mark.parametrize("end", ["at once", "later"])
    def test_nothing_is_found_of_who_was_there_after_kill_9(self, program, end):
        program.environment["BROADSHEET_TRUSTED_PROXIES"] = "127.0.0.1,203.0.113.0/24"
        article_id = program.publish_bridges()[0]
        program.start()
        self.send_everything(program, article_id)
        if end == "later":  # folded, ranked, and the refusals are written
            program.wait_until(lambda: program.views_of(article_id) == 2, "the count")
            program.wait_until((program.home / "intake" / "refusals.json").exists, "the refusals")
        for process_id in [program.process.pid, *program.children()]:
            os.kill(process_id, signal.SIGKILL)
        program.process.wait()
        found, searched = find_traces(program.home)
        assert found == []
        assert {"serve.log", "content.sqlite3", "counts.sqlite3"} <= set(searched)
        assert any(name.endswith(".views") for name in searched)
        assert any(name.startswith("view-keys/") for name in searched)

    def test_the_search_would_find_them(self, tmp_path):
        (tmp_path / "view-log").mkdir()
        hidden = ip_address(PROXIED).packed
        (tmp_path / "view-log" / "1.views").write_bytes(b"\0\1" + hidden + b"\2")
        (tmp_path / "serve.log").write_text(f"a view by {BROWSER} came from {SIX}")
        (tmp_path / "pages").mkdir()
        (tmp_path / "pages" / "x").write_bytes(ip_address(SIX).packed)
        found, _ = find_traces(tmp_path)
        assert {name for name, _ in found} == {"view-log/1.views", "serve.log", "pages/x"}
