import pytest
from django.urls import reverse
from tests.conftest import both_databases
from tests.newsroom.desk import form_errors

from broadsheet.articles.models import Edition, SectionName
from broadsheet.articles.setting_up import set_up_editions

pytestmark = both_databases

LIST, NEW = "/desk/editions/", "/desk/editions/new/"


@pytest.fixture
def only_english(db):
    (edition,) = set_up_editions(
        ["en"], site_name="The Wire", time_zone="Europe/London", section_names={"en": "News"}
    )
    return edition


@pytest.fixture
def editor(only_english, request):
    from broadsheet.newsroom.roles import set_up_roles

    set_up_roles()
    return request.getfixturevalue("_editor")


@pytest.fixture
def _editor(db):
    from tests.newsroom.conftest import _sign_in

    return _sign_in("edith", "Editors")


def edition_form(**fields):
    return {"name": "Дріт", "time_zone": "Europe/Kyiv", **fields}


def test_an_edition_is_switched_on(editor):
    assert editor.get("/uk/").status_code == 404
    answer = editor.post(NEW, edition_form(language="uk"))
    assert answer.status_code == 302, form_errors(answer)
    edition = Edition.objects.get(locale__language_code="uk")
    assert (edition.name, edition.time_zone, edition.is_default) == ("Дріт", "Europe/Kyiv", False)
    assert SectionName.objects.get(edition=edition).slug == "news"
    assert editor.get("/uk/").status_code == 200
    page = editor.get(LIST).content.decode()
    for text in ("English", "Ukrainian", "/uk/", "Europe/Kyiv"):
        assert text in page


def test_only_a_language_that_is_not_on_can_be_switched_on(editor):
    for language in ("en", "fr", ""):
        answer = editor.post(NEW, edition_form(language=language))
        assert "language" in form_errors(answer)
    assert Edition.objects.count() == 1


def test_name_and_zone_are_changed(editor, only_english):
    address = reverse("editions:edit", args=[only_english.pk])
    data = edition_form(name="The Daily Wire", is_default="on")
    assert editor.post(address, data).status_code == 302
    only_english.refresh_from_db()
    assert (only_english.name, only_english.time_zone) == ("The Daily Wire", "Europe/Kyiv")


def test_a_zone_has_to_exist(editor, only_english):
    address = reverse("editions:edit", args=[only_english.pk])
    answer = editor.post(address, edition_form(time_zone="Europe/Atlantis", is_default="on"))
    assert "time_zone" in form_errors(answer)


def test_the_default_is_handed_over_and_never_given_up(editor, only_english):
    editor.post(NEW, edition_form(language="uk", is_default="on"))
    assert Edition.objects.get(is_default=True).code == "uk"
    ukrainian = reverse("editions:edit", args=[Edition.objects.get(is_default=True).pk])
    answer = editor.post(ukrainian, edition_form())
    assert "is_default" in form_errors(answer)
    english = reverse("editions:edit", args=[only_english.pk])
    assert editor.post(english, edition_form(is_default="on")).status_code == 302
    assert [one.code for one in Edition.objects.filter(is_default=True)] == ["en"]


def test_an_edition_cannot_be_deleted(editor, only_english, admin_client):
    for address in (f"/desk/editions/delete/{only_english.pk}/", f"{LIST}x/"):
        assert admin_client.get(address).status_code == 404
    page = admin_client.get(reverse("editions:edit", args=[only_english.pk]))
    assert page.status_code == 200
    assert "delete" not in admin_client.get(LIST).content.decode().lower()
