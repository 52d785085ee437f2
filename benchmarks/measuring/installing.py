"""Installations that are measured: the demo, and the page of 20 kB with 20 live slots in it."""

import re
import sys
from pathlib import Path

from measuring.recording import ROOT

sys.path.insert(0, str(ROOT))

from tests.program import Program, make_installation

PAGE_BYTES, PAGE_SLOTS = 20_000, 20
_SLOT = b'class="views"'
_TRIES = 6
# Small pictures and few views: neither shows in a page's bytes.
_FILL = """
from django.utils import timezone
from broadsheet.operations.demo.filling import fill_newsroom
fill_newsroom(now=timezone.now(), tell=print, picture_size=(160, 90), views=20_000)
"""
_PUBLISH = """
from broadsheet.articles.models import Article, Edition
edition = Edition.objects.get(locale__language_code="en")
others = Article.objects.filter(locale=edition.locale, live=True).exclude(slug="{slug}")
others = others.order_by("-first_published_at")
article = Article.objects.filter(slug="{slug}").first() or Article(
    locale=edition.locale, slug="{slug}", section=others[0].section, live=False,
    headline="The bridge at the old mill opens to the last of its trains",
    lead="Twenty numbers stand on this page, and all of them are live.")
text = ("The council had put off the vote three times before the engineers came back with a "
        "drawing that everybody could pay for, and so the night train crossed at last. ")
article.body = [("paragraph", f"<p>{{number}}: {{text * 3}}</p>") for number in range({paragraphs})]
article.body.extend([("related", other) for other in others[20:20 + {related}]])
if article.pk is None:
    article.save()
article.save_revision().publish()
"""
SLUG = "the-page-that-is-measured"
PAGE = f"/en/news/{SLUG}"


def make_demo(home: Path, **options: object) -> Program:
    """Return a program with the demo's newsroom in `home`."""
    program = make_installation(home, **options)
    program.python(_FILL)
    return program


def publish_measured_page(program: Program) -> tuple[int, int]:
    """Publish the measured page in a demo that is served; return its bytes and slots.

    What stands beside the text is the demo's, so the text is fitted until the whole is right.
    """
    paragraphs, related = 6, 5
    for _ in range(_TRIES):
        program.python(_PUBLISH.format(slug=SLUG, paragraphs=paragraphs, related=related))
        size, slots = _settle(program)
        if abs(size - PAGE_BYTES) < 600 and slots == PAGE_SLOTS:
            return size, slots
        related = max(0, related + PAGE_SLOTS - slots)
        paragraphs = max(1, paragraphs + round((PAGE_BYTES - size) / 500))
    raise RuntimeError(f"The measured page has {size} bytes and {slots} slots")


def article_of(program: Program, path: str) -> int:
    return int(re.search(r'data-article="(\d+)" data-main', program.get(path).text)[1])


def _settle(program: Program) -> tuple[int, int]:
    """The page's bytes and slots once the worker has related it: they stay for two seconds."""
    seen: list[tuple[int, int]] = []

    def is_settled() -> bool:
        body = program.get(PAGE, Accept_Encoding="identity").body
        seen.append((len(body), body.count(_SLOT)))
        return len(seen) > 40 and len(set(seen[-40:])) == 1

    program.wait_until(is_settled, "the measured page", within=60)
    return seen[-1]
