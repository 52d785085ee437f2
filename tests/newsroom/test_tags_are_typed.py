import pytest
from django.urls import reverse
from tests.conftest import both_databases
from tests.factories import ArticleFactory, SectionFactory, TagFactory
from tests.newsroom.desk import article_form, desk, publish

from broadsheet.articles.models import Article, Tag

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]


def offered(client, term, edition=""):
    return client.get(reverse("desk_tag_names"), {"term": term, "edition": edition}).json()


def tags_of(article):
    return sorted(tag.label for tag in Article.objects.get(pk=article.pk).tags.all())


def test_a_known_name_is_taken_and_a_new_one_made(editor):
    ports = TagFactory(en="Ports")
    article = ArticleFactory(section=SectionFactory(en="World"))
    publish(editor, article, slug=article.slug, tags='ports, "Sea, Air and Land"')
    assert tags_of(article) == ["Ports", "Sea, Air and Land"]
    assert ports in Article.objects.get(pk=article.pk).tags.all()
    assert Tag.objects.count() == 2


def test_what_is_taken_out_of_the_field_is_taken_off(editor):
    article = ArticleFactory(tags=[TagFactory(en="Ports"), TagFactory(en="Ferries")])
    shown = editor.get(desk("edit", article.pk)).content.decode()
    assert "Ferries" in shown
    publish(editor, article, slug=article.slug, tags="Ports")
    assert tags_of(article) == ["Ports"]


def test_a_tag_without_a_name_in_the_edition_stays(editor):
    article = ArticleFactory(edition="uk", headline="Порт", tags=[TagFactory(en="Ports")])
    publish(editor, article, slug=article.slug, tags="Ports, Пороми")
    assert tags_of(article) == ["Ports", "Пороми"]


def test_a_name_belongs_to_the_edition_it_was_typed_in(editor, uk):
    section = SectionFactory(uk="Світ")
    data = article_form("Порт", section, tags="Пороми")
    editor.post(desk("add", query="?locale=uk"), {**data, "action-publish": "action-publish"})
    assert Tag.objects.get().name_in(uk.pk).slug == "poromy"


def test_an_overlong_name_is_an_error_of_the_form(editor):
    article = ArticleFactory()
    answer = publish(editor, article, slug=article.slug, tags="x" * 201)
    assert answer.context["form"].errors["tags"]


def test_names_are_offered_as_they_are_typed(editor, en, uk):
    TagFactory(en="Ports", uk="Порти")
    TagFactory(en="Portraits")
    assert offered(editor, "port") == ["Portraits", "Ports"]
    assert offered(editor, "порт", uk.pk) == ["Порти"]
    assert offered(editor, "порт", en.pk) == []


@pytest.mark.parametrize("term", ["", "   ", "\0", '"', "%", "_"])
def test_hostile_terms_are_offered_nothing(editor, term):
    TagFactory(en="Ports")
    assert offered(editor, term) == []
    assert offered(editor, "p", "9" * 40) == []


def test_only_those_of_the_desk_are_offered_names(outsider, client):
    for browser in (outsider, client):
        assert browser.get(reverse("desk_tag_names"), {"term": "p"}).status_code == 302
