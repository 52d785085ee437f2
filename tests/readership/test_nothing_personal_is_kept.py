import hashlib
import ipaddress

import pytest
from django.db import connections
from tests.conftest import both_databases
from tests.readership.test_the_doors import HEADERS, Site
from tests.readership.views import NOON

from broadsheet.readership.counting import fold_all_views
from broadsheet.readership.ranking import rank_popular

pytestmark = both_databases

ADDRESS, PROXIED = "203.0.113.77", "198.51.100.23"
SIX = "2001:db8:4711:42::99"
BROWSER = "Mozilla/5.0 (Peculiar; Browser of Anna) Gecko/20100101"


def traces():
    """The addresses and the browser as texts, as bytes, and as hashes without a key."""
    for text in (ADDRESS, PROXIED, SIX, BROWSER, "Peculiar"):
        yield text.encode()
        yield hashlib.sha256(text.encode()).digest()[:16]
    for text in (ADDRESS, PROXIED, SIX):
        packed = ipaddress.ip_address(text).packed
        yield packed[:8]
        yield packed[:8].hex().encode()


def kept_bytes(directory):
    for path in directory.rglob("*"):
        if path.is_file():
            yield path.name, path.read_bytes()
    with connections["readership"].cursor() as cursor:
        for table in connections["readership"].introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            rows = cursor.fetchall()
            blobs = [bytes(v) for row in rows for v in row if isinstance(v, (bytes, memoryview))]
            yield table, repr(rows).encode() + b"".join(blobs)


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
    kept = dict(kept_bytes(tmp_path))
    assert any(name.endswith(".views") for name in kept)
    assert any(name.endswith(".key") for name in kept)
    found = [
        (name, trace)
        for name, kept_here in kept.items()
        for trace in traces()
        if trace in kept_here
    ]
    assert found == []
