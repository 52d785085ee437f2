import pytest
from tests.conftest import both_databases
from tests.factories import (
    ArticleFactory,
    AuthorFactory,
    PersonFactory,
    SectionFactory,
    SourceFactory,
    TagFactory,
)
from tests.newsroom.desk import desk, form_errors
from wagtail.test.utils.form_data import inline_formset, nested_form_data

from broadsheet.articles.models import Author, Person, Section, Source, Tag

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]

KINDS = {
    Section: ({"position": 3, "is_in_navigation": "on"}, {}),
    Tag: ({}, {}),
    Person: ({}, {"role": "Mayor"}),
    Source: ({"url": "https://example.com"}, {}),
    Author: ({"user": ""}, {"role": "Reporter", "about": ""}),
}
by_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def record_form(kind, names, *, kept=()):
    """The fields of a record's form; `names` are (edition, name, slug)."""
    own, beside = KINDS[kind]
    lines = [
        {"edition": edition.pk, "name": name, "slug": slug, **beside}
        for edition, name, slug in names
    ]
    for line, pk in zip(lines, kept, strict=False):
        line["id"] = pk
    return nested_form_data({**own, "names": inline_formset(lines, initial=len(kept))})


@by_kind
def test_a_record_is_made_renamed_and_found(editor, en, uk, kind):
    data = record_form(kind, [(en, "Harbour", ""), (uk, "Гавань", "")])
    answer = editor.post(desk("add", model=kind), data)
    assert answer.status_code == 302, form_errors(answer)
    record = kind.objects.get(label="Harbour")
    assert {(n.edition_id, n.slug) for n in record.names.all()} == {
        (en.pk, "harbour"),
        (uk.pk, "havan"),
    }
    kept = list(record.names.values_list("pk", flat=True))
    renamed = record_form(kind, [(en, "Port", "harbour"), (uk, "Гавань", "havan")], kept=kept)
    assert editor.post(desk("edit", record.pk, model=kind), renamed).status_code == 302
    assert kind.objects.get(pk=record.pk).label == "Port"
    for words in ("port", "por", "гавань"):
        page = editor.get(desk("list", model=kind), {"q": words}).content.decode()
        assert "Port" in page or words == "гавань"
    listed = editor.get(desk("list", model=kind)).content.decode()
    assert "English, Ukrainian" in listed


@by_kind
def test_a_taken_address_is_an_error_of_the_form(editor, en, kind):
    editor.post(desk("add", model=kind), record_form(kind, [(en, "Harbour", "")]))
    again = editor.post(desk("add", model=kind), record_form(kind, [(en, "Harbour", "")]))
    assert again.status_code == 200
    assert "slug" in form_errors(again)["names"][0]
    assert kind.objects.filter(label="Harbour").count() == 1


@by_kind
def test_a_record_needs_a_name(editor, kind):
    answer = editor.post(desk("add", model=kind), record_form(kind, []))
    assert answer.status_code == 200
    assert not kind.objects.exclude(label="News").exists()


def test_a_section_cannot_take_an_address_of_the_site(editor, en):
    answer = editor.post(
        desk("add", model=Section), record_form(Section, [(en, "Popular", "popular")])
    )
    assert "slug" in form_errors(answer)["names"][0]


def test_editions_are_told_apart_by_their_language(editor):
    page = editor.get(desk("add", model=Tag)).content.decode()
    assert ">English</option>" in page
    assert ">Ukrainian</option>" in page


def test_what_articles_name_is_not_deleted(editor, en):
    section, author = SectionFactory(en="World"), AuthorFactory(en="Ada Brook")
    ArticleFactory(section=section, authors=[author])
    for record in (section, author):
        from wagtail.models import ReferenceIndex

        ReferenceIndex.objects.all().delete()  # as after an import, which writes none
        answer = editor.post(desk("delete", record.pk, model=type(record)), follow=True)
        assert "so it stays" in answer.content.decode()
        assert type(record).objects.filter(pk=record.pk).exists()


def test_what_no_article_names_can_be_deleted(editor):
    tag = TagFactory(en="Ports")
    assert editor.post(desk("delete", tag.pk, model=Tag)).status_code == 302
    assert not Tag.objects.exists()


@by_kind
@pytest.mark.parametrize("words", ['"', "   ", "\0", "NEAR(", "%"])
def test_a_hostile_search_is_answered(editor, kind, words):
    factories = {
        Section: SectionFactory,
        Tag: TagFactory,
        Person: PersonFactory,
        Source: SourceFactory,
        Author: AuthorFactory,
    }
    factories[kind](en="Harbour")
    assert editor.get(desk("list", model=kind), {"q": words}).status_code == 200
    chooser = kind.snippet_viewset.chooser_viewset
    from django.urls import reverse

    address = reverse(chooser.get_url_name("choose_results"))
    assert editor.get(address, {"q": words}).status_code == 200


def test_a_list_of_records_asks_no_more_for_more_of_them(editor, django_assert_max_num_queries):
    for n in range(12):
        TagFactory(en=f"Port {n}", uk=f"Порт {n}")
    with django_assert_max_num_queries(15):
        editor.get(desk("list", model=Tag))
