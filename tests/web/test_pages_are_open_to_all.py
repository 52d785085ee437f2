"""Every kind of page in every edition, in Chromium: by axe's rules, by its own policy, at 320 pixels."""

import json
import re
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from django.core.files.images import ImageFile
from django.urls import get_resolver, resolve
from django.utils import timezone
from PIL import Image
from tests.browser import open_chromium
from tests.conftest import both_databases
from tests.factories import ArticleFactory, find_edition

import broadsheet.web
from broadsheet.articles.models import (
    ArticleCorrection,
    ArticleSource,
    Author,
    AuthorName,
    NewsImage,
    Person,
    PersonName,
    Section,
    SectionName,
    Source,
    SourceName,
    Tag,
    TagName,
)
from broadsheet.articles.publishing import kill
from broadsheet.articles.setting_up import set_up_editions
from broadsheet.themes.models import Story, StoryMember
from broadsheet.web import views
from broadsheet.web.editions import WORDS
from broadsheet.web.failing import SERVER_ERROR_HEADERS, server_error_page
from broadsheet.web.touching import all_addresses

MADE = {}
SITE = "https://site.example"
ASSETS = Path(broadsheet.web.__file__).parent / "assets"
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml",
         ".woff2": "font/woff2", ".webp": "image/webp", ".jpg": "image/jpeg"}  # fmt: skip
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TEXT = {
    "en": "Ships cross the sound six times a day, the two ministries say",
    "uk": "Судна перетинають протоку шість разів на день, кажуть міністерства",
    "pl": "Promy przepływają cieśninę sześć razy dziennie, podają ministerstwa",
    "ar": "تعبر السفن المضيق ست مرات في اليوم بحسب الوزارتين",
}


def named(model, names, text):
    record = model.objects.create()
    for code in WORDS:
        edition = find_edition(code)
        names.objects.create(owner=record, edition=edition, name=text, slug=f"{model.__name__}-x")
    return record


def make_image():
    file = BytesIO()
    Image.new("RGB", (1200, 675), "teal").save(file, "JPEG")
    return NewsImage.objects.create(
        title="x", file=ImageFile(file, name="x.jpg"), width=1200, height=675, credit="Ada Brook"
    )


def fill_edition(code, image, *, section, author, tag, person, source):
    """An article that has every part, what belongs to it, and one that was withdrawn."""
    text = TEXT.get(code, TEXT["en"])
    common = {"edition": code, "section": section, "image": image, "image_alt": text}
    others = [ArticleFactory(headline=f"{text} ({n})", lead=text, **common) for n in range(3)]
    figure = {"image": image, "alt": text, "caption": text}
    quote = {"text": text, "speaker": person, "role": text, "where": text}
    table = {
        "columns": [{"type": "text", "heading": text}, {"type": "number", "heading": text}],
        "rows": [{"values": [text, "12"]}],
    }
    body = [
        ("paragraph", f"<p>{text}. <a href='https://e.example/'>{text}</a>.</p>"),
        *(("heading", f"{text} {n}") for n in range(3)),
        ("quote", quote),
        ("picture", figure),
        ("gallery", [figure, figure]),
        ("related", others[0]),
        ("list", [f"<p>{text}</p>"]),
        ("video", {"url": "https://youtu.be/abcdefghijk", "title": text, "poster": image}),
    ]
    article = ArticleFactory(
        headline=text, lead=text, dateline=text[:12], slug="whole", is_exclusive=True, draft=True,
        tags=[tag], authors=[author], body=body, **common,
    )  # fmt: skip
    article.body.append(("table", {"caption": text, "table": table_of(article, table)}))
    article.sourcings.add(ArticleSource(source=source, role="reported", url="https://e.example/"))
    article.corrections.add(ArticleCorrection(corrected_at=timezone.now(), text=text))
    article.publish(article.save_revision())
    kill(ArticleFactory(headline=text, **common), notice=text, now=timezone.now())
    at = others[0].first_published_at
    story = Story.objects.create(
        locale_id=article.locale_id, slug="tale", size=4, oldest_at=at, newest_at=at, mean_at=at
    )
    article.refresh_from_db()
    for one in (article, *others):
        StoryMember.objects.create(article=one, story=story, published_at=one.first_published_at)
    return [article, *others]


def table_of(article, raw):
    table = article.body.stream_block.child_blocks["table"].child_blocks["table"]
    return table.to_python(raw)


@pytest.fixture
def pages(db, client, ranked, counted):
    """What is answered, by path: one page of each kind in each edition, as status, headers, body.

    Made once, and before the browser is there, in whose thread Django lets nobody ask a database.
    """
    if not MADE:
        MADE.update(make_pages(client, ranked, counted))
    return MADE


