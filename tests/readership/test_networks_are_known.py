from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.program import Program

from broadsheet.readership.networks import (
    NetworkSet,
    NetworkSpans,
    Span,
    find_reader_address,
    parse_network,
    parse_networks,
    read_networks,
    read_spans,
    write_spans,
)
from broadsheet.readership.reader_keys import (
    NetworkTooLargeError,
    ReaderKeys,
    destroy_old_keys,
    hashes_of_network,
    read_live_keys,
)
from broadsheet.readership.whole_files import BadFileError, WatchedFile, write_whole

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
#: Few numbers, so that networks overlap, touch and hold the addresses that are asked for.
few = st.integers(0, 2**10 - 1)
networks = st.one_of(
    st.tuples(few, st.integers(22, 32)).map(
        lambda drawn: ip_network((0xC6336400 + drawn[0], drawn[1]), strict=False)
    ),
    st.tuples(few, st.integers(112, 128)).map(
        lambda drawn: ip_network((0x20010DB8 << 96 | drawn[0], drawn[1]), strict=False)
    ),
)
addresses = st.one_of(
    few.map(lambda number: ip_address(0xC6336400 + number)),
    few.map(lambda number: ip_address(0x20010DB8 << 96 | number)),
    st.ip_addresses(),
)


@given(st.lists(networks), addresses)
@example(
    [ip_network("198.51.100.0/25"), ip_network("198.51.100.128/25")], ip_address("198.51.100.128")
)
@example([ip_network("0.0.0.0/0")], ip_address("255.255.255.255"))
@example([ip_network("::/0")], ip_address("198.51.100.1"))
def test_an_address_is_found_as_if_each_network_were_asked(known, address):
    expected = any(address in network for network in known)
    assert (address in NetworkSet(known)) is expected
    assert NetworkSpans(Span(one, 0, None) for one in known).has(address, at_ms=0) is expected


def test_ipv4_that_is_written_in_ipv6_is_ipv4():
    assert parse_network("::ffff:203.0.113.0/120") == ip_network("203.0.113.0/24")
    assert ip_address("203.0.113.9") in NetworkSet([ip_network("::ffff:203.0.113.0/120")])


@given(st.lists(st.tuples(networks, st.integers(0, 9), st.none() | st.integers(1, 9))), addresses)
def test_what_is_excluded_for_a_time_survives_its_file(tmp_path_factory, rows, address):
    spans = [Span(*row) for row in rows]
    path = tmp_path_factory.mktemp("spans") / "excluded"
    path.write_bytes(write_spans(spans))
    found = read_spans(path)
    for at in range(11):
        assert found.has(address, at_ms=at) is any(
            address in network and begin <= at and (end is None or at < end)
            for network, begin, end in spans
        )


class TestAFileOfNetworks:
    def test_it_may_hold_comments_and_empty_lines(self, tmp_path):
        path = tmp_path / "networks"
        path.write_text("# machines\n\n198.51.100.0/24 # a provider\n2001:db8::/32\n203.0.113.9\n")
        found = read_networks(path)
        inside = ["198.51.100.255", "2001:db8:ffff::1", "203.0.113.9"]
        outside = ["198.51.101.0", "2001:db9::", "203.0.113.8"]
        assert all(ip_address(text) in found for text in inside)
        assert not any(ip_address(text) in found for text in outside)

    @pytest.mark.parametrize("line", ["198.51.100.1/24", "machines.example", "198.51.100.0/33"])
    def test_a_bad_line_is_named(self, tmp_path, line):
        path = tmp_path / "networks"
        path.write_text(f"203.0.113.0/24\n{line}\n")
        with pytest.raises(BadFileError, match=r"networks, line 2: .*"):
            read_networks(path)

    @pytest.mark.parametrize("content", [None, b"\xff\xfe"])
    def test_a_missing_or_unreadable_file_is_named(self, tmp_path, content):
        if content:
            (tmp_path / "networks").write_bytes(content)
        with pytest.raises(BadFileError, match="networks cannot be read"):
            read_networks(tmp_path / "networks")

    def test_serve_does_not_start_with_a_bad_one(self, installed, tmp_path):
        path = tmp_path / "networks"
        path.write_text("203.0.113.0/24\nmachines.example\n")
        program = Program(installed.home, DATACENTRE_NETWORKS=path)
        done = program.run("serve", "--bind", "127.0.0.1:1024", expect=2)
        assert "networks, line 2: 'machines.example'" in done.stderr

    def test_no_verb_runs_with_a_proxy_that_is_none(self, tmp_path):
        done = Program(tmp_path, TRUSTED_PROXIES="10.0.0.0/8,proxy.example").run("health", expect=2)
        assert "BROADSHEET_TRUSTED_PROXIES" in done.stderr
        assert "'proxy.example'" in done.stderr


