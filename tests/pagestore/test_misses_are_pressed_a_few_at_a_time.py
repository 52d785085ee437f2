import asyncio
import threading
import time

import pytest

from broadsheet.pagestore import serving
from broadsheet.pagestore.pages import FragmentSlot


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(serving, "DATABASE_SECONDS", 0.02)


class Gate:
    """Holds pressings up until it is opened, and sees how many there are at once."""

    def __init__(self):
        self.opened, self.inside, self.most = threading.Event(), 0, 0
        self._turn = threading.Lock()

    def __call__(self, _address):
        with self._turn:
            self.inside += 1
            self.most = max(self.most, self.inside)
        assert self.opened.wait(20)
        with self._turn:
            self.inside -= 1


@pytest.fixture
def gate(site):
    site.before_press = Gate()
    yield site.before_press
    site.before_press.opened.set()


async def until(is_so):
    async with asyncio.timeout(10):
        while not is_so():  # noqa: ASYNC110 - what is waited for knows no event
            await asyncio.sleep(0.005)


# --- which page answers ---


def test_a_page_is_pressed_once_and_then_sent(site):
    async def ask():
        first = await site.get("/en/")
        assert (first.status, first.body.split()[:2]) == (200, [b"page", b"/en/"])
        assert first.body.endswith(b"[en 7 5]")
        for method, body in (("GET", first.body), ("HEAD", b"")):
            again = await site.get("/en/", method=method)
            assert (again.status, again.body) == (200, body)
            assert again.headers == first.headers
            assert again.headers["content-length"] == str(len(first.body))
        unchanged = await site.get("/en/", if_none_match=first.headers["etag"])
        assert (unchanged.status, unchanged.body) == (304, b"")
        assert "content-length" not in unchanged.headers
        assert site.pressed == ["/en/"]

    site.run(ask)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "get"])
def test_other_methods_are_refused(method, site):
    async def ask():
        answer = await site.get("/en/", method=method)
        assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
        assert not site.pressed

    site.run(ask)


def test_what_is_no_page_goes_elsewhere(site):
    async def ask():
        assert (await site.get("/desk/", method="POST")).status == 299
        assert (await site.get("/desk/x")).status == 299

    site.run(ask)


def test_a_missing_slash_is_added(make_site):
    site = make_site(addresses=("/en/", "/uk/", "/uk/спорт/"))

    async def ask():
        for path, to in (("/en", "/en/"), ("/uk/спорт", "/uk/%D1%81%D0%BF%D0%BE%D1%80%D1%82/")):
            answer = await site.get(path, query=b"a=b")
            assert (answer.status, answer.headers["location"]) == (301, to)
        assert not site.pressed

    site.run(ask)


def test_a_redirect_stays_here(make_site):
    """The filter takes one unknown address in 2,000 for a known one: whoever looks finds one."""
    site = make_site(addresses=("/en/", "//evil.example/", "/en/a\r\nset-cookie: x/"))

    async def ask():
        assert (await site.get("//evil.example")).status == 404
        answer = await site.get("/en/a\r\nset-cookie: x")
        assert answer.headers["location"] == "/en/a%0D%0Aset-cookie%3A%20x/"

    site.run(ask)


def test_a_query_that_is_not_ours_makes_no_page_of_its_own(site):
    async def ask():
        for number in range(20):
            assert (await site.get("/en/", query=b"utm=%d" % number)).status == 200
        assert site.pressed == ["/en/"]
        assert (await site.get("/en/", query=b"before=1")).body.startswith(b"page /en/?before=1")
        assert site.pressed == ["/en/", "/en/?before=1"]

    site.run(ask)


def test_unknown_addresses_share_the_404_page_of_their_edition(site):
    async def ask():
        for number in range(50):
            answer = await site.get(f"/en/unknown-{number}", query=b"x=%d" % number)
            assert (answer.status, answer.body.split()[1]) == (404, b"404:en")
            assert (await site.get(f"/xx/{number}")).body.split()[1] == b"404:"
        assert (await site.get("/uk/unknown")).body.split()[1] == b"404:uk"
        assert sorted(site.pressed) == ["404:", "404:en", "404:uk"]

    site.run(ask)


