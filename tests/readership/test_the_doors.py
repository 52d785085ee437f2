import asyncio
import json
import os
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from asgiref.testing import ApplicationCommunicator
from tests.readership.views import CHROME, NOON, read_all

from broadsheet.readership.beacon import MAX_TOLD, PIXEL, Beacon, _Remembered
from broadsheet.readership.intake import Intake
from broadsheet.readership.intake_counts import IntakeCounts, read
from broadsheet.readership.networks import parse_networks
from broadsheet.readership.queries import Numbers
from broadsheet.readership.reader_keys import ReaderKeys
from broadsheet.readership.view_log import ViewLog

LIVE = {42, 43}
OWN_HOSTS = ["news.example", ".papers.example", "[::1]"]
HEADERS = {"user-agent": CHROME, "origin": "https://news.example"}


class Changes:
    """Articles that changed, each at a moment of its own."""

    def __init__(self):
        self.moment, self.changed = 0, {}

    def add(self, article_id):
        self.moment += 1
        self.changed[article_id] = self.moment

    def now(self):
        return self.moment

    def is_changed(self, article_id, *, since):
        return self.changed.get(article_id, 0) > since


class Site:
    """A beacon over a log in a temporary directory, and what was asked of it."""

    def __init__(self, directory, **changes):
        self.directory = directory / "log"
        self.now = NOON
        self.asked = []
        self.numbers = Numbers(NOON, {42: 3228})
        self.changes = Changes()
        self.log = changes.pop("view_log", None) or ViewLog(self.directory)
        self.refusals = IntakeCounts(directory / "intake", write_after_seconds=3600)
        trusted = parse_networks(changes.pop("trusted_proxies", ()))
        find_live = changes.pop("find_live", self.find_live)
        self.beacon = Beacon(
            view_log=self.log,
            keys=ReaderKeys(directory / "keys"),
            intake=Intake(OWN_HOSTS, **changes),
            refusals=self.refusals,
            find_live=find_live,
            changes=self.changes,
            numbers=lambda: self.numbers,
            label=lambda code, count: f"{count:,} views" if code == "en" else None,
            trusted_proxies=trusted,
            clock=lambda: self.now,
        )

    def find_live(self, article_ids):
        self.asked += article_ids
        return {number: number in LIVE for number in article_ids}

    def send(self, method, path, *, query="", headers=HEADERS, body=b"", client=("192.0.2.9", 1)):
        return asyncio.run(
            self.answer(method, path, query=query, headers=headers, body=body, client=client)
        )

    async def answer(self, method, path, *, body, query="", headers=HEADERS, client=None):
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        scope = {
            "type": "http", "method": method, "path": path, "query_string": query.encode(),
            "headers": raw, "client": client or ("192.0.2.9", 1),
        }  # fmt: skip
        door = ApplicationCommunicator(self.beacon, scope)
        await door.send_input({"type": "http.request", "body": body})
        start = await door.receive_output(10)
        end = await door.receive_output(10)
        await door.wait()
        return Answer(start["status"], dict(start["headers"]), end["body"])

    def read(self, article=42, **kwargs):
        return self.send(
            "POST", "/-/read", body=json.dumps({"article": article}).encode(), **kwargs
        )

    def logged(self):
        return [view for _, view in read_all(self.directory)]

    def refused(self):
        """How often each reason for a refusal was written down."""
        self.refusals.write()
        return sum(map(Counter, read(self.directory.parent / "intake").values()), Counter())


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.body = status, body
        self.headers = {name.decode(): value.decode() for name, value in headers.items()}


@pytest.fixture
def site(tmp_path):
    site = Site(tmp_path)
    yield site
    site.beacon.close()