class TestAFileThatIsReplaced:
    def watch(self, tmp_path, text):
        self.now = 0.0
        self.path = tmp_path / "networks"
        self.path.write_text(text)
        return WatchedFile(self.path, read_networks, otherwise=NetworkSet(), clock=lambda: self.now)

    def wait_and_read(self, watched):
        self.now += 1.0
        watched()
        if watched._reading:
            watched._reading.join(10)
        return watched()

    def test_it_is_read_again_and_at_most_once_a_second(self, tmp_path):
        watched = self.watch(tmp_path, "198.51.100.0/24")
        write_whole(self.path, b"203.0.113.0/24")
        self.now = 0.9
        assert ip_address("198.51.100.1") in watched()
        assert watched._reading is None
        found = self.wait_and_read(watched)
        assert ip_address("198.51.100.1") not in found
        assert ip_address("203.0.113.1") in found

    @pytest.mark.parametrize("text", ["nonsense", None])
    def test_a_bad_or_lost_one_changes_nothing_and_is_said(self, tmp_path, caplog, text):
        watched = self.watch(tmp_path, "198.51.100.0/24")
        if text:
            write_whole(self.path, text.encode())
        else:
            self.path.unlink()
        assert ip_address("198.51.100.1") in self.wait_and_read(watched)
        assert f"{self.path}" in caplog.text
        write_whole(self.path, b"203.0.113.0/24")
        assert ip_address("203.0.113.1") in self.wait_and_read(watched)

    def test_one_that_is_bad_at_first_means_what_was_said(self, tmp_path, caplog):
        watched = self.watch(tmp_path, "nonsense")
        assert ip_address("198.51.100.1") not in watched()
        assert "line 1" in caplog.text


class TestHashesOfANetwork:
    """A network of today is found in the log, where only hashes of it are."""

    @pytest.mark.parametrize(
        ("network", "inside", "outside"),
        [
            ("198.51.100.0/24", "198.51.100.255", "198.51.101.0"),
            ("198.51.0.0/16", "198.51.255.1", "198.52.0.0"),
            ("203.0.113.7", "203.0.113.7", "203.0.113.8"),
            ("::ffff:203.0.113.7", "203.0.113.7", "203.0.113.8"),
            ("2001:db8:1::/48", "2001:db8:1:ffff::9", "2001:db8:2::9"),
            ("2001:db8:1:2::/64", "2001:db8:1:2:3::4", "2001:db8:1:3::4"),
            ("2001:db8:1:2::5", "2001:db8:1:2:3::4", "2001:db8:1:3::4"),
        ],
    )
    def test_they_are_those_that_views_from_it_have(self, tmp_path, network, inside, outside):
        keys = ReaderKeys(tmp_path)
        views = [keys.hash_reader(ip_address(one), "x", now=NOON) for one in (inside, outside)]
        [key] = read_live_keys(tmp_path).values()
        hashes = hashes_of_network(parse_network(network), key)
        assert views[0].network in hashes
        assert views[1].network not in hashes
        assert {len(one) for one in hashes} == {8}

    @pytest.mark.parametrize("network", ["198.50.0.0/15", "2001:db8::/47", "0.0.0.0/0", "::/0"])
    def test_a_larger_one_is_refused_and_told_why(self, network):
        with pytest.raises(NetworkTooLargeError, match=r"too large: .* of at most /(16|48)"):
            hashes_of_network(parse_network(network), b"key")

    def test_the_browser_has_no_part_in_it_and_an_unknown_address_has_none(self, tmp_path):
        keys = ReaderKeys(tmp_path)
        one = keys.hash_reader(ip_address("203.0.113.7"), "x", now=NOON)
        other = keys.hash_reader(ip_address("203.0.113.7"), "y", now=NOON)
        assert one.network == other.network
        assert one.today != other.today
        assert keys.hash_reader(None, "x", now=NOON).network == b""

    def test_it_is_another_one_the_next_day_and_the_key_is_found_no_more(self, tmp_path):
        keys = ReaderKeys(tmp_path)
        home = ip_address("203.0.113.7")
        today = keys.hash_reader(home, "x", now=NOON)
        tomorrow = keys.hash_reader(home, "x", now=NOON + timedelta(days=1))
        assert today.network != tomorrow.network
        assert sorted(read_live_keys(tmp_path)) == [NOON.date(), NOON.date() + timedelta(days=1)]
        destroy_old_keys(tmp_path, now=NOON + timedelta(days=1))
        assert list(read_live_keys(tmp_path)) == [NOON.date() + timedelta(days=1)]
        assert read_live_keys(tmp_path / "none") == {}


