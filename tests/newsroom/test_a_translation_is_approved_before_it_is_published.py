import re
from datetime import timedelta

import pytest
from django.utils import timezone
from tests.conftest import both_databases
from tests.factories import (
    ArticleFactory,
    PersonFactory,
    SectionFactory,
    SourceFactory,
    find_edition,
)
from tests.newsroom.desk import article_form, desk, form_errors

from broadsheet.articles.models import Article
from broadsheet.articles.publishing import NotReadyToPublishError
from broadsheet.newsroom import translation_drafting
from broadsheet.newsroom.glossary import keeps_markup, protect, release
from broadsheet.newsroom.models import GlossaryTerm, Translation
from broadsheet.newsroom.translating import write_in
from broadsheet.newsroom.translation_states import newest, states_of
from broadsheet.newsroom.translation_words import parts_of, set_words
from broadsheet.newsroom.translators import TranslatorError

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]


@pytest.fixture(autouse=True)
def practice(settings):
    settings.TRANSLATOR = "practice"


@pytest.fixture
def speaker(editions):
    return PersonFactory(en="Shinjiro Koizumi", uk="Сіндзіро Коїдзумі")


@pytest.fixture
def original(speaker):
    return ArticleFactory(
        headline="Japan raises its defence budget",
        lead="Shinjiro Koizumi said so in Tokyo.",
        section=SectionFactory(en="World", uk="Світ"),
        body=[
            ("paragraph", "<p>The budget <b>doubles</b>, Shinjiro Koizumi said.</p>"),
            ("quote", {"text": "We must be ready.", "speaker": speaker, "role": "Minister"}),
        ],
    )


@pytest.fixture
def translation(original, editor):
    draft = write_in(original, find_edition("uk"), user=editor.user)
    return Translation.objects.get(article=draft)


def states(translation):
    return {
        one.key.split(":")[0]: one.state for one in states_of(translation, version(translation))
    }


def version(translation):
    return newest(Article.objects.get(pk=translation.pk))


def draft(translation):
    translation_drafting.ask_for_draft(translation, user=None, now=timezone.now())
    assert translation_drafting.draft_next(now=timezone.now())
    translation.refresh_from_db()


def publish(translation):
    article = Article.objects.get(pk=translation.pk)
    article.publish(article.latest_revision)
    article.refresh_from_db()
    return article


def send(editor, translation, pressed="", approved=(), **texts):
    """Post the form of the side-by-side view as a browser does; `texts` by field."""
    page = editor.get(desk("translate", translation.pk))
    form = page.context["form"]
    data = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    data = {name: value for name, value in data.items() if not name.startswith("approved")}
    data |= {f"approved-{place}": "on" for place in approved} | texts
    for name, value in data.items():
        if str(value).startswith("<p"):  # the editor sends what it was given
            data[name] = form.fields[name].widget.format_value(value)
    if pressed:
        data[pressed] = "1"
    return editor.post(desk("translate", translation.pk), data)


def test_what_is_untranslated_is_refused_by_every_way_to_publish(editor, translation):
    with pytest.raises(NotReadyToPublishError, match="Japan raises its defence budget"):
        publish(translation)
    article = version(translation)
    data = article_form(article.headline, article.section, lead="Досі тут.")
    data |= {"action-publish": "action-publish"}
    answer = editor.post(desk("edit", article.pk), data)
    assert answer.status_code == 200
    assert "not published" in str(form_errors(answer)["__all__"])
    scheduled = Article.objects.get(pk=article.pk)
    scheduled.go_live_at = timezone.now() + timedelta(days=1)
    revision = scheduled.save_revision()
    with pytest.raises(NotReadyToPublishError):
        scheduled.publish(revision)
    assert not Article.objects.get(pk=article.pk).live


def test_a_machines_draft_is_marked_and_not_public_before_a_person_approves_it(editor, translation):
    assert set(states(translation).values()) == {"untranslated"}
    draft(translation)
    assert set(states(translation).values()) == {"machine"}
    assert translation.draft == "made"
    assert translation.translator == "Practice"
    page = editor.get(desk("translate", translation.pk)).content.decode()
    assert page.count('data-state="machine"') == 4
    assert version(translation).headline == "[uk] Japan raises its defence budget"
    with pytest.raises(NotReadyToPublishError):
        publish(translation)
    assert editor.get("/uk/").content.decode().count("Japan raises") == 0
    assert send(editor, translation, pressed="approve_all").status_code == 302
    assert set(states(translation).values()) == {"approved"}
    article = publish(translation)
    assert article.live
    assert editor.get(article.get_absolute_url()).status_code == 200


def test_a_touch_on_a_machines_words_approves_nothing(editor, translation):
    draft(translation)
    send(editor, translation, **{"text-0-0": "Японія збільшує оборонний бюджет"})
    assert states(translation)["headline"] == "edited"
    send(editor, translation, approved=range(1, 4))
    assert states(translation) == {
        "headline": "edited", "lead": "approved", "body": "approved",
    }  # fmt: skip
    with pytest.raises(NotReadyToPublishError, match="Японія збільшує"):
        publish(translation)
    send(editor, translation, approved=range(4))
    article = publish(translation)
    assert article.live
    assert article.slug == "yaponiia-zbilshuie-oboronnyi-biudzhet"


