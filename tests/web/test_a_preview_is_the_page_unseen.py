import pytest
from tests.conftest import both_databases
from tests.factories import AuthorFactory, PersonFactory, SectionFactory, find_edition
from tests.web.pages import block, cards, parse, text_of

from broadsheet.articles.models import Article, ArticleAuthor
from broadsheet.web.previewing import NoEditionError, preview_article

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]


@pytest.fixture
def unsaved():
    article = Article(
        locale=find_edition("uk").locale,
        headline="Міст відкрито",
        lead="Завтра.",
        section=SectionFactory(en="Society", uk="Суспільство"),
        body=[("quote", {"text": "Готово.", "speaker": PersonFactory(uk="Ада Брук")})],
    )
    article.bylines.add(ArticleAuthor(author=AuthorFactory(uk="Олена Марчук")))
    return article


def test_an_unsaved_article_is_shown_as_its_page(unsaved, rf):
    response = preview_article(unsaved, request=rf.get("/"), mode="")
    tree = parse(response)
    assert tree.get("lang") == "uk"
    assert text_of(tree.find(".//h1")) == "Міст відкрито"
    assert text_of(tree.find(".//p[@class='byline']")) == "Текст: Олена Марчук"
    assert text_of(tree.find(".//figure/figcaption")) == "Ада Брук"
    assert Article.objects.count() == 0


def test_a_preview_is_not_stored_indexed_or_counted(unsaved, rf):
    for mode in ("", "card"):
        response = preview_article(unsaved, request=rf.get("/"), mode=mode)
        assert response["Cache-Control"] == "no-store"
        html = response.content.decode()
        assert '<meta name="robots" content="noindex">' in html
        assert "/-/read" not in html
        assert "js/reading.js" not in html
        assert "default-src 'none'" in response["Content-Security-Policy"]


def test_mode_card_shows_the_card_alone(unsaved, rf):
    tree = parse(preview_article(unsaved, request=rf.get("/"), mode="card"))
    (card,) = cards(tree)
    assert text_of(card.find("h2")) == "Міст відкрито"
    assert block(tree, "latest") is None


def test_a_language_that_is_no_edition_has_no_preview(unsaved, rf):
    from wagtail.models import Locale

    unsaved.locale = Locale.objects.create(language_code="pl")
    with pytest.raises(NoEditionError):
        preview_article(unsaved, request=rf.get("/"), mode="")
