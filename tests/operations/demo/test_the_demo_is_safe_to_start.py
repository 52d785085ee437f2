"""An interrupted filling goes on, and nobody's own newsroom is mixed with the demo."""

import pytest
from django.utils import timezone
from tests.conftest import both_databases
from tests.factories import ArticleFactory
from tests.operations.demo.conftest import SMALL

from broadsheet.articles.models import Article, Edition, NewsImage
from broadsheet.operations.demo import filling
from broadsheet.operations.demo.filling import NotADemoError, fill_newsroom
from broadsheet.readership.models import ArticleCount
from broadsheet.readership.recounting import recount

pytestmark = [both_databases]

NEWSROOM = """
[sections.news]
en = "News"
uk = "Новини"
slug = "news"
[authors.ann]
en = "Ann"
uk = "Анна"
"""
ARTICLE = """
[[articles]]
key = "bridge-{number}"
section = "news"
hours_ago = {hours}
authors = ["ann"]
popularity = 3
picture = {{ scene = "bridge", seed = {number} }}
[articles.en]
headline = "Bridge {number} opens"
picture_alt = "A bridge"
body = [ {{ paragraph = "It is open." }} ]
[articles.uk]
headline = "Відкрили міст {number}"
picture_alt = "Міст"
body = [ {{ paragraph = "Він відкритий." }} ]
"""


@pytest.fixture
def fill(settings, tmp_path, editions):
    """`fill()`: a demo of three articles in a home of its own; the lines that it told."""
    settings.HOME = tmp_path / "home"
    settings.MEDIA_ROOT = str(settings.HOME / "media")
    settings.VIEW_LOG_DIRECTORY = settings.HOME / "view-log"
    content = tmp_path / "content"
    (content / "stories").mkdir(parents=True)
    settings.HOME.mkdir()
    (content / "newsroom.toml").write_text(NEWSROOM, "utf-8")
    story = "".join(ARTICLE.format(number=n, hours=10.0 - n) for n in (1, 2, 3))
    (content / "stories" / "bridges.toml").write_text(story, "utf-8")

    def fill(now=None):
        told = []
        size = {**SMALL, "views": 600}
        fill_newsroom(now=now or timezone.now(), tell=told.append, content=content, **size)
        return told

    return fill


def state():
    slugs = list(Article.objects.order_by("locale", "slug").values_list("slug", flat=True))
    return slugs, NewsImage.objects.count(), ArticleCount.objects.filter(total__gt=0).count()


WHOLE = (
    [
        "bridge-1-opens",
        "bridge-2-opens",
        "bridge-3-opens",
        "vidkryly-mist-1",
        "vidkryly-mist-2",
        "vidkryly-mist-3",
    ],
    3,
    6,
)


def test_a_filled_newsroom_is_only_served(fill):
    assert fill()
    assert state() == WHOLE
    assert fill() == []


@pytest.mark.parametrize(
    ("step", "calls"),
    [("keep_records", 0), ("keep_pictures", 0), ("publish_article", 3), ("_deliver", 0),
     ("send_views", 0), ("rank_popular", 0)],
)  # fmt: skip
def test_what_was_interrupted_is_completed_by_the_next_run(fill, monkeypatch, step, calls):
    whole, made = getattr(filling, step), []

    def interrupt(*args, **kwargs):
        if len(made) == calls:
            raise KeyboardInterrupt
        made.append(args)
        return whole(*args, **kwargs)

    monkeypatch.setattr(filling, step, interrupt)
    with pytest.raises(KeyboardInterrupt):
        fill()
    monkeypatch.setattr(filling, step, whole)
    assert state() != WHOLE or step == "rank_popular"
    fill()
    assert state() == WHOLE
    assert recount(now=timezone.now()).differences == []


def test_an_article_that_is_interrupted_is_there_whole_or_not_at_all(fill, monkeypatch):
    from broadsheet.operations.demo import publishing

    dated = []

    def interrupt(*args, **kwargs):
        dated.append(args)
        if len(dated) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(publishing, "_date_back", interrupt)
    with pytest.raises(KeyboardInterrupt):
        fill()
    assert Article.objects.count() == 1


def test_a_newsroom_of_somebodys_own_is_left_alone(fill):
    ArticleFactory(headline="Our own article")
    with pytest.raises(NotADemoError, match="BROADSHEET_HOME"):
        fill()
    assert Article.objects.get().headline == "Our own article"
    assert filling.read_state() == ""


def test_an_installation_with_one_edition_is_filled_in_that_one(fill):
    Edition.objects.filter(locale__language_code="en").delete()
    fill()
    assert {article.locale.language_code for article in Article.objects.all()} == {"uk"}
