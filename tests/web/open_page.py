"""A page that runs the readers' script in Chromium, over answers and a clock that the test gives."""

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import broadsheet.web

SCRIPT = Path(broadsheet.web.__file__).parent / "assets" / "js" / "reading.js"
SITE = "https://site.example"
#: What the browser says of itself, and chance, are the test's.
STAGE = """
window.seen = "visible";
window.chance = 0;
Object.defineProperty(document, "visibilityState", { get: () => window.seen });
Math.random = () => window.chance;
"""


def place(article_id, views=0):
    return f'<data class="views" data-article="{article_id}" value="{views}">{views} views</data>'


class OpenPage:
    """The page of article 42, which is on it, and of whatever else stands in `body`.

    `status` answers the next views, 0 as a line that is down; `counts` and `as_of` the next
    questions for numbers, and `counts` of None as a line that is down.
    """

    def __init__(self, browser, *, body="", is_article=True, stage="", referer=None, **options):
        self.status = options.pop("status", 204)
        self.counts, self.as_of = {}, "2026-02-14T13:05:00.000Z"
        self.views, self.asked, self.beacons = [], [], []
        head = f'<script type="module" src="{SCRIPT.name}"></script>'
        main = f'<article data-article="42" data-main>{place(42, 9)}</article>'
        self._html = f'<!doctype html><html lang="en">{head}{main if is_article else ""}{body}'
        self.page = browser.new_context(**options).new_page()
        self.page.clock.install(time=0)
        self.page.clock.pause_at(1000)  # else it goes on by itself, further on a busy machine
        self.page.add_init_script(STAGE + stage)
        self.page.route("**/*", self._answer)
        self.page.goto(SITE, referer=referer)

    def __getattr__(self, name):
        return getattr(self.page, name)

    def pass_seconds(self, seconds):
        """Let time pass, and what comes of it."""
        self.clock.run_for(int(seconds * 1000))
        self.settle()

    def settle(self):
        """Wait until what was sent is answered, and the script has taken the answer."""
        self.page.evaluate("() => fetch('/settled').then((answer) => answer.text())")

    def be(self, state):
        """Be hidden, or visible again, as a tab is that another one is put before."""
        self.page.evaluate(
            "(state) => {"
            "window.seen = state; document.dispatchEvent(new Event('visibilitychange'));}",
            state,
        )
        self.settle()

    def say_counts(self, views, *, as_of=None):
        self.counts = {n: {"views": count, "label": f"{count} views"} for n, count in views.items()}
        self.as_of = as_of or self.as_of

    def shown(self, article_id=42):
        return self.page.locator(f'data[data-article="{article_id}"]').first.inner_text()

    def _answer(self, route):
        parts = urlsplit(route.request.url)
        if parts.path == "/-/read":
            kept = self.beacons if route.request.resource_type == "ping" else self.views
            kept.append(json.loads(route.request.post_data))
            if self.status:
                route.fulfill(status=self.status)
            else:
                route.abort()
        elif parts.path == "/-/numbers":
            self.asked.append([int(n) for n in parse_qs(parts.query)["ids"][0].split(",")])
            if self.counts is None:
                route.abort()
            else:
                route.fulfill(json={"as_of": self.as_of, "counts": self.counts})
        elif parts.path.endswith(SCRIPT.name):
            route.fulfill(content_type="text/javascript", body=SCRIPT.read_bytes())
        elif parts.path == "/settled":
            route.fulfill(body="")
        else:
            route.fulfill(content_type="text/html", body=self._html)
