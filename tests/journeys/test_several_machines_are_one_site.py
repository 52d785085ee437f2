import contextlib
import hashlib
import json
import os
import signal
import time

import pytest
from tests.postgres import Server
from tests.program import make_installation

pytestmark = pytest.mark.journey

UNPUBLISH = "from broadsheet.articles.models import Article; Article.objects.get(pk={}).unpublish()"
RENAME = """
from broadsheet.articles.models import Article
article = Article.objects.get(pk={})
article.headline = "A new headline"
article.save_revision().publish()
"""
NETWORK = "198.51.100."
#: Within it another machine has to take over.
TAKEN_OVER_SECONDS = 10


@pytest.fixture(scope="module")
def server():
    with Server() as server:
        yield server


@pytest.fixture(scope="module")
def first_home(server, tmp_path_factory):
    home = tmp_path_factory.mktemp("machines") / "first"
    return make_installation(home, DATABASE_URL=server.create("template"))


@pytest.fixture
def machine(server, first_home, tmp_path, request):
    """`machine("one")`: a machine of one installation, with a home of its own, at work."""
    url = server.create(_database(request), like="template")
    with contextlib.ExitStack() as stack:

        def start(name):
            made = first_home.copy_to(tmp_path / name)
            made.environment |= {
                "BROADSHEET_DATABASE_URL": url, "BROADSHEET_TRUSTED_PROXIES": "127.0.0.1",
            }  # fmt: skip
            return stack.enter_context(made).start()

        yield start


@pytest.fixture
def machines(machine):
    return machine("one"), machine("other")


def _database(request):
    """A name of its own; PostgreSQL takes 63 characters, and Django's tests put some before it."""
    return hashlib.sha256(request.node.name.encode()).hexdigest()[:16]


def browser(number):
    return f"Mozilla/5.0 (X11; Reader's own; rv:{100 + number}.0) Gecko/20100101"


def read_from(machine, article, number):
    """Send a view as a proxy does, from an address of its own."""
    return machine.get(
        "/-/read", method="POST", body=json.dumps({"article": article}).encode(),
        User_Agent=browser(number), X_Forwarded_For=f"{NETWORK}{number}",
    ).status  # fmt: skip


def leads(machine):
    return "this machine leads" in machine.log


def kill(machine):
    """End all of a machine's processes at once, as a loss of its power does."""
    for process in (machine.process.pid, *machine.children()):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    machine.process.wait()
    machine.process = None


def test_readers_of_any_machine_are_counted_once_and_see_the_same(machines, server):
    one, other = machines
    article, *_ = one.publish_bridges()
    for machine in machines:
        machine.wait_until(
            lambda m=machine: m.get("/en/news/bridge-0").status == 200, "the page", within=10
        )
    for number in range(4):
        for machine in machines:
            # The same reader, whichever machine answers.
            assert read_from(machine, article, number) == 204
    shown = f'<data class="views" data-article="{article}" value="4">'
    for machine in machines:
        machine.wait_until(lambda m=machine: m.views_of(article) == 4, "the count", within=10)
        machine.wait_until(
            lambda m=machine: shown in m.get("/en/news/bridge-0").text, "the page", within=10
        )
    assert one.run("recount").returncode == 0
    assert leads(one) != leads(other)
    with server.connect("postgres") as session:
        session.execute("CHECKPOINT")
    for home in (one.home, other.home, server.directory / "data"):
        read = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
        assert b"broadsheet" in read
        assert NETWORK.encode() not in read
        assert b"Reader's own" not in read


def test_what_changes_on_one_machine_changes_on_the_other(machines):
    one, other = machines
    article, withdrawn, _ = one.publish_bridges()
    other.wait_until(lambda: other.get("/en/news/bridge-1").status == 200, "it", within=10)
    for path in ("/en/news/bridge-0", "/en/"):
        assert "Bridge 0 opens" in other.get(path).text
    one.python(RENAME.format(article))
    for path in ("/en/news/bridge-0", "/en/"):
        other.wait_until(lambda path=path: "A new headline" in other.get(path).text, path, within=5)
    one.python(UNPUBLISH.format(withdrawn))
    other.wait_until(lambda: other.get("/en/news/bridge-1").status == 404, "it", within=5)
    assert "Bridge 1 opens" not in other.get("/en/").text


def test_another_machine_takes_over_when_the_one_that_leads_dies(machines):
    one, other = machines
    article, *_ = one.publish_bridges()
    one.wait_until(lambda: leads(one) or leads(other), "one that leads")
    leading, following = (one, other) if leads(one) else (other, one)
    assert not leads(following)
    assert following.read(article, agent=browser(1)) == 204
    kill(leading)
    killed_at = time.monotonic()
    assert following.read(article, agent=browser(2)) == 204
    following.wait_until(
        lambda: following.views_of(article) == 2, "the count", within=TAKEN_OVER_SECONDS
    )
    assert leads(following)
    assert time.monotonic() - killed_at < TAKEN_OVER_SECONDS
    # The former one comes back, and follows.
    leading.start()
    assert leading.read(article, agent=browser(3)) == 204
    leading.wait_until(lambda: leading.views_of(article) == 3, "the count", within=10)
    assert following.run("recount").returncode == 0


def test_one_whose_connections_are_cut_leads_no_longer_or_again(machines, server, request):
    one, other = machines
    article, *_ = one.publish_bridges()
    one.wait_until(lambda: leads(one) or leads(other), "one that leads")
    for number in range(5):
        server.cut_connections(_database(request))
        one.wait_until(
            lambda n=number: one.read(article, agent=browser(n)) == 204, "a view", within=10
        )
        other.wait_until(
            lambda n=number: other.views_of(article) == n + 1, "it", within=TAKEN_OVER_SECONDS
        )
    assert one.run("recount").returncode == 0


def test_views_are_refused_without_the_database_and_taken_again_with_it(machine, server):
    one = machine("one")
    article, *_ = one.publish_bridges()
    one.wait_until(lambda: one.get("/en/news/bridge-0").status == 200, "the page", within=10)
    assert one.read(article, agent=browser(1)) == 204
    server.stop()
    try:
        for number in range(5):
            assert one.read(article, agent=browser(90 + number)) == 503
        # What is stored is read on, without a database.
        assert one.get("/en/news/bridge-0").status == 200
    finally:
        server.start()
    one.wait_until(lambda: one.read(article, agent=browser(2)) == 204, "a view", within=10)
    one.wait_until(lambda: one.views_of(article) == 2, "it", within=15)
    assert one.run("recount").returncode == 0
