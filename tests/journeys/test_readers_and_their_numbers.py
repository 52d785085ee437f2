"""Readers in Chromium before the shipped program, and the numbers that each of them sees."""

import gzip
import re

import pytest
from tests.browser import open_chromium

pytestmark = pytest.mark.journey

ANNA = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"
BEN = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0"
CLEO = "Mozilla/5.0 (X11; OpenBSD amd64; rv:139.0) Gecko/20100101 Firefox/139.0"
DORA = "Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari"
ROBOT = "Mozilla/5.0 (compatible; Examplebot/2.1; +https://bot.example)"
FIRST, SECOND, THIRD = (f"/en/news/bridge-{n}" for n in range(3))
PRERENDER = """
(address) => {
  const rules = document.createElement("script");
  rules.type = "speculationrules";
  rules.textContent = JSON.stringify({ prerender: [{ urls: [address], eagerness: "immediate" }] });
  document.head.append(rules);
}
"""


@pytest.fixture
def site(program):
    program.start()
    program.ids = program.publish_bridges()
    program.wait_until(lambda: "Bridge 2 opens" in program.get("/en/").text, "the front")
    return program


class Reader:
    """A browser of somebody's own, and what it sent."""

    def __init__(self, site, chromium, agent, **options):
        self.site = site
        self.page = chromium.new_context(user_agent=agent, **options).new_page()
        self.sent = []
        self.page.on("requestfinished", self._note)

    def _note(self, request):
        if "/-/read" in request.url:
            self.sent.append(request.response().status)

    def open(self, address):
        """Open an article, and wait until its view is acknowledged."""
        sent = len(self.sent)
        self.page.goto(self.site.address + address)
        self.until_sent(sent + 1)

    def until_sent(self, times):
        for _ in range(300):
            if len(self.sent) >= times:
                return
            self.page.wait_for_timeout(100)  # its events come only while the browser is waited for
        raise AssertionError(f"{len(self.sent)} views were sent, not {times}")

    def until_shown(self, article_id, label):
        place = self.page.locator(f'data.views[data-article="{article_id}"]').first
        place.filter(has_text=re.compile(f"^{label}$")).wait_for(timeout=60_000)


def shown_in(html, article_id):
    """Every number that a page has for an article, and its words."""
    place = rf'<data class="views" data-article="{article_id}" value="(\d+)">([^<]*)</data>'
    return re.findall(place, html)


def until_all_say(site, article_id, views, address):
    """Wait until the article, its card elsewhere, Popular and the live numbers say the same."""
    label = "1 view" if views == 1 else f"{views} views"

    def told():
        pages = {page: site.get(page).text for page in (address, "/en/", "/en/news/")}
        pages["popular"] = popular_of(site.get("/en/popular").text)
        found = {page: set(shown_in(text, article_id)) for page, text in pages.items()}
        live = site.get(f"/-/numbers?ids={article_id}&edition=en").json["counts"]
        found["live"] = {(str(told["views"]), told["label"]) for told in live.values()}
        return all(numbers == {(str(views), label)} for numbers in found.values())

    site.wait_until(told, f"{label} everywhere", within=90)


def popular_of(html):
    blocks = re.findall(r'<section data-block="popular".*?</section>', html, re.DOTALL)
    return "".join(blocks)


def dropped(site):
    """How many logged views were not counted, by the reason."""
    told = site.python(
        "from broadsheet.readership.models import DroppedViews\n"
        "for one in DroppedViews.objects.all(): print(one.verdict, one.views)"
    )
    return {line.split()[0]: int(line.split()[1]) for line in told.splitlines()}


def folded(site):
    """How many views of the log are folded, whatever became of them."""
    state = "from broadsheet.readership.models import FoldState; print(FoldState.load().sequence)"
    return int(site.python(state))


def test_each_reader_counts_once_and_all_see_the_same(site):
    first, second, third = site.ids
    with open_chromium(keeps_pages=True) as chromium:
        anna = Reader(site, chromium, ANNA)
        anna.open(FIRST)
        anna.until_shown(first, "1 view")
        until_all_say(site, first, 1, FIRST)

        ben = Reader(site, chromium, BEN)
        ben.open(FIRST)
        ben.until_shown(first, "2 views")
        until_all_say(site, first, 2, FIRST)

        anna.open(FIRST)  # a reload
        Reader(site, chromium, ROBOT).open(FIRST)
        assert anna.sent == [204, 204]
        site.wait_until(lambda: dropped(site).get("robot:bot") == 1, "the robot's view")
        until_all_say(site, first, 2, FIRST)
        anna.until_shown(first, "2 views")

        cleo = Reader(site, chromium, CLEO, java_script_enabled=False)
        cleo.open(FIRST)
        assert cleo.sent == [200]
        until_all_say(site, first, 3, FIRST)
        cleo.open(FIRST)
        cleo.until_shown(first, "3 views")

        dora = Reader(site, chromium, DORA)
        dora.open(SECOND)
        dora.until_shown(second, "1 view")
        dora.page.evaluate(
            "addEventListener('pageshow', (event) => { window.isBack = event.persisted; })"
        )
        dora.page.locator(f'a[href="{THIRD}"]').first.click()
        dora.page.wait_for_url(f"**{THIRD}")
        dora.until_sent(2)
        ben.open(SECOND)
        dora.page.go_back(wait_until="commit")
        dora.until_shown(second, "2 views")
        # Not loaded again: the very page came back, said that it is read, and asked at once.
        assert dora.page.evaluate("window.isBack") is True
        site.wait_until(lambda: folded(site) == 10, "her third view, in the log")
        until_all_say(site, second, 2, SECOND)
        until_all_say(site, third, 1, THIRD)
    assert site.run("recount").stderr.endswith(" 0 differences\n")


def test_what_is_fetched_ahead_counts_when_it_is_seen(site):
    first, second, _ = site.ids
    with open_chromium() as chromium:
        anna = Reader(site, chromium, ANNA, bypass_csp=True)
        anna.open(FIRST)
        anna.page.evaluate(PRERENDER, SECOND)
        anna.until_shown(first, "1 view")
        assert site.views_of(second) == 0
        anna.page.locator(f'a[href="{SECOND}"]').first.click()
        anna.page.wait_for_url(f"**{SECOND}")
        site.wait_until(lambda: site.views_of(second) == 1, "the view")
    body = b'{"article": %d}' % second
    for purpose in ("prefetch", "prefetch;prerender"):
        answer = site.get("/-/read", method="POST", body=body, Sec_Purpose=purpose, User_Agent=BEN)
        assert answer.status == 204
    site.wait_until(lambda: dropped(site) == {"prefetch": 1, "prerender": 1}, "both verdicts")
    assert site.views_of(second) == 1


def test_an_article_weighs_less_than_40_kb_before_its_pictures(site):
    page = site.get(FIRST).text
    files = re.findall(r'(?:href|src)="(/assets/[^"]+\.(?:css|js))"', page)
    assert len(files) >= 2
    bodies = [page.encode(), *(site.get(file).body for file in files)]
    assert sum(len(gzip.compress(body)) for body in bodies) < 40_000