def test_a_path_that_is_too_long_for_any_page_is_not_looked_for(make_site):
    site = make_site(addresses=None)

    async def ask():
        for number in range(5):
            assert (await site.get(f"/en/{number}" + "x" * 1000)).status == 404
        assert site.pressed == ["404:en"]

    site.run(ask)


def test_what_the_database_does_not_know_is_remembered_until_something_changes(site):
    site.change["/en/a"] = "missing"

    async def ask():
        for _ in range(5):
            answer = await site.get("/en/a")
            assert (answer.status, answer.body.split()[1]) == (404, b"404:en")
        assert site.pressed == ["/en/a"]
        del site.change["/en/a"]
        site.store.drop(["x"])
        assert (await site.get("/en/a")).status == 200

    site.run(ask)


def test_what_is_published_while_its_404_page_is_pressed_is_found(site, stores):
    other = stores()
    site.change["/en/a"] = "missing"

    def publish(_address):
        site.before_press = lambda _address: None
        original = site.make

        def make(address, version):
            made = original(address, version)
            site.change.clear()
            other.drop(["/en/a"])
            site.make = original
            return made

        site.make = make

    site.before_press = publish

    async def ask():
        await site.get("/en/a")
        assert (await site.get("/en/a")).status == 200

    site.run(ask)


def test_what_is_remembered_is_bounded(make_site, monkeypatch):
    monkeypatch.setattr(serving, "MAX_REMEMBERED", 10)
    site = make_site(addresses=None)
    site.change.update({f"/en/{number}": "missing" for number in range(30)})

    async def ask():
        for number in range(30):
            assert (await site.get(f"/en/{number}")).status == 404
        assert len(site.server._answered_by) == 10
        assert not site.server._pressing

    site.run(ask)


# --- pressing ---


def test_a_hundred_who_wait_for_one_page_have_it_pressed_once(site, gate):
    async def ask():
        waiting = [asyncio.create_task(site.get("/en/")) for _ in range(100)]
        await until(lambda: gate.inside)
        gate.opened.set()
        answers = await asyncio.gather(*waiting)
        assert {answer.status for answer in answers} == {200}
        assert site.pressed == ["/en/"]
        assert site.snapshots == 1

    site.run(ask)


def test_one_who_goes_away_does_not_take_the_page_from_the_others(site, gate):
    async def ask():
        first, second = (asyncio.create_task(site.get("/en/")) for _ in range(2))
        await until(lambda: gate.inside)
        first.cancel()
        await asyncio.sleep(0)
        gate.opened.set()
        assert (await second).status == 200
        assert site.pressed == ["/en/"]

    site.run(ask)


def test_a_page_that_all_went_away_from_is_there_for_the_next(site, gate):
    async def ask():
        first = asyncio.create_task(site.get("/en/"))
        await until(lambda: gate.inside)
        first.cancel()
        gate.opened.set()
        await until(lambda: not site.server._pressing)
        assert (await site.get("/en/")).status == 200
        assert site.pressed == ["/en/"]

    site.run(ask)


def test_two_pages_are_pressed_at_once_a_hundred_wait_and_more_come_back(make_site, monkeypatch):
    site = make_site(addresses=[f"/en/{number}" for number in range(200)])
    site.before_press = gate = Gate()

    async def ask():
        waiting = [asyncio.create_task(site.get(f"/en/{number}")) for number in range(102)]
        await until(lambda: gate.inside == 2)
        for number in range(102, 110):
            busy = await site.get(f"/en/{number}")
            assert (busy.status, busy.body) == (503, b"later")
            assert busy.headers["retry-after"] == "1"
            assert busy.headers["cache-control"] == "no-store"
        also = asyncio.create_task(site.get("/en/0"))  # it is pressed already
        await asyncio.sleep(0)
        gate.opened.set()
        answers = await asyncio.gather(*waiting, also)
        assert {answer.status for answer in answers} == {200}
        assert gate.most == 2
        assert len(site.pressed) == 102

    site.run(ask)


