from datetime import timedelta
from ipaddress import ip_address

import pytest
from tests.conftest import both_databases
from tests.readership.test_the_doors import Site
from tests.readership.views import NOON

from broadsheet.readership.models import Exclusion
from broadsheet.readership.networks import (
    EXCLUDED_NETWORKS,
    NetworkSet,
    NetworkSpans,
    Span,
    parse_network,
    read_spans,
)
from broadsheet.readership.publishing_exclusions import publish_exclusions

NOON_MS = int(NOON.timestamp() * 1000)


def spans(text, *, begin=0, end=None):
    return NetworkSpans([Span(parse_network(text), begin, end)])


class TestAtTheDoor:
    def test_a_view_from_there_is_logged_and_does_not_count(self, tmp_path):
        site = Site(tmp_path, find_excluded=lambda: spans("192.0.2.0/24"))
        for address in ("192.0.2.9", "::ffff:192.0.2.10", "198.51.100.1"):
            assert site.read(client=(address, 1)).status == 204
        verdicts = [view.verdict for view in site.logged()]
        assert verdicts == ["excluded:network", "excluded:network", "accepted"]
        site.beacon.close()

    def test_it_is_meant_for_its_time(self, tmp_path):
        excluded = spans("192.0.2.0/24", begin=NOON_MS, end=NOON_MS + 60_000)
        site = Site(tmp_path, find_excluded=lambda: excluded)
        for seconds in (-0.001, 0, 59.999, 60):
            site.now = NOON + timedelta(seconds=seconds)
            site.read()
        verdicts = [view.verdict for view in site.logged()]
        assert verdicts == ["accepted", "excluded:network", "excluded:network", "accepted"]
        site.beacon.close()

    def test_machines_are_robots(self, tmp_path):
        machines = NetworkSet([parse_network("192.0.2.0/24"), parse_network("2001:db8::/32")])
        site = Site(tmp_path, find_datacentres=lambda: machines)
        for address in ("192.0.2.9", "2001:db8:7::1", "198.51.100.1", "unix:"):
            site.read(client=(address, 1))
        verdicts = [view.verdict for view in site.logged()]
        assert verdicts == ["robot:datacentre", "robot:datacentre", "accepted", "accepted"]
        site.beacon.close()


@both_databases
class TestFromTheDeskToTheDoor:
    @pytest.fixture(autouse=True)
    def _directory(self, settings, tmp_path):
        settings.INTAKE_DIRECTORY = tmp_path / "intake"
        self.path = settings.INTAKE_DIRECTORY / EXCLUDED_NETWORKS

    def exclude(self, value, *, kind="network", begin=0, end=None):
        return Exclusion.objects.create(
            kind=kind, value=value, from_ms=begin, until_ms=end, reason="ours", made_by="anna",
            made_at=NOON,
        )  # fmt: skip

    def test_what_is_excluded_now_or_later_is_told(self, caplog):
        self.exclude("192.0.2.0/24")
        self.exclude("198.51.100.7", begin=NOON_MS + 5000)
        self.exclude("2001:db8:1:2::3", end=NOON_MS + 1)
        self.exclude("203.0.113.0/24", end=NOON_MS)  # over
        self.exclude("search.example", kind="referrer")
        self.exclude("no network at all")
        assert publish_exclusions(now=NOON) == 3
        assert "'no network at all'" in caplog.text
        found = read_spans(self.path)

        def is_excluded(text, *, after_ms=0):
            return found.has(ip_address(text), at_ms=NOON_MS + after_ms)

        assert is_excluded("192.0.2.9")
        assert not is_excluded("198.51.100.7")
        assert is_excluded("198.51.100.7", after_ms=5000)
        assert is_excluded("2001:db8:1:2:ffff::1")  # all of that home
        assert not is_excluded("203.0.113.9")

    def test_the_file_is_written_only_where_it_changes(self):
        assert publish_exclusions(now=NOON) == 0
        first = self.path.stat()
        publish_exclusions(now=NOON)
        again = self.path.stat()  # when it was last read is no change
        assert (again.st_ino, again.st_mtime_ns) == (first.st_ino, first.st_mtime_ns)
        self.exclude("192.0.2.0/24")
        publish_exclusions(now=NOON)
        assert self.path.stat().st_ino != first.st_ino

    def test_nothing_was_ever_excluded(self):
        assert not read_spans(self.path).has(ip_address("192.0.2.9"), at_ms=NOON_MS)
