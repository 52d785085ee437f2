"""The configuration in `deploy/` and nginx itself, in front of the shipped program."""

import gzip
import re
import time

import brotli
import pytest
from tests.deploy.fronts import (
    WITHDRAW,
    Watch,
    copies_in,
    is_copy,
    make_articles,
    nginx,
    set_up,
    wait_for_facts,
)
from tests.program import stopped

pytestmark = pytest.mark.journey

#: They name who sent the answer and when, or how it came over this connection.
OF_THE_CONNECTION = {"server", "date", "etag", "connection", "transfer-encoding", "content-length"}
UNPACK = {None: bytes, "gzip": gzip.decompress, "br": brotli.decompress}
ASKED_A_SECOND = 20


@pytest.fixture(scope="module")
def site(installed, tmp_path_factory):
    """Broadsheet with public copies, and nginx in front of it."""
    directory = tmp_path_factory.mktemp("site")
    with set_up(installed, directory / "home", PUBLIC_COPIES="true") as program:
        articles = make_articles(program)
        program.start()
        wait_for_facts(program)  # they drop pages, and with them copies
        with nginx(program, directory / "nginx") as front:
            yield program, front, iter(articles)


@pytest.fixture
def program(site):
    return site[0]


@pytest.fixture
def front(site):
    return site[1]


@pytest.fixture
def article(site):
    """Id and path of an article that no other test reads."""
    return next(site[2])


@pytest.fixture
def path(article):
    return article[1]


def headers_of(answer):
    return {
        name.lower(): value.lower() if name.lower() == "vary" else value
        for name, value in answer.headers.items()
        if name.lower() not in OF_THE_CONNECTION
    }


def until_copied(front, path, *, within=10.0, **headers):
    """Read a page often until nginx answers with a copy of it; return that answer."""

    def copied():
        time.sleep(1 / ASKED_A_SECOND)
        answer = front.get(path, **headers)
        return answer if is_copy(answer) else None

    return front.wait_until(copied, f"a copy of {path}", within=within)


def test_a_copy_is_what_broadsheet_would_answer(program, front, path):
    assert not is_copy(front.get(path))
    until_copied(front, path)
    for encoding in (None, "gzip", "br"):
        asked = {"Accept-Encoding": encoding} if encoding else {}
        copy, own = front.get(path, **asked), program.get(path, **asked)
        assert is_copy(copy)
        assert copy.headers["Content-Encoding"] == encoding
        assert headers_of(copy) == headers_of(own)
        assert UNPACK[encoding](copy.body) == UNPACK[encoding](own.body)
        again = front.get(path, If_None_Match=copy.headers["ETag"], **asked)
        assert (again.status, again.body) == (304, b"")
        head = front.get(path, method="HEAD", **asked)
        assert head.body == b""
        assert headers_of(head) == headers_of(copy)
    # What is not exactly the address of a copy is Broadsheet's.
    edition = path.split("/")[1]
    for other in (f"{path}?x=1", f"{path}?", f"/{edition}//{path.partition('/news/')[2]}",
                  path.replace("news", "%6eews"), f"{path}.html", f"{path}/", "/-"):  # fmt: skip
        assert not is_copy(front.get(other)), other
    assert front.get(f"{path}.html").status == front.get(f"/{edition}/.html").status == 404
    assert front.get(path, method="POST", body=b"").status == 405
    assert front.get("/en/news/nothing").status == 404
    assert front.get(f"/{edition}").headers["Location"] is None  # it was followed
    assert front.get(f"/{edition}").status == 200


def test_other_than_pages_is_sent_as_by_broadsheet(program, front):
    sheet = re.search(r'href="(/assets/[^"]+\.css)"', program.get("/en/").text)[1]
    for path in (sheet, "/assets/img/icon.svg"):
        by_file, own = front.get(path), program.get(path)
        assert by_file.body == own.body
        for name in ("Cache-Control", "X-Content-Type-Options"):
            assert by_file.headers[name] == own.headers[name] is not None
    assert "immutable" in front.get(sheet).headers["Cache-Control"]
    assert front.get(sheet, Accept_Encoding="br").headers["Content-Encoding"] == "br"
    assert front.get("/media/original_images/x.jpg").status == 404
    assert front.get("/desk/login/").status == 200
    assert front.get("/-/health").status in {200, 503}


def test_numbers_on_a_copy_are_at_most_two_seconds_old(program, front, article):
    article_id, path = article
    until_copied(front, path)
    shown_at = []  # when the number was published, when it was on the copy
    for reader in range(1, 6):
        assert program.read(article_id, agent=f"Mozilla/5.0 (X11; Linux x86_64) R/{reader}") == 204
        program.wait_until(lambda n=reader: program.views_of(article_id) == n, "the number")
        published_at = time.monotonic()
        mark = f'data-article="{article_id}" value="{reader}"'
        front.wait_until(lambda mark=mark: mark in front.get(path).text, "it on the copy")
        shown_at.append(time.monotonic() - published_at)
    assert is_copy(front.get(path))
    assert max(shown_at) < 2.0, shown_at


def test_what_is_withdrawn_is_gone_without_the_worker(program, front, article):
    killed_id, path = article
    until_copied(front, path)
    assert path in until_copied(front, "/en/").text
    with (
        stopped(program.worker()),
        Watch(front, path) as watch,
        Watch(front, "/en/") as front_page,
    ):
        committed_at = float(program.python(WITHDRAW.format(article_id=killed_id)))
        # The page that showed a card of it is copied anew, without.
        time.sleep(2)
    # nginx looks for a file once in a second.
    assert watch.seen[0][0] < watch.last_with(lambda a: a.status == 200) < committed_at + 1
    assert watch.seen[-1][1].status == 410
    assert front_page.last_with(lambda a: path in a.text) < committed_at + 1
    assert front_page.last_with(is_copy) > committed_at + 1


def test_copies_of_a_process_that_hangs_are_withdrawn(program, front, path):
    until_copied(front, path)
    beat = next((program.home / "pages" / "copies" / "beats").iterdir())
    with stopped(int(beat.name.partition("-")[0])):
        stopped_at = time.monotonic()
        while time.monotonic() < stopped_at + 3:
            assert is_copy(front.get(path))
        program.wait_until(lambda: not copies_in(program), "an empty public/", within=5)
    until_copied(front, path)
