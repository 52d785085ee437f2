import re

import pytest
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from tests.newsroom import catalogue
from tests.newsroom.desk import desk

HOW = "run `python -m tests.newsroom.catalogue`, and translate what it lists"
PLACES = re.compile(r"%\(\w+\)[sd]|<[^>]+>")


@pytest.fixture(params=catalogue.LANGUAGES)
def language(request):
    return request.param


def test_every_word_of_the_desk_is_translated(language):
    written = catalogue.read(language)
    there = {message.id for message in written if message.id}
    wanted = {message.id for message in catalogue.gather() if message.id}
    assert len(wanted) > 350
    assert wanted - there == set(), HOW
    assert there - wanted == set(), HOW
    left = [
        message.id for message in written if message.id and not catalogue.is_translated(message)
    ]
    assert left == [], HOW


def test_what_is_filled_in_and_marked_up_stays(language):
    for message in catalogue.read(language):
        if not message.id:
            continue
        originals = message.id if isinstance(message.id, tuple) else (message.id,)
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        for form in forms:
            assert sorted(PLACES.findall(form)) == sorted(PLACES.findall(originals[-1])), message.id
            assert not re.search(r"[ыэъё]|\b[Рр]едактирова", form), form


def test_what_the_program_reads_is_what_was_written(language):
    compiled = catalogue.path_of(language, "mo").read_bytes()
    assert compiled == catalogue.compiled(catalogue.read(language)), HOW


def test_an_editor_chooses_the_language_of_the_desk(editor):
    assert 'lang="en"' in editor.get(desk("list")).content.decode()[:200]
    account = reverse("wagtailadmin_account")
    form = editor.get(account).context["panels_by_tab"]
    names = [str(panel.name) for panels in form.values() for panel in panels]
    assert "locale" in names
    answer = editor.post(
        account,
        {
            "name_email-first_name": "Edith",
            "name_email-last_name": "Grey",
            "name_email-email": "edith@example.org",
            "locale-preferred_language": "uk",
            "locale-current_time_zone": "Europe/Kyiv",
            "theme-theme": "system",
            "theme-contrast": "system",
            "theme-density": "default",
            "theme-keyboard_shortcuts": "on",
        },
    )
    assert answer.status_code == 302
    page = editor.get(desk("list")).content.decode()
    assert 'lang="uk"' in page[:200]
    assert "Рубрика" in page  # a word of ours
    with translation.override("uk"):
        of_wagtail = gettext("Skip to main content")
    assert of_wagtail != "Skip to main content"
    assert of_wagtail in page
    assert (
        editor.get(account).context["request"].user.wagtail_userprofile.preferred_language == "uk"
    )


def test_the_desk_offers_no_language_that_it_does_not_speak(editor, settings):
    offered = {code for code, _name in settings.WAGTAILADMIN_PERMITTED_LANGUAGES}
    assert offered == {"en", *catalogue.LANGUAGES}
