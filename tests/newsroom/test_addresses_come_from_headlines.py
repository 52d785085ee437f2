import pytest
from tests.conftest import both_databases
from tests.factories import ArticleFactory, SectionFactory
from tests.newsroom.desk import AS_SCRIPT, article_form, desk, form_errors, publish

from broadsheet.articles.models import Article
from broadsheet.articles.slugging import slug_from

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]


@pytest.fixture
def section(editions):
    return SectionFactory(en="Politics", uk="Політика")


def test_a_ukrainian_headline_is_transliterated_by_the_2010_standard(editor, section):
    data = article_form("Згурський з’їзд у Києві: їжак, Юрій і щавель", section)
    answer = editor.post(
        desk("add", query="?locale=uk"), {**data, "action-publish": "action-publish"}
    )
    assert answer.status_code == 302, form_errors(answer)
    article = Article.objects.get()
    assert article.slug == "zghurskyi-zizd-u-kyievi-yizhak-yurii-i-shchavel"
    assert editor.get(f"/uk/news/{article.slug}").status_code == 200


@pytest.mark.parametrize(
    ("code", "headline", "slug"),
    [
        (
            "ar",
            "وزير الدفاع الياباني يعلن عن خطة جديدة",
            "wzir-al-dfaa-al-yabani-yaln-an-khta-jdida",
        ),
        ("ar", "مُحَمَّد في أوروبا ٢٠٢٦: بيان من NATO", "muhammad-fi-uruba-2026-byan-mn-nato"),
        ("pl", "Żółć i jaźń: Łódź świętuje", "zolc-i-jazn-lodz-swietuje"),
        ("uk", "Згурський з’їзд", "zghurskyi-zizd"),
        ("en", "The ‘Big’ Deal — at last", "the-big-deal-at-last"),
    ],
)
def test_each_language_writes_its_letters_in_latin_ones(code, headline, slug):
    assert slug_from(headline, language=code) == slug


@pytest.mark.parametrize("is_live", [False, True])
def test_a_taken_slug_is_an_error_of_the_form(editor, section, is_live):
    ArticleFactory(headline="Bridge opens", slug="bridge")
    article = ArticleFactory(headline="Another", section=section, live=is_live)
    for address in (desk("edit", article.pk), desk("add")):
        for pressed in ({}, {"action-publish": "action-publish"}):
            data = article_form("Another", section, slug="bridge")
            answer = editor.post(address, {**data, **pressed})
            assert answer.status_code == 200
            assert form_errors(answer) == {
                "slug": ["Another article of this edition has this address."]
            }


def test_autosave_says_so_too_and_saves_nothing(editor, section):
    ArticleFactory(headline="Bridge opens", slug="bridge")
    answer = editor.post(desk("add"), article_form("Another", section, slug="bridge"), **AS_SCRIPT)
    assert answer.status_code == 400
    assert answer.json()["error_code"] == "validation_error"
    assert Article.objects.count() == 1


def test_an_address_that_redirects_is_taken_as_well(editor, section):
    moved = ArticleFactory(headline="Bridge opens", slug="bridge", section=section)
    publish(editor, moved, slug="bridge-at-last")
    answer = editor.post(desk("add"), article_form("Another", section, slug="bridge"))
    assert "slug" in form_errors(answer)


def test_another_edition_may_have_the_same_address(editor, section):
    ArticleFactory(headline="Bridge opens", slug="bridge")
    data = article_form("Міст", section, slug="bridge")
    answer = editor.post(
        desk("add", query="?locale=uk"), {**data, "action-publish": "action-publish"}
    )
    assert answer.status_code == 302, form_errors(answer)


def test_two_headlines_of_the_same_words_get_two_addresses(editor, section):
    for _ in range(2):
        data = article_form("Bridge opens", section)
        editor.post(desk("add"), {**data, "action-publish": "action-publish"})
    slugs = Article.objects.order_by("pk").values_list("slug", flat=True)
    assert list(slugs) == ["bridge-opens", "bridge-opens-2"]


def test_a_changed_slug_redirects_the_reader(editor, section):
    article = ArticleFactory(headline="Bridge opens", section=section)
    assert publish(editor, article, slug="bridge-opens-at-last").status_code == 302
    moved = editor.get("/en/news/bridge-opens")
    assert (moved.status_code, moved["Location"]) == (301, "/en/news/bridge-opens-at-last")
    assert editor.get("/en/news/bridge-opens-at-last").status_code == 200


def test_a_new_headline_does_not_move_a_published_article(editor, section):
    article = ArticleFactory(headline="Bridge opens", section=section)
    shown = editor.get(desk("edit", article.pk)).context["form"]["slug"].value()
    assert shown == "bridge-opens"
    publish(editor, article, headline="Bridge opens late", slug=shown)
    article.refresh_from_db()
    assert (article.headline, article.slug) == ("Bridge opens late", "bridge-opens")


def test_a_slug_that_was_typed_stays_while_the_headline_changes(editor, section):
    draft = ArticleFactory(headline="Bridge", slug="the-bridge", draft=True, section=section)
    assert editor.get(desk("edit", draft.pk)).context["form"]["slug"].value() == "the-bridge"
    editor.post(desk("edit", draft.pk), article_form("Bridge opens", section, slug="the-bridge"))
    draft.refresh_from_db()
    assert (draft.headline, draft.slug) == ("Bridge opens", "the-bridge")


def test_a_headline_without_letters_still_has_an_address(editor, section):
    editor.post(desk("add"), {**article_form("!!!", section), "action-publish": "action-publish"})
    assert Article.objects.get().slug == "article"