class TestTheDoorForScripts:
    def test_a_view_is_in_the_log_when_its_answer_is_given(self, site):
        answer = site.read()
        assert (answer.status, answer.body) == (204, b"")
        assert answer.headers["cache-control"] == "no-store"
        [view] = site.logged()
        assert (view.article_id, view.verdict, view.door) == (42, "accepted", "script")
        assert view.received_at_ms == NOON.timestamp() * 1000

    def test_the_answer_waits_for_the_disk(self, site, monkeypatch):
        real, may_go_on = os.fsync, threading.Event()
        site.read()  # the segment, the key and their directories are made
        monkeypatch.setattr(os, "fsync", lambda d: (may_go_on.wait(30), real(d)))

        async def read_while_the_disk_is_slow():
            body = b'{"article": 42}'
            sent = asyncio.ensure_future(site.answer("POST", "/-/read", body=body))
            await asyncio.sleep(0.2)
            assert not sent.done()
            may_go_on.set()
            return await sent

        assert asyncio.run(read_while_the_disk_is_slow()).status == 204

    @pytest.mark.parametrize("kind", ["application/json", "text/plain;charset=UTF-8"])
    def test_it_takes_what_fetch_and_send_beacon_send(self, site, kind):
        assert site.read(headers={**HEADERS, "content-type": kind}).status == 204

    @pytest.mark.parametrize(
        "body",
        [
            b"", b"42", b"[42]", b"{}", b'{"article": "42"}', b'{"article": true}',
            b'{"article": 0}', b'{"article": -1}', b'{"article": 4.2}', b'{"article": 42',
            b'{"article": 9223372036854775808}', b"\xff\xfe", b"[" * 1024,
        ],
    )  # fmt: skip
    def test_what_cannot_be_read_is_400(self, site, body):
        assert site.send("POST", "/-/read", body=body).status == 400
        assert site.logged() == []
        assert site.refused() == {"unreadable": 1}

    def test_an_article_that_is_not_live_is_404(self, site):
        assert site.read(7).status == 404
        assert site.logged() == []
        assert site.refused() == {"not_live": 1}

    @pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "OPTIONS"])
    def test_another_method_is_405(self, site, method):
        answer = site.send(method, "/-/read")
        assert (answer.status, answer.headers["allow"]) == (405, "POST")

    def test_more_than_a_kibibyte_is_413(self, site):
        body = b'{"article": 42}'
        assert site.send("POST", "/-/read", body=body.ljust(1024)).status == 204
        assert site.send("POST", "/-/read", body=body.ljust(1025)).status == 413
        announced = {**HEADERS, "content-length": "1025"}
        assert site.send("POST", "/-/read", body=body, headers=announced).status == 413

    def test_no_cookie_is_read_or_set(self, site):
        first = site.read(headers={**HEADERS, "cookie": "a=1"})
        site.read(headers={**HEADERS, "cookie": "a=2"})
        assert "set-cookie" not in first.headers
        assert len({view.reader for view in site.logged()}) == 1

    def test_the_referring_site_is_kept_as_its_name_alone(self, site):
        for referrer in (
            "https://Search.Example/find?q=secret", "https://news.example/en/", "nonsense", 7,
            "https://мова.укр/шлях",
        ):  # fmt: skip
            body = json.dumps({"article": 42, "referrer": referrer}).encode()
            assert site.send("POST", "/-/read", body=body).status == 204
        hosts = [view.referring_host for view in site.logged()]
        assert hosts == ["search.example", "", "", "", "xn--80ad3ai.xn--j1amh"]

    def test_views_by_one_proxy_are_told_apart_only_where_it_is_trusted(self, tmp_path):
        for trusted, expected in (((), 1), (("192.0.2.0/24",), 2)):
            site = Site(tmp_path / str(expected), trusted_proxies=trusted)
            for address in ("198.51.100.1", "198.51.100.2"):
                site.read(headers={**HEADERS, "x-forwarded-for": address})
            assert len({view.reader for view in site.logged()}) == expected
            site.beacon.close()

    def test_midnight_is_written_with_both_hashes(self, site):
        site.now = datetime(2026, 11, 20, 23, 50, tzinfo=UTC)
        site.read()
        site.now += timedelta(minutes=20)
        site.read()
        before, after = site.logged()
        assert after.reader_yesterday == before.reader != after.reader


class TestWhatIsDropped:
    @pytest.mark.parametrize(
        ("changes", "verdict"),
        [
            ({"origin": "https://elsewhere.example"}, "foreign_origin"),
            ({"origin": "https://news.example.evil.example"}, "foreign_origin"),
            ({"origin": "null"}, "foreign_origin"),
            ({"sec-purpose": "prefetch"}, "prefetch"),
            ({"sec-purpose": "prefetch;prerender"}, "prerender"),
            ({"purpose": "prefetch"}, "prefetch"),
            ({"x-moz": "prefetch"}, "prefetch"),
            ({"user-agent": ""}, "robot:nameless"),
            ({"user-agent": "Examplebot/2.1 (+https://example.com/bot)"}, "robot:bot"),
            ({"user-agent": "curl/8.1"}, "robot:curl"),
            ({"user-agent": CHROME.replace("Chrome", "HeadlessChrome")}, "robot:headlesschrome"),
        ],
    )
    def test_it_is_logged_with_its_reason_and_answered_as_any_view(self, site, changes, verdict):
        answer = site.read(headers={**HEADERS, **changes})
        assert answer.status == 204
        assert [view.verdict for view in site.logged()] == [verdict]
        assert site.refused() == {}

    @pytest.mark.parametrize(
        "changes",
        [
            {"origin": "https://www.papers.example"},
            {"origin": "http://papers.example:8000"},
            {"origin": "http://[::1]:8000"},
            {"user-agent": CHROME.replace("X11", "Android 13; CUBOT X30")},
        ],
    )
    def test_our_own_pages_and_peoples_telephones_count(self, site, changes):
        site.read(headers={**HEADERS, **changes})
        assert [view.verdict for view in site.logged()] == ["accepted"]

    def test_a_missing_user_agent_is_a_robot(self, site):
        site.read(headers={"origin": "https://news.example"})
        assert [view.verdict for view in site.logged()] == ["robot:nameless"]