class TestProxies:
    trusted = parse_networks(["10.0.0.0/8", "2001:db8::1", "::ffff:192.0.2.0/120"])

    @pytest.mark.parametrize(
        ("peer", "forwarded", "expected"),
        [
            ("203.0.113.7", "", "203.0.113.7"),
            ("203.0.113.7", "198.51.100.1", "203.0.113.7"),  # nobody's proxy: made up
            ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "192.1.2.66, 198.51.100.1", "198.51.100.1"),  # the left one is made up
            ("10.0.0.1", "192.1.2.66, 198.51.100.1, 10.9.9.9", "198.51.100.1"),
            ("10.0.0.1", "198.51.100.1, 10.1.1.1, 2001:db8::1,10.9.9.9", "198.51.100.1"),
            ("10.0.0.1", "10.2.2.2, 10.9.9.9", "10.2.2.2"),  # all are ours: the first of them
            ("2001:db8::1", "2001:db8:5::7", "2001:db8:5::7"),
            ("2001:db8::2", "2001:db8:5::7", "2001:db8::2"),
            ("10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
            ("10.0.0.1", "[2001:db8:5::7]:443", "2001:db8:5::7"),
            ("10.0.0.1", "[2001:db8:5::7]", "2001:db8:5::7"),
            ("10.0.0.1", "fe80::7%eth0", "fe80::7"),
            ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
            ("192.0.2.5", "198.51.100.1", "198.51.100.1"),  # trusted in IPv6's writing
            ("10.0.0.1", "192.1.2.66, unknown", "10.0.0.1"),
            ("10.0.0.1", "192.1.2.66, _hidden, 10.9.9.9", "10.9.9.9"),
            ("10.0.0.1", "192.1.2.66, 999.1.1.1", "10.0.0.1"),
            ("10.0.0.1", "198.51.100.1, , ,", "198.51.100.1"),
            ("10.0.0.1", " ,, ", "10.0.0.1"),
            ("10.0.0.1", "", "10.0.0.1"),
            ("", "198.51.100.1", None),
            (None, "198.51.100.1", None),
        ],
    )
    def test_only_those_we_trust_are_believed(self, peer, forwarded, expected):
        found = find_reader_address(peer, forwarded, trusted=self.trusted)
        assert found == (ip_address(expected) if expected else None)

    @given(st.text(alphabet="0123456789abcdef.:,[]%/ \tx\u00b2", max_size=60))
    def test_no_garbage_in_the_header_is_an_error(self, forwarded):
        assert find_reader_address("10.0.0.1", forwarded, trusted=self.trusted) is not None

    @given(st.text(), st.lists(st.ip_addresses().map(str)))
    def test_whatever_a_reader_makes_up_the_proxy_says_who_it_was(self, made_up, before):
        said = ", ".join([made_up, *before, "198.51.100.1"])
        found = find_reader_address("10.0.0.1", said, trusted=self.trusted)
        assert found == ip_address("198.51.100.1")

    def test_a_proxy_that_is_no_address_is_an_error_at_start(self):
        with pytest.raises(ValueError, match=r"proxy\.example"):
            parse_networks(["proxy.example"])
