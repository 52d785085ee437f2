"""A page server for Granian, with two processes: `serving_for_tests.py DIRECTORY PORT`."""

import os
import sys
from pathlib import Path

from broadsheet.pagestore.addresses import AddressFilter
from broadsheet.pagestore.answering import Answers
from broadsheet.pagestore.pages import Page, ViewsSlot
from broadsheet.pagestore.serving import PageServer
from broadsheet.pagestore.store import PageStore

MODULE = "serving_for_tests"


def make_server(directory):
    store, addresses = PageStore(directory), AddressFilter(directory)

    def make(address, version):
        changed = (directory / "changed").read_text()
        return Page(
            address=address, edition="en", status=404 if address.startswith("404:") else 200,
            headers=(("cache-control", "no-cache"), ("content-type", "text/html; charset=utf-8")),
            version=version, fresh_until=None, tags=frozenset({"site"}),
            parts=(f"{address} {changed} {' ' * 300}".encode(), ViewsSlot(7)),
        )  # fmt: skip

    return PageServer(
        answers=Answers(
            store, snapshot=lambda: {7: 5}, show_views=lambda _e, _a, count: b"%d" % count
        ),
        addresses=addresses,
        press=lambda address: store.press(address, make),
        read_query=lambda path, _query: path,
        unavailable=([], b"later"),
        is_database_up=lambda: not (directory / "down").exists(),
        rest=answer_elsewhere,
        elsewhere=("/-/",),
        answer_directly=answer_nothing,
    )


async def answer_nothing(scope, protocol):
    return False


async def answer_elsewhere(scope, receive, send):
    headers = [(b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"%d" % os.getpid()})


if __name__ == "__main__":
    from granian.constants import Interfaces
    from granian.server import Server

    os.environ["PAGES"] = sys.argv[1]
    Server(
        f"{MODULE}:application", address="127.0.0.1", port=int(sys.argv[2]),
        interface=Interfaces.RSGI, websockets=False, workers=2,
        working_dir=Path(__file__).parent,
    ).serve()  # fmt: skip
else:
    application = make_server(Path(os.environ["PAGES"]))