def test_what_a_person_wrote_alone_needs_no_stamp(editor, translation):
    article = version(translation)
    words = {
        key: [f"Слово {n}" for n, _ in enumerate(part.words)]
        for key, part in parts_of(article).items()
    }
    set_words(article, words)
    article.save_revision()
    assert set(states(translation).values()) == {"edited"}
    assert publish(translation).live


def test_what_a_person_writes_while_the_machine_works_stays(translation, monkeypatch):
    class Slow:
        name = "Slow"

        def translate(self, texts, *, source, target):
            article = version(translation)
            article.headline = "Тим часом написано людиною"
            article.save_revision()
            return [f"машина {text}" for text in texts]

    monkeypatch.setattr(translation_drafting, "find_translator", Slow)
    draft(translation)
    assert version(translation).headline == "Тим часом написано людиною"
    assert states(translation)["headline"] == "edited"
    assert states(translation)["lead"] == "machine"


def test_a_translator_that_fails_says_so_and_changes_nothing(editor, translation, monkeypatch):
    def refuse():
        raise TranslatorError("DeepL: the quota is used up")

    monkeypatch.setattr(translation_drafting, "find_translator", refuse)
    draft(translation)
    assert translation.draft == "failed"
    assert set(states(translation).values()) == {"untranslated"}
    assert "the quota is used up" in editor.get(desk("translate", translation.pk)).content.decode()
    assert not translation_drafting.draft_next(now=timezone.now())


def test_what_changed_in_the_original_since_is_shown_and_drafted_again(
    editor, original, translation
):
    draft(translation)
    original.headline = "Japan doubles its defence budget"
    original.body.append(("paragraph", "<p>It was news.</p>"))
    original.save_revision().publish()
    page = editor.get(desk("translate", translation.pk)).content.decode()
    assert re.search(r'class="deletion">\s*raises|deletion.*raises', page)
    assert 'data-state="missing"' in page
    assert editor.post(desk("translate", translation.pk), {"draft": "1"}).status_code == 302
    translation_drafting.draft_next(now=timezone.now())
    assert version(translation).headline == "[uk] Japan doubles its defence budget"
    assert "missing" not in states(translation).values()
    assert "It was news." in str(version(translation).body[-1].value)


def test_an_approved_part_is_never_written_over(editor, original, translation):
    draft(translation)
    send(editor, translation, pressed="approve_all")
    original.headline = "Japan doubles its defence budget"
    original.save_revision().publish()
    draft(translation)
    assert version(translation).headline == "[uk] Japan raises its defence budget"
    assert states(translation)["headline"] == "approved"


def test_two_people_do_not_write_over_each_other(editor, translation):
    stale = Article.objects.get(pk=translation.pk).latest_revision_id
    version(translation).save_revision()
    answer = send(editor, translation, revision=stale)
    assert answer.status_code == 200
    assert "Somebody changed this translation" in answer.content.decode()


def test_names_and_terms_stay_as_the_records_and_the_glossary_have_them(translation):
    SourceFactory(en="Kyodo", uk="Кіодо")
    en, uk = find_edition("en"), find_edition("uk")
    GlossaryTerm.objects.create(
        source=en, target=uk, term="defence budget", translation="оборонний бюджет"
    )
    draft(translation)
    article = version(translation)
    assert article.headline == "[uk] Japan raises its оборонний бюджет"
    assert article.lead == "Сіндзіро Коїдзумі [uk] said so in Tokyo."
    assert "<b>doubles</b>, Сіндзіро Коїдзумі said." in str(article.body[0].value)


def test_a_term_is_a_whole_word_and_markup_is_left_alone():
    sent = protect("<p>AT&amp;T and ATM</p>", {"AT&T": "Ей-Ті"}, is_rich=True)
    assert sent == '<p><span translate="no">Ей-Ті</span> and ATM</p>'
    assert release(sent, is_rich=True) == "<p>Ей-Ті and ATM</p>"
    assert release(protect("a < b & c", {}, is_rich=False), is_rich=False) == "a < b & c"
    assert keeps_markup('<p><a href="x">a</a></p>', '<p><a href="x">б</a></p>')
    assert not keeps_markup("<p>a</p>", '<p>b<a href="//evil.example">c</a></p>')


def test_a_translated_quote_says_so_to_readers(editor, translation):
    draft(translation)
    send(editor, translation, pressed="approve_all")
    article = publish(translation)
    page = editor.get(article.get_absolute_url()).content.decode()
    assert "(Переклад; мова оригіналу: англійська)" in page
    person = editor.get("/uk/people/sindziro-koidzumi").content.decode()
    assert "(Переклад; мова оригіналу: англійська)" in person


def test_versions_name_each_other_only_while_both_are_live(editor, original, translation):
    def alternates(path):
        return dict(
            re.findall(
                r'rel="alternate" hreflang="([^"]+)" href="([^"]+)"',
                editor.get(path).content.decode(),
            )
        )

    here = original.get_absolute_url()
    assert alternates(here) == {}
    draft(translation)
    assert alternates(here) == {}
    send(editor, translation, pressed="approve_all")
    article = publish(translation)
    there = article.get_absolute_url()
    assert alternates(here).keys() == {"en", "uk", "x-default"}
    assert alternates(here) == alternates(there)
    assert alternates(here)["uk"].endswith(there)
    article.unpublish()
    assert alternates(here) == {}