class TestTheDoorForPictures:
    def test_it_counts_and_gives_a_pixel_that_nobody_stores(self, site):
        answer = site.send("GET", "/-/read.gif", query="article=42", headers={"user-agent": CHROME})
        assert (answer.status, answer.body, len(PIXEL)) == (200, PIXEL, 43)
        assert answer.headers["content-type"] == "image/gif"
        assert answer.headers["cache-control"] == "no-store"
        assert [(v.article_id, v.door, v.verdict) for v in site.logged()] == [
            (42, "image", "accepted"),
        ]

    @pytest.mark.parametrize(
        ("method", "query", "status"),
        [
            ("GET", "", 400), ("GET", "article=", 400), ("GET", "article=x", 400),
            ("GET", "article=42&article=43", 400), ("GET", "article=99999999999999999999", 400),
            ("GET", "article=7", 404), ("POST", "article=42", 405), ("GET", "article=٤٢", 400),
        ],
    )  # fmt: skip
    def test_it_refuses_what_the_other_door_refuses(self, site, method, query, status):
        assert site.send(method, "/-/read.gif", query=query).status == status
        assert site.logged() == []

    def test_a_picture_on_a_foreign_page_counts_nothing(self, site):
        foreign = {"user-agent": CHROME, "sec-fetch-site": "cross-site"}
        assert site.send("GET", "/-/read.gif", query="article=42", headers=foreign).status == 200
        assert [view.verdict for view in site.logged()] == ["foreign_origin"]


class TestLiveNumbers:
    def ask(self, site, query):
        return site.send("GET", "/-/numbers", query=query, headers={})

    def views(self, site, query):
        counts = json.loads(self.ask(site, query).body)["counts"]
        return {article_id: told["views"] for article_id, told in counts.items()}

    def test_they_come_with_their_moment_and_their_words(self, site):
        answer = self.ask(site, "ids=42,43&edition=en")
        assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
        assert answer.headers["cache-control"] == "max-age=1"
        assert json.loads(answer.body) == {
            "as_of": "2026-11-20T12:00:00.000Z",
            "counts": {
                "42": {"views": 3228, "label": "3,228 views"},
                "43": {"views": 0, "label": "0 views"},
            },
        }

    def test_without_an_edition_they_come_without_words(self, site):
        assert json.loads(self.ask(site, "ids=42").body)["counts"] == {"42": {"views": 3228}}

    @pytest.mark.parametrize(
        "query",
        ["", "ids=", "ids=a", "ids=1,,2", "ids=-1", "ids=1&ids=2", "ids=" + "1," * 100 + "2",
         "ids=1&edition=xx", "ids=99999999999999999999"],
    )  # fmt: skip
    def test_what_cannot_be_answered_is_400_and_nobody_keeps_it(self, site, query):
        answer = self.ask(site, query)
        assert (answer.status, answer.headers["cache-control"]) == (400, "no-store")

    def test_each_snapshot_is_told_as_soon_as_it_is_there(self, site):
        for views in (3228, 3229, 3000):
            site.numbers = Numbers(NOON, {42: views, 43: 1})
            for _ in range(2):
                assert self.views(site, "ids=42,43") == {"42": views, "43": 1}
                assert self.views(site, "ids=43") == {"43": 1}

    def test_made_up_questions_do_not_fill_the_memory(self, site):
        for article_id in range(1, MAX_TOLD + 50):
            assert self.views(site, f"ids={article_id}")
        assert len(site.beacon._told) <= MAX_TOLD
        assert self.views(site, "ids=42") == {"42": 3228}

    def test_a_hundred_are_answered(self, site):
        assert self.ask(site, "ids=" + ",".join(map(str, range(1, 101)))).status == 200

    def test_another_method_is_405(self, site):
        answer = site.send("POST", "/-/numbers")
        assert (answer.status, answer.headers["allow"]) == (405, "GET")