def test_hits_do_not_wait_for_pressings(site, gate):
    site.press_now = site.store.press("/en/", site.make)

    async def ask():
        waiting = asyncio.create_task(site.get("/en/a"))
        await until(lambda: gate.inside)
        assert (await site.get("/en/")).status == 200
        assert not waiting.done()
        gate.opened.set()
        await waiting

    site.run(ask)


def test_a_stale_page_is_sent_while_a_new_one_is_pressed(site, gate):
    site.change["/en/"] = {"fresh_until": time.time() - 1, "parts": (b"old",)}
    site.store.press("/en/", site.make)
    site.change["/en/"] = {"fresh_until": time.time() + 60, "parts": (b"new",)}

    async def ask():
        for _ in range(20):
            assert (await site.get("/en/")).body == b"old"
        await until(lambda: gate.inside)
        assert site.pressed == ["/en/"]
        gate.opened.set()
        await until(lambda: not site.server._pressing)
        site.answers._hot.clear()
        assert (await site.get("/en/")).body == b"new"

    site.run(ask)


def test_a_dropped_page_is_sent_for_a_moment_while_a_new_one_is_pressed(site, gate, stores):
    site.store.press("/en/", site.make)
    other = stores()

    async def ask():
        assert (await site.get("/en/")).status == 200
        other.drop(["/en/"])
        await asyncio.sleep(0.002)
        assert (await site.get("/en/")).status == 200
        await asyncio.sleep(0.3)  # the worker does not press it
        assert (await site.get("/en/")).status == 200
        await until(lambda: gate.inside)
        assert (await site.get("/en/")).status == 200
        await asyncio.sleep(0.3)
        asked = asyncio.create_task(site.get("/en/"))  # it lasted too long
        await asyncio.sleep(0.05)
        assert not asked.done()
        gate.opened.set()
        assert (await asked).status == 200
        assert site.pressed == ["/en/"]

    site.run(ask)


def test_a_withdrawn_page_is_not_sent_while_a_new_one_is_pressed(site, gate, stores):
    site.store.press("/en/", site.make)
    other = stores()

    async def ask():
        assert (await site.get("/en/")).status == 200
        place = other.journal.expect(["/en/"], withhold=True)
        other.journal.drop(["/en/"], closes=[place])
        await asyncio.sleep(0.002)
        asked = asyncio.create_task(site.get("/en/"))
        await until(lambda: gate.inside)
        assert not asked.done()
        gate.opened.set()
        assert (await asked).status == 200
        assert site.pressed == ["/en/"]

    site.run(ask)


def test_a_page_that_is_dropped_while_its_fragment_is_pressed_is_not_sent(
    site, gate, stores, monkeypatch
):
    monkeypatch.setattr(serving, "UNKEPT_SECONDS", 0)
    site.change["/en/"] = {"parts": (b"old ", FragmentSlot("fragment:x"))}
    site.store.press("/en/", site.make)
    other = stores()

    async def ask():
        asked = asyncio.create_task(site.get("/en/"))
        await until(lambda: gate.inside)  # the fragment
        site.change["/en/"] = {"parts": (b"new ", FragmentSlot("fragment:x"))}
        other.journal.drop(["/en/"])
        gate.opened.set()
        assert (await asked).body.startswith(b"new ")

    site.run(ask)


def test_a_fragment_is_pressed_for_whoever_needs_it(site):
    site.change["/en/"] = {"parts": (b"page ", FragmentSlot("fragment:x"), b" end")}
    site.change["fragment:x"] = {"parts": (b"fragment",)}

    async def ask():
        assert (await site.get("/en/")).body == b"page fragment end"
        site.store.drop(["fragment:x"])
        assert (await site.get("/en/")).body == b"page fragment end"
        await asyncio.sleep(0.3)
        assert (await site.get("/en/")).body == b"page fragment end"
        await until(lambda: site.pressed == ["/en/", "fragment:x", "fragment:x"])

    site.run(ask)


def test_another_process_may_have_been_faster(site, stores):
    other = stores()
    site.before_press = lambda address: pytest.fail("it was there")
    other.press("/en/", site.make)

    async def ask():
        assert (await site.get("/en/")).status == 200

    site.run(ask)


# --- what goes wrong ---


