import gzip
import time

import brotli
import pytest
import zstandard

from broadsheet.pagestore import answering
from broadsheet.pagestore.answering import Answers
from broadsheet.pagestore.assembling import assemble
from broadsheet.pagestore.pages import Entry, FragmentSlot, ViewsSlot

LONG = b"The text of the page. " * 40


class Clock:
    def __init__(self, monkeypatch):
        self.now = 1000.0
        monkeypatch.setattr(answering.time, "monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


class Made:
    """Answers from a store, and how often anything was made."""

    def __init__(self, store, monkeypatch, **options):
        self.counts, self.snapshots, self.compressed, self.wished = {1: 10, 2: 20}, 0, [], []
        compress = answering.compress

        def compress_and_count(body, encoding):
            self.compressed.append(encoding)
            return compress(body, encoding)

        monkeypatch.setattr(answering, "compress", compress_and_count)
        self.answers = Answers(
            store, snapshot=self.snapshot, show_views=self.show, wish=self.wished.append, **options
        )

    def snapshot(self):
        self.snapshots += 1
        return dict(self.counts)

    def show(self, edition, article_id, count):
        return f"[{edition}:{article_id}={count}]".encode()

    def ask(self, address="/en/", encoding="", match=""):
        found = self.answers.find(address)
        return found and self.answers.answer(found, accept_encoding=encoding, if_none_match=match)


@pytest.fixture
def store(stores):
    return stores()


@pytest.fixture
def made(store, monkeypatch):
    return Made(store, monkeypatch)


def test_every_count_of_an_answer_is_from_one_snapshot(store, made, press):
    rail = FragmentSlot("rail", without=2)
    press(store, parts=(LONG, ViewsSlot(1), rail, ViewsSlot(2)))
    parts = (b"<ol>", Entry(2), ViewsSlot(2), Entry(1), ViewsSlot(1), Entry(0), b"</ol>")
    press(store, "rail", parts=parts)
    assert made.ask().body == LONG + b"[en:1=10]<ol>[en:1=10]</ol>[en:2=20]"
    assert made.snapshots == 1


@pytest.mark.parametrize(
    ("slot", "shown"),
    [
        (FragmentSlot("rail"), b"<a><1><2><3></a>"),
        (FragmentSlot("rail", without=2), b"<a><1><3></a>"),
        (FragmentSlot("rail", limit=2), b"<a><1><2></a>"),
        (FragmentSlot("rail", without=1, limit=2), b"<a><2><3></a>"),
        (FragmentSlot("rail", without=9, limit=9), b"<a><1><2><3></a>"),
    ],
)
def test_a_slot_leaves_out_entries_of_its_fragment(slot, shown, make_page):
    parts = [b"<a>"]
    for number in (1, 2, 3):
        parts += [Entry(number), b"<%d>" % number]
    rail = make_page("rail", parts=[*parts, Entry(0), b"</a>"])
    pieces = assemble([slot], "en", counts={}, find_fragment={"rail": rail}.get, show_views=None)
    assert b"".join(pieces) == shown


def test_a_fragment_without_an_entry_left_is_not_shown_at_all(make_page):
    rail = make_page("rail", parts=[b"<a>", Entry(1), b"1", Entry(0), b"</a>"])
    slot = FragmentSlot("rail", without=1)
    assert not assemble([slot], "en", counts={}, find_fragment=lambda _: rail, show_views=None)


def test_a_hot_page_is_made_and_compressed_once_a_second(store, made, press, clock):
    press(store, parts=(LONG, ViewsSlot(1)))
    for second in range(4):
        made.counts[1] = second
        for encoding in ("br", "gzip", "", "br, gzip") * 25:
            assert made.ask(encoding=encoding).status == 200
        clock.now += answering.ASSEMBLED_SECONDS
    assert made.snapshots == 4
    assert sorted(made.compressed) == ["", "", "", "", *["br"] * 4, *["gzip"] * 4]


def test_a_page_whose_numbers_stand_still_is_not_compressed_again(store, made, press, clock):
    press(store, parts=(LONG, ViewsSlot(1)))
    first = made.ask(encoding="br")
    clock.now += 5
    store.drop(["of another page"])
    assert made.ask(encoding="br") is first
    assert made.compressed == ["br"]
    made.counts[1] += 1
    clock.now += 5
    assert b"1=11" in brotli.decompress(made.ask(encoding="br").body)


def test_what_others_drop_makes_no_new_answer_of_an_untouched_page(store, made, press, clock):
    press(store, parts=(LONG, ViewsSlot(1)))
    for _ in range(50):
        store.drop(["of another page"])
        clock.now += 0.002
        made.ask()
    assert made.snapshots == 1


def test_a_hot_answer_is_not_sent_once_something_on_it_is_withdrawn(
    stores, store, made, press, clock
):
    other = stores()
    for touched in ("site", "rail"):
        press(store, parts=(LONG, FragmentSlot("rail")))
        press(store, "rail", tags=["rail"])
        assert made.ask() is not None
        place = other.journal.expect([touched], withhold=True)
        clock.now += 0.002
        assert made.ask() is None
        other.journal.drop([touched], closes=[place])
        clock.now += 0.002
        assert made.ask() is None


@pytest.mark.parametrize("touched", ["site", "rail"])
def test_what_was_dropped_lingers_until_it_is_pressed_or_for_a_moment(
    store, made, press, clock, touched
):
    wishes = []
    made.answers.wish = wishes.append
    press(store, parts=(LONG, FragmentSlot("rail")))
    press(store, "rail", tags=["rail"])
    first = made.ask()
    store.drop([touched])
    clock.now += 0.002
    assert made.ask() is first
    assert wishes == []  # the worker presses it
    clock.now += 0.3
    assert made.ask() is first
    lacking = "/en/" if touched == "site" else "rail"
    assert wishes == [lacking]
    press(store, lacking, tags=[touched], parts=(b"new",))
    clock.now += 0.021  # it is looked for each 20 ms
    assert b"new" in made.ask().body

    store.drop([touched])
    clock.now += 0.002
    assert made.ask() is not None
    clock.now += 0.55
    assert made.ask() is None


def test_what_lingers_ends_where_something_on_it_is_withdrawn(stores, store, made, press, clock):
    other = stores()
    press(store, tags=["site", "article:7"])
    made.ask()
    other.drop(["site"])
    clock.now += 0.002
    assert made.ask() is not None
    place = other.journal.expect(["article:7"], withhold=True)
    clock.now += 0.002
    assert made.ask() is None
    other.journal.drop(["article:7"], closes=[place])
    assert made.ask() is None


def test_a_hot_answer_is_not_sent_once_the_store_is_distrusted(stores, store, made, press, clock):
    other = stores()
    press(store)
    assert made.ask() is not None
    other.journal._distrust(OSError("full"))
    clock.now += 0.002
    assert made.ask() is None


def test_what_others_told_is_known_a_millisecond_later(stores):
    store, other = stores(), stores()
    before = store.journal.told_lately(1000.0)
    other.drop(["a"])
    assert store.journal.told_lately(1000.0009) == before
    assert store.journal.told_lately(1000.0011) == before + 1
    other.drop(["a"])
    assert store.journal.told_lately(1000.0015) == before + 1
    assert store.journal.told_lately(999.0) == before + 2  # whatever clocks do
    store.drop(["a"])
    assert store.journal.told_lately(999.0001) == before + 3  # its own at once


def test_a_page_whose_time_is_over_is_sent_and_wished_for(store, made, press, clock):
    press(store, parts=(LONG, FragmentSlot("rail")))
    press(store, "rail", fresh_until=time.time() - 1)
    for _ in range(9):
        assert made.ask() is not None
    assert made.wished == ["rail"]
    clock.now += 1
    made.ask()
    assert made.wished == ["rail", "rail"]


def test_hot_answers_are_bounded_and_the_least_asked_for_go(store, press, monkeypatch, clock):
    made = Made(store, monkeypatch, memory_bytes=5 * (3 * len(LONG) + 3000) + 100)
    for number in range(20):
        press(store, f"/{number}", text=LONG)
        made.ask(f"/{number}", "br")
        clock.now += 1.1
        made.ask("/0", "br")  # its numbers stand still
        assert made.answers._hot_bytes == sum(one.size for one in made.answers._hot.values())
    assert list(made.answers._hot) == ["/16", "/17", "/18", "/19", "/0"]
    assert made.compressed.count("br") == 20


def test_one_that_is_no_more_takes_no_memory(store, made, press, clock):
    press(store)
    made.ask()
    store.drop(["site"])
    made.ask()  # it lingers
    clock.now += 1
    assert made.ask() is None
    assert not made.answers._hot
    assert made.answers._hot_bytes == 0


# --- negotiated and conditional ---

EXPAND = {
    "": bytes,
    "br": brotli.decompress,
    "gzip": gzip.decompress,
    "zstd": lambda body: zstandard.ZstdDecompressor().decompress(body),
}


@pytest.mark.parametrize("encoding", sorted(EXPAND))
def test_each_encoding_has_its_own_tag(encoding, store, made, press):
    press(store, parts=(LONG, ViewsSlot(1)))
    answer = made.ask(encoding=encoding)
    headers = dict(answer.headers)
    assert EXPAND[encoding](answer.body) == LONG + b"[en:1=10]"
    assert headers.get("content-encoding", "") == encoding
    assert headers["vary"] == "accept-encoding"
    assert headers["x-of"] == "the page"
    assert headers["etag"].startswith('"')
    tags = {dict(made.ask(encoding=other).headers)["etag"] for other in EXPAND}
    assert len(tags) == 4


def test_a_short_page_is_not_compressed(store, made, press):
    press(store, text=b"short")
    answer = made.ask(encoding="br")
    assert answer.body == b"short"
    assert "content-encoding" not in dict(answer.headers)


def test_a_condition_that_holds_is_answered_without_a_body(store, made, press):
    press(store, text=LONG)
    tag = dict(made.ask(encoding="br").headers)["etag"]
    for condition in (tag, f"W/{tag}", f'"x", {tag}', f'"x",W/{tag} , "y"', "*", " * "):
        answer = made.ask(encoding="br", match=condition)
        assert (answer.status, answer.body) == (304, b"")
        headers = dict(answer.headers)
        assert headers == {"etag": tag, "vary": "accept-encoding", "cache-control": "no-cache"}
    for condition in ('"x"', tag.strip('"'), tag[:-2] + '"', "", "W/", f"{tag}x", "W/*"):
        assert made.ask(encoding="br", match=condition).status == 200
    # What was sent in another encoding is not what would be sent now.
    assert made.ask(encoding="gzip", match=tag).status == 200


def test_the_tag_changes_with_a_number_and_is_the_same_in_every_process(
    stores, made, press, monkeypatch, clock
):
    other = Made(stores(), monkeypatch)
    press(other.answers.store, parts=(LONG, ViewsSlot(1)))
    tag = dict(made.ask().headers)["etag"]
    assert dict(other.ask().headers)["etag"] == tag
    made.counts[1] += 1
    clock.now += 2
    assert made.ask(match=tag).status == 200


@pytest.mark.parametrize("status", [301, 302, 404, 410])
def test_only_a_page_that_is_there_is_conditional(status, store, made, press):
    press(store, text=LONG, status=status)
    answer = made.ask(match="*")
    assert (answer.status, answer.body) == (status, LONG)
