"""The configuration in `deploy/` and Varnish itself, in front of the shipped program."""

import time

import pytest
from tests.deploy.fronts import (
    WITHDRAW,
    Watch,
    make_articles,
    set_up,
    varnish,
    wait_for_facts,
)
from tests.program import free_port

pytestmark = pytest.mark.journey

#: So that only a purge can be why a page is not kept any longer.
FOR_LONG = {"beresp.ttl > 2s": "true", "beresp.ttl = 2s": "beresp.ttl = 600s"}


def purge(front, keys):
    """Have Varnish forget; return how many pages that were."""
    answer = front.get("/", method="PURGE", surrogate_key=keys)
    assert answer.status == 200
    return int(answer.text.split("Purged ")[1].split()[0].removesuffix("</title>"))


def test_varnish_keeps_a_page_until_it_is_told(installed, tmp_path):
    port = free_port()
    urls = f"http://127.0.0.1:{port}"
    with set_up(installed, tmp_path / "home", PURGE_URLS=urls) as program:
        [(first_id, path), (killed_id, killed_path), *_others] = make_articles(program)
        program.start()
        wait_for_facts(program)
        with varnish(program, tmp_path / "varnish", port=port, **FOR_LONG) as front:
            check_that_keys_are_for_the_cache_alone(program, front, first_id, path)
            check_what_is_not_kept(front, first_id)
            check_that_what_is_withdrawn_is_forgotten(program, front, killed_id, killed_path)


def check_that_keys_are_for_the_cache_alone(program, front, article_id, path):
    own, shared = program.get(path), front.get(path)
    assert own.headers["Cache-Control"] == "max-age=0, must-revalidate, s-maxage=1"
    assert f"article:{article_id}" in own.headers["Surrogate-Key"].split()
    assert "latest:en" in own.headers["Surrogate-Key"].split()  # of a fragment
    assert shared.headers["Cache-Control"] == "no-cache"
    assert shared.headers["Surrogate-Key"] is None
    assert shared.body == own.body
    assert front.get(path, If_None_Match=shared.headers["ETag"]).status == 304
    assert purge(front, f"article:{article_id}") > 0
    # A thread of Varnish's own takes what was purged off the keys, a moment later.
    front.wait_until(lambda: purge(front, f"article:{article_id}") == 0, "forgetting", within=5)


def check_what_is_not_kept(front, article_id):
    assert front.get("/desk/login/").headers["Set-Cookie"]
    assert front.read(article_id) == 204
    front.wait_until(lambda: front.views_of(article_id) == 1, "the view", within=5)
    assert front.get("/en/?x=1").status == 200
    assert front.get("/en/news/nothing").status == 404
    assert front.get("/", method="PURGE").status == 400


def check_that_what_is_withdrawn_is_forgotten(program, front, killed_id, path):
    with Watch(front, path) as watch, Watch(front, "/en/") as front_page:
        committed_at = float(program.python(WITHDRAW.format(article_id=killed_id)))
        time.sleep(2)
    # What was on its way while the purge came is kept until the worker purges again; as shipped no
    # longer than a second, whoever purges.
    assert watch.seen[0][0] < watch.last_with(lambda a: a.status == 200) < committed_at + 1
    assert watch.seen[-1][1].status == 410
    assert front_page.last_with(lambda a: path in a.text) < committed_at + 1