def test_a_page_that_cannot_be_pressed_is_503_and_said_once_a_second(site, caplog):
    def fail(_address):
        raise ValueError("a template is wrong")

    site.before_press = fail

    async def ask():
        for number in range(30):
            answer = await site.get("/en/a")
            assert (answer.status, answer.body) == (503, b"later"), number
            assert answer.headers["retry-after"] == "1"
        assert len(caplog.records) < 5
        assert "/en/a could not be pressed" in caplog.messages[0]
        site.before_press = lambda _address: None
        assert (await site.get("/en/a")).status == 200

    site.run(ask)


def test_a_stale_page_goes_on_where_no_new_one_can_be_pressed(site):
    site.change["/en/"] = {"fresh_until": time.time() - 1}
    site.store.press("/en/", site.make)
    site.is_up = False

    async def ask():
        for _ in range(5):
            assert (await site.get("/en/")).status == 200
            await asyncio.sleep(0.01)
            site.answers._hot.clear()

    site.run(ask)


def test_without_its_fragment_a_page_is_better_than_none(site):
    site.change["/en/"] = {"parts": (b"page ", FragmentSlot("fragment:x"), b" end")}
    site.store.press("/en/", site.make)
    site.is_up = False

    async def ask():
        assert (await site.get("/en/")).body == b"page  end"

    site.run(ask)


def test_while_the_database_is_down_answers_say_so_and_it_recovers(site):
    site.change["/en/"] = {"fresh_until": time.time() - 1}
    site.store.press("/en/", site.make)

    async def ask():
        with site.running():
            assert "broadsheet-degraded" not in (await site.get("/en/")).headers
            await until(lambda: site.pressed and not site.server._pressing)
            site.is_up = False
            await until(lambda: site.server.is_degraded)
            site.pressed.clear()
            for _ in range(3):
                answer = await site.get("/en/")
                assert (answer.status, answer.headers["broadsheet-degraded"]) == (200, "database")
                site.answers._hot.clear()
            assert site.pressed == []  # for nothing would come of it
            assert (await site.get("/en/a")).status == 503
            site.is_up = True
            await until(lambda: not site.server.is_degraded)
            answer = await site.get("/en/a")
            assert (answer.status, "broadsheet-degraded" in answer.headers) == (200, False)

    site.run(ask)


def test_asking_for_the_database_may_fail_too(site):
    def fail():
        raise ConnectionError

    site.server._is_database_up = fail

    async def ask():
        with site.running():
            await until(lambda: site.server.is_degraded)
            site.server._is_database_up = lambda: True
            await until(lambda: not site.server.is_degraded)

    site.run(ask)


def test_whatever_goes_wrong_with_a_look_the_next_one_is_taken(site, stores, monkeypatch):
    monkeypatch.setattr(serving, "FOLLOW_SECONDS", 0.01)
    other, follow, failed = stores(), site.store.follow, []

    def fail():
        failed.append(1)
        raise ValueError("unforeseen")

    site.store.follow = fail

    async def ask():
        with site.running():
            await until(lambda: len(failed) > 2)
            site.store.follow = follow
            other.put(site.make("/en/", other.begin()))
            assert (await site.get("/en/")).status == 200

    site.run(ask)


# --- what other processes do ---


def test_changes_of_others_are_known_within_a_quarter_of_a_second(site, stores):
    other = stores()
    site.change["/en/"] = {"parts": (b"old",)}
    site.store.press("/en/", site.make)

    async def ask():
        with site.running():
            await site.get("/en/")
            site.change["/en/"] = {"parts": (b"new",)}
            other.put(site.make("/en/", other.begin()), replaces=True)
            await until(lambda: site.store.get("/en/").parts == (b"new",))
            assert serving.FOLLOW_SECONDS < 0.25

    site.run(ask)


def test_new_addresses_of_others_are_known_at_once(site, directory):
    others = type(site.addresses)(directory)

    async def ask():
        assert (await site.get("/en/new")).status == 404
        others.add(["/en/new"])
        assert (await site.get("/en/new")).status == 200
        with site.running():
            others.build(["/en/", "/en/other"], expected=2)
            await until(lambda: not site.addresses.may_exist("/en/new"))
            assert (await site.get("/en/other")).status == 200

    site.run(ask)
