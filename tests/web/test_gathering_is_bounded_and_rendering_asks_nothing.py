from datetime import date
from io import BytesIO

import pytest
from django.core.files.images import ImageFile
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image
from tests.conftest import both_databases
from tests.factories import ArticleFactory, AuthorFactory, PersonFactory, SectionFactory, TagFactory

from broadsheet.articles.models import NewsImage
from broadsheet.articles.queries import (
    find_article,
    find_author,
    find_person,
    find_section,
    find_tag,
)
from broadsheet.readership.models import DAY, Bucket
from broadsheet.themes.models import AnnouncedDate, Story, StoryMember
from broadsheet.themes.queries import find_story, pieces_of
from broadsheet.web.article_page import gather_article
from broadsheet.web.fragments import gather_latest_fragment, gather_popular_fragment
from broadsheet.web.fronts import gather_front, gather_section
from broadsheet.web.lists import (
    gather_author,
    gather_latest,
    gather_person,
    gather_popular,
    gather_tag,
)
from broadsheet.web.navigation import find_site
from broadsheet.web.pressing import render
from broadsheet.web.readership_fragment import gather_readership_fragment
from broadsheet.web.standing_pages import gather_counting, gather_not_found
from broadsheet.web.story_page import gather_story

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]

#: What the desk may build on: measured, with two to spare.
ARTICLE_QUERIES = 25
FRONT_QUERIES = 8


def make_image(colour="teal"):
    file = BytesIO()
    Image.new("RGB", (640, 360), colour).save(file, "JPEG")
    return NewsImage.objects.create(
        title=colour, file=ImageFile(file, name=f"{colour}.jpg"), width=640, height=360
    )


def tell_of(article):
    """Make the article part of the story `plans`, with a date that it announces and a reader."""
    at = article.first_published_at
    story, _ = Story.objects.get_or_create(
        locale_id=article.locale_id,
        slug="plans",
        defaults={"oldest_at": at, "newest_at": at, "mean_at": at},
    )
    StoryMember.objects.create(article=article, story=story, published_at=at)
    AnnouncedDate.objects.create(
        article=article, date=date(2031, 3, 1), precision="month", text="It opens in March."
    )
    day = int(at.timestamp()) // DAY * DAY
    Bucket.objects.create(size=DAY, start=day, article_id=article.pk, views=3)


@pytest.fixture
def newsroom(editions):
    """`newsroom(n)`: n more articles of a story with everything on them; returns the last."""
    section = SectionFactory(en="Politics", uk="Політика")
    author, tag = AuthorFactory(en="Olena Marchuk"), TagFactory(en="Ports")
    people = [PersonFactory(en=name) for name in ("Ada Brook", "Ida Stone")]
    image = make_image()
    made = []

    def make(count):
        for _ in range(count):
            picture = {"image": image, "alt": "A harbour", "caption": "", "credit": "x"}
            body = [
                ("paragraph", "<p>Text.</p>"),
                *(("quote", {"text": "We build.", "speaker": person}) for person in people),
                ("picture", picture),
                ("gallery", [picture, picture]),
                *(("related", article) for article in made[-5:]),
            ]
            made.append(
                ArticleFactory(
                    section=section, authors=[author], tags=[tag], body=body, image=image
                )
            )
            tell_of(made[-1])
        return made[-1]

    return make


class Queries:
    """How many statements ran on both databases."""

    def __enter__(self):
        self.captured = [CaptureQueriesContext(connections[name]) for name in connections]
        for one in self.captured:
            one.__enter__()
        return self

    def __exit__(self, *error):
        for one in self.captured:
            one.__exit__(*error)
        self.count = sum(len(one) for one in self.captured)


def pages():
    """Every kind of page, gathered: (template, gather)."""
    now = timezone.now()
    site = find_site("en")

    def named(find, gather, slug):
        return lambda: gather(find(site.id, slug), site=site, before=None)

    def section():
        return gather_section(find_section(site.id, "politics"), site=site, before=None)

    def story():
        found = find_story(site.id, "plans").story
        return gather_story(found, pieces_of(found.id), site=site, before=None, now=now)

    def readership():
        found = find_story(site.id, "plans").story
        return gather_readership_fragment(found.id, site=site, now=now)

    return {
        "web/story.html": story,
        "web/readership.html": readership,
        "web/front.html": lambda: gather_front(site=site),
        "web/section.html": section,
        "web/list.html": lambda: gather_latest(site=site, before=None),
        "web/list.html ": named(find_tag, gather_tag, "ports"),
        "web/list.html  ": named(find_author, gather_author, "olena-marchuk"),
        "web/person.html": named(find_person, gather_person, "ada-brook"),
        "web/popular.html": lambda: gather_popular(site=site, now=now),
        "web/standing.html": lambda: gather_counting(site=site),
        "web/missing.html": lambda: gather_not_found(site=site),
        "web/latest_fragment.html": lambda: gather_latest_fragment(site=site),
        "web/popular_fragment.html": lambda: gather_popular_fragment(site=site, now=now),
    }


def gather(article):
    site = find_site("en")
    return gather_article(find_article(site.id, article.slug), site=site, now=timezone.now())


def test_no_template_asks_the_database(newsroom):
    article = newsroom(6)
    gathered = {template: make() for template, make in pages().items()}
    gathered["web/article.html"] = gather(article)
    with Queries() as queries:
        for template, page in gathered.items():
            assert "</" in render(template.strip(), page)
    assert queries.count == 0


def test_pages_are_frozen_and_hold_no_models(newsroom):
    from dataclasses import fields, is_dataclass

    from django.db.models import Model, QuerySet

    def check(value, seen):
        assert not isinstance(value, Model | QuerySet | list | dict | set), (seen, value)
        if is_dataclass(value):
            assert type(value).__dataclass_params__.frozen, type(value)
            for field in fields(value):
                if field.name != "words":
                    check(getattr(value, field.name), [*seen, field.name])
        elif isinstance(value, tuple):
            for one in value:
                check(one, seen)

    check(gather(newsroom(6)), [])
    for make in pages().values():
        check(make(), [])


def test_an_article_costs_the_same_with_one_card_and_with_many(newsroom):
    article = newsroom(2)  # relates to one
    gather(article)
    with Queries() as few:
        gather(article)
    article = newsroom(12)
    with Queries() as many:
        page = gather(article)
    assert sum(part.kind == "related" for part in page.parts) == 5
    # A story that fills the thread leaves no room to look for the theme.
    assert few.count - 1 == many.count < ARTICLE_QUERIES


def test_a_front_costs_by_its_sections_alone(newsroom):
    newsroom(8)
    site = find_site("en")
    gather_front(site=site)
    with Queries() as few:
        gather_front(site=site)
    newsroom(12)
    with Queries() as many:
        page = gather_front(site=site)
    assert len(page.strips) == 1
    assert many.count == few.count
    assert many.count <= FRONT_QUERIES


def test_lists_cost_the_same_however_long(newsroom):
    newsroom(3)
    makers = pages()
    few = {}
    for name, make in makers.items():
        make()
        with Queries() as queries:
            make()
        few[name] = queries.count
    newsroom(12)
    for name, make in pages().items():
        with Queries() as queries:
            make()
        assert queries.count <= few[name], name