class TestTrouble:
    def test_a_full_queue_says_when_to_come_back(self, tmp_path):
        site = Site(tmp_path, view_log=ViewLog(tmp_path / "log", max_waiting=0))
        answer = site.read()
        assert (answer.status, answer.headers["retry-after"]) == (503, "5")
        site.beacon.close()

    def test_a_broken_disk_is_never_acknowledged(self, tmp_path):
        (tmp_path / "log").touch()  # a file where the log's directory should be
        site = Site(tmp_path)
        assert site.read().status == 503
        assert site.send("GET", "/-/read.gif", query="article=42").status == 503
        assert site.refused() == {"unavailable": 2}
        site.beacon.close()

    def test_the_log_of_the_program_is_not_filled_with_it(self, tmp_path, caplog, monkeypatch):
        (tmp_path / "log").touch()
        site = Site(tmp_path)
        clock = [100.0]
        monkeypatch.setattr("broadsheet.readership.beacon.monotonic", lambda: clock[0])
        for clock[0] in (100.0, 100.1, 100.9, 101.0):
            site.read()
        assert caplog.text.count("Views are not taken") == 2
        assert site.refused() == {"unavailable": 4}
        site.beacon.close()

    def test_a_database_that_does_not_answer_is_503(self, tmp_path):
        def fail(_article_ids):
            raise RuntimeError("database is locked")

        site = Site(tmp_path, find_live=fail)
        assert site.read().status == 503
        assert site.logged() == []
        site.beacon.close()


class TestWhatIsRemembered:
    def test_many_views_at_once_ask_once_whether_the_article_is_live(self, site):
        async def read_many():
            body = b'{"article": 42}'
            await asyncio.gather(*(site.answer("POST", "/-/read", body=body) for _ in range(50)))

        asyncio.run(read_many())
        assert site.asked == [42]
        assert len(site.logged()) == 50

    def test_articles_that_wait_together_are_asked_for_together(self, site):
        asked = []

        def find_live(article_ids):
            asked.append(sorted(article_ids))
            return dict.fromkeys(article_ids, True)

        async def ask_many():
            remembered = _Remembered(find_live, site.changes, site.beacon._threads)
            return await asyncio.gather(*(remembered.ask(number) for number in range(1, 2001)))

        assert asyncio.run(ask_many()) == [True] * 2000
        assert [number for one in asked for number in one] == list(range(1, 2001))
        assert len(asked) <= 2

    def test_one_of_which_nothing_is_known_refuses_no_other(self, site):
        async def ask_two():
            remembered = _Remembered(lambda _ids: {1: True}, site.changes, site.beacon._threads)
            asked = (remembered.ask(1), remembered.ask(2))
            return await asyncio.gather(*asked, return_exceptions=True)

        known, unknown = asyncio.run(ask_two())
        assert known is True
        assert isinstance(unknown, LookupError)

    def test_it_is_asked_again_once_the_article_changed(self, site):
        async def ask():
            await site.beacon._live.ask(42)
            site.changes.add(43)
            await site.beacon._live.ask(42)
            assert site.asked == [42]
            site.changes.add(42)
            for _ in range(2):
                await site.beacon._live.ask(42)

        asyncio.run(ask())
        assert site.asked == [42, 42]

    def test_a_change_while_it_is_asked_is_asked_for_again(self, site):
        def find_live(article_ids):
            site.asked += article_ids
            if len(site.asked) == 1:
                site.changes.add(42)  # after the database looked
                return {42: True}
            return {42: False}

        async def ask_twice():
            remembered = _Remembered(find_live, site.changes, site.beacon._threads)
            return [await remembered.ask(42) for _ in range(3)]

        assert asyncio.run(ask_twice()) == [True, False, False]
        assert site.asked == [42, 42]

    def test_it_is_asked_again_after_ten_seconds(self, site, monkeypatch):
        clock = [100.0]
        monkeypatch.setattr("broadsheet.readership.beacon.monotonic", lambda: clock[0])

        async def ask_three_times():
            for clock[0] in (100.0, 109.9, 110.0):
                await site.beacon._live.ask(42)

        asyncio.run(ask_three_times())
        assert site.asked == [42, 42]

    def test_what_could_not_be_found_out_is_asked_again_after_a_second(self, site, monkeypatch):
        clock, asked = [100.0], []
        monkeypatch.setattr("broadsheet.readership.beacon.monotonic", lambda: clock[0])

        def find_live(article_ids):
            asked.extend(article_ids)
            raise RuntimeError("database is locked")

        async def ask_three_times():
            remembered = _Remembered(find_live, site.changes, site.beacon._threads)
            for clock[0] in (100.0, 100.9, 101.0):
                with pytest.raises(RuntimeError):
                    await remembered.ask(42)

        asyncio.run(ask_three_times())
        assert asked == [42, 42]

    def test_made_up_ids_do_not_fill_the_memory(self, site, monkeypatch):
        monkeypatch.setattr("broadsheet.readership.beacon.MAX_REMEMBERED", 100)

        async def ask_many():
            for article_id in range(1, 151):
                await site.beacon._live.ask(article_id)

        asyncio.run(ask_many())
        assert len(site.beacon._live._known) == 100


def test_elsewhere_there_is_nothing(site):
    assert site.send("GET", "/-/read/").status == 404
    assert site.beacon.addresses == {"/-/read", "/-/read.gif", "/-/numbers"}
