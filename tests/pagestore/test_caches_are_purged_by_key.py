"""What a shared cache is told, by a cache that writes down what it hears."""

import logging
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from tests.program import free_port

from broadsheet.pagestore.answering import Assembled
from broadsheet.pagestore.pages import Page
from broadsheet.pagestore.purging import (
    EVERYTHING,
    MAX_KEYS_BYTES,
    MOST_REQUESTS,
    PurgeFailedError,
    Purger,
    headers_for_caches,
)


class Cache(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Asked)
        self.heard, self.status = [], 200

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/here"


class Asked(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_PURGE(self):
        self.server.heard.append((self.path, self.headers["Surrogate-Key"]))
        self.send_response(self.server.status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_told):
        pass


@pytest.fixture
def cache():
    with Cache() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def shown(*tags, status=200, fragment=()):
    def page(made_from):
        return Page(
            address="/en/", edition="en", status=status, headers=(), version=1,
            fresh_until=None, tags=frozenset(made_from), parts=(),
        )  # fmt: skip

    return Assembled(
        page=page(tags), fragments=(page(fragment),), pieces=[], body=b"", tag="", until=0, place=1
    )


def test_a_page_names_what_it_and_its_fragments_were_made_from():
    headers = dict(headers_for_caches(shown("site", "article:1", fragment=["latest:en"])))
    assert headers["surrogate-key"].split() == [EVERYTHING, "article:1", "latest:en", "site"]
    assert "s-maxage=1" in headers["cache-control"]


@pytest.mark.parametrize(
    "found",
    [shown("a", status=404), shown("a", status=410), shown("in two"), shown("a,b"), shown("ключ"),
     shown(*(f"article:{number}" for number in range(MAX_KEYS_BYTES)))],
    ids=["404", "410", "space", "comma", "not ASCII", "too many"],
)  # fmt: skip
def test_what_could_not_be_purged_may_not_be_kept(found):
    assert headers_for_caches(found) == []


def test_every_cache_is_told_all_keys_in_one_request(cache):
    Purger([cache.url, cache.url]).purge({"b", "a"})
    assert cache.heard == [("/here", "a b")] * 2


def test_no_request_is_too_long_and_very_many_keys_are_all_pages(cache):
    purger = Purger([cache.url])
    keys = {f"article:{number}" for number in range(1000)}
    purger.purge(keys)
    assert 1 < len(cache.heard) <= MOST_REQUESTS
    assert {key for _path, told in cache.heard for key in told.split()} == keys
    assert all(len(told) <= MAX_KEYS_BYTES for _path, told in cache.heard)
    cache.heard.clear()
    purger.purge({f"article:{number}" for number in range(10_000)})
    assert cache.heard == [("/here", EVERYTHING)]


def test_a_cache_that_refuses_or_is_away_is_named_and_the_others_are_told(cache, caplog):
    away = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(PurgeFailedError, match=away):
        Purger([away, cache.url]).purge({"a"})
    assert len(cache.heard) == 1
    cache.status = 403
    with pytest.raises(PurgeFailedError, match="answered 403"):
        Purger([cache.url]).purge({"a"})
    with caplog.at_level(logging.ERROR):
        Purger([cache.url]).purge_at_once({"a"})
    assert "may still show what was dropped" in caplog.text


def test_nothing_is_sent_where_there_is_nothing_to_say(cache):
    Purger([]).purge({"a"})
    Purger([cache.url]).purge(set())
    assert cache.heard == []