def make_pages(client, ranked, counted):
    set_up_editions(list(WORDS), site_name="The Test Wire", time_zone="Europe/Kyiv",
                    section_names={code: words.news_section for code, words in WORDS.items()})  # fmt: skip
    image = make_image()
    text = TEXT["en"][:20]
    records = {
        "section": named(Section, SectionName, text),
        "author": named(Author, AuthorName, text),
        "tag": named(Tag, TagName, text),
        "person": named(Person, PersonName, text),
        "source": named(Source, SourceName, text),
    }
    articles = [one for code in WORDS for one in fill_edition(code, image, **records)]
    ranked("day", articles)
    counted({one.pk: 1234 * n for n, one in enumerate(articles)})
    found = {}
    known = [one for one in all_addresses() if one.split("/")[1] in WORDS]
    for address in sorted(known, key=lambda one: ("whole" not in one, one)):
        response = client.get(address)
        kind = (resolve(address).url_name, address.split("/")[1], response.status_code)
        is_page = response.get("Content-Type", "").startswith("text/html")
        if is_page and kind not in {key for key, _ in found.values()}:
            found[address] = kind, response
    # The pages whose addresses nobody can list.
    for code in WORDS:
        asked = f"/{code}/search?q={TEXT.get(code, TEXT['en']).split()[0]}"
        found[asked] = ("search", code, 200), client.get(asked)
        response = client.get(f"/{code}/news/there-is-none")
        found[f"/{code}/news/there-is-none"] = ("missing", code, 404), response
    names = {kind[0] for kind, _ in found.values()}
    every = {
        pattern.name for pattern in get_resolver().url_patterns
        if pattern.callback in {views.page, views.search}
        and not re.search("feed|root|sitemap", pattern.name)
    }  # fmt: skip
    assert every <= names, f"no page of {every - names} is looked at"
    made = {
        address: (response.status_code, dict(response.headers), response.content)
        for address, (_kind, response) in found.items()
    }
    return made | {"/failed": (500, dict(SERVER_ERROR_HEADERS), server_error_page())}


class Reader:
    """A tab over `pages`; `blocked` is what the pages' own policy forbade, and what is missing."""

    def __init__(self, browser, pages, **options):
        self.tab = browser.new_context(**options).new_page()
        self.blocked, self.asked = [], []
        self._pages = pages
        self.tab.on("console", self._hear)
        self.tab.on("pageerror", lambda error: self.blocked.append(str(error)))
        self.tab.route("**/*", self._answer)

    def _hear(self, said):
        if said.type == "error" and "status of" not in said.text:
            self.blocked.append(said.text)

    def _answer(self, route):
        url = route.request.url
        self.asked.append(url)
        path = unquote(url.removeprefix(SITE))
        if path not in self._pages:
            path = path.partition("?")[0]
        if path in self._pages:
            status, headers, body = self._pages[path]
            route.fulfill(status=status, headers=headers, body=body)
        elif path.startswith("/assets/"):
            file = ASSETS / path.removeprefix("/assets/")
            route.fulfill(content_type=KINDS[file.suffix], body=file.read_bytes())
        elif path.startswith("/media/"):
            file = Path(django_settings.MEDIA_ROOT) / path.removeprefix("/media/")
            route.fulfill(content_type=KINDS[file.suffix], body=file.read_bytes())
        elif path == "/-/numbers":
            route.fulfill(json={"as_of": "2026-02-14T13:05:00.000Z", "counts": {}})
        elif path.startswith("/-/read"):
            route.fulfill(status=204)
        elif url.startswith(SITE):
            self.blocked.append(f"{url} is not there")
            route.fulfill(status=404)
        else:
            route.abort()

    def faults(self, kind, values):
        """What axe has against the page by rules of one kind, "tag" or "rule"."""
        asked = {"runOnly": {"type": kind, "values": values}, "resultTypes": ["violations"]}
        if self.tab.evaluate("typeof axe") == "undefined":
            found = Axe().run(self.tab, options=asked).response
        else:
            found = self.tab.evaluate("(asked) => axe.run(document, asked)", asked)
        return [
            (one["id"], node["target"], node["failureSummary"])
            for one in found["violations"]
            for node in one["nodes"]
        ]


@both_databases
def test_axe_finds_nothing_nothing_is_blocked_and_nothing_runs_over_the_edge(pages):
    faults = {}
    with open_chromium() as browser:
        reader = Reader(browser, pages)
        for address in pages:
            tab = reader.tab
            # A window of 1280 pixels, made four times as large.
            tab.set_viewport_size({"width": 320, "height": 640})
            tab.emulate_media(color_scheme="light")
            tab.goto(SITE + address)
            found = [("320 px, light", *fault) for fault in reader.faults("tag", RULES)]
            width = tab.evaluate("document.documentElement.scrollWidth")
            found += [("320 px", "scrolls", width)] if width > 320 else []
            tab.set_viewport_size({"width": 1280, "height": 900})
            tab.emulate_media(color_scheme="dark")
            found += [
                ("1280 px, dark", *fault)
                for fault in reader.faults("rule", ["color-contrast", "target-size"])
            ]
            found += [("blocked", one) for one in reader.blocked]
            reader.blocked.clear()
            if found:
                faults[address] = found
        assert not [url for url in reader.asked if not url.startswith(SITE)]
        assert reader.tab.context.cookies() == []
    assert not faults, json.dumps(faults, indent=1, ensure_ascii=False)[:6000]
