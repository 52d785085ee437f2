import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.readership.test_the_doors import HEADERS, Site

from broadsheet.readership.rates import ViewRates

HOME, OFFICE = b"4home", b"4office"


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def test_a_network_may_bring_so_many_at_once_and_then_so_many_a_minute():
    clock = Clock()
    rates = ViewRates(600, clock=clock)
    assert [rates.is_over(OFFICE) for _ in range(601)] == [False] * 600 + [True]
    clock.now += 0.1  # the tenth of a second in which one view comes free
    assert [rates.is_over(OFFICE) for _ in range(2)] == [False, True]
    clock.now += 30
    assert [rates.is_over(OFFICE) for _ in range(301)].count(False) == 300
    clock.now += 3600
    assert [rates.is_over(OFFICE) for _ in range(601)].count(False) == 600


def test_one_network_takes_nothing_from_another():
    rates = ViewRates(2, clock=Clock())
    assert [rates.is_over(OFFICE) for _ in range(3)] == [False, False, True]
    assert [rates.is_over(HOME) for _ in range(3)] == [False, False, True]


@pytest.mark.parametrize(("processes", "granted"), [(1, 10), (3, 3), (64, 1)])
def test_each_of_several_processes_grants_its_share(processes, granted):
    rates = ViewRates(10, processes=processes, clock=Clock())
    assert [rates.is_over(OFFICE) for _ in range(20)].count(False) == granted


def test_what_is_refused_is_not_taken():
    clock = Clock()
    rates = ViewRates(60, clock=clock)
    assert [rates.is_over(OFFICE) for _ in range(1000)].count(False) == 60
    clock.now += 10
    assert [rates.is_over(OFFICE) for _ in range(1000)].count(False) == 10


@given(st.integers(1, 50), st.lists(st.floats(0, 90), max_size=200))
def test_no_span_of_time_holds_more_than_its_share(views_a_minute, pauses):
    clock = Clock()
    rates = ViewRates(views_a_minute, clock=clock)
    taken = []
    for pause in pauses:
        clock.now += pause
        if not rates.is_over(OFFICE):
            taken.append(clock.now)
    for first in range(len(taken)):
        for last in range(first, len(taken)):
            minutes = (taken[last] - taken[first]) / 60
            assert last - first + 1 <= views_a_minute * (1 + minutes) + 1


def test_few_networks_are_remembered_those_heard_of_last():
    rates = ViewRates(1, max_networks=3, clock=Clock())
    for number in range(1000):
        rates.is_over(b"%d" % number)
    assert len(rates._full_at) == 3
    assert rates.is_over(b"999")
    assert not rates.is_over(b"0")  # forgotten, and as good as new


class TestAtTheDoor:
    def test_more_than_the_rate_is_logged_and_does_not_count(self, tmp_path):
        site = Site(tmp_path, rates=ViewRates(2, clock=Clock()))
        assert {site.read().status for _ in range(4)} == {204}
        assert site.read(client=("192.0.2.10", 1)).status == 204
        verdicts = [view.verdict for view in site.logged()]
        assert verdicts == ["accepted", "accepted", "over_rate", "over_rate", "accepted"]
        site.beacon.close()

    def test_an_ipv6_home_has_one_rate_for_all_its_addresses(self, tmp_path):
        site = Site(tmp_path, rates=ViewRates(2, clock=Clock()))
        for address in ("2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8:0:1::1"):
            site.read(client=(address, 1))
        assert [view.verdict for view in site.logged()].count("over_rate") == 1
        site.beacon.close()

    def test_robots_and_foreign_pages_use_up_nothing(self, tmp_path):
        site = Site(tmp_path, rates=ViewRates(1, clock=Clock()))
        site.read(headers={**HEADERS, "user-agent": "curl/8"})
        site.read(headers={**HEADERS, "origin": "https://elsewhere.example"})
        site.read(headers={**HEADERS, "sec-purpose": "prefetch"})
        site.read(7)
        site.read()
        assert [view.verdict for view in site.logged()] == [
            "robot:curl", "foreign_origin", "prefetch", "accepted",
        ]  # fmt: skip
        site.beacon.close()

    @pytest.mark.parametrize(
        ("address", "forwarded_for", "warnings"),
        [("127.0.0.1", "203.0.113.7", 1), ("127.0.0.1", None, 0), ("8.8.4.4", "203.0.113.7", 0)],
    )
    def test_a_proxy_that_nobody_named_is_said_once(
        self, tmp_path, caplog, address, forwarded_for, warnings
    ):
        site = Site(tmp_path, rates=ViewRates(2, clock=Clock()))
        headers = (
            HEADERS if forwarded_for is None else {**HEADERS, "x-forwarded-for": forwarded_for}
        )
        for _ in range(5):
            site.read(headers=headers, client=(address, 1))
        assert caplog.text.count("BROADSHEET_TRUSTED_PROXIES") == warnings
        assert "203.0.113.7" not in caplog.text
        site.beacon.close()
