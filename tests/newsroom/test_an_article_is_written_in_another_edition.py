import pytest
from tests.conftest import both_databases
from tests.factories import ArticleFactory, AuthorFactory, TagFactory
from tests.newsroom.desk import desk, publish

from broadsheet.articles.models import Article
from broadsheet.newsroom.translating import write_in

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]


def write_in_ukrainian(client, article):
    return client.post(desk("write_in", article.pk, "uk"))


@pytest.fixture
def article(editions):
    return ArticleFactory(
        headline="Port strike ends",
        tags=[TagFactory(en="Ports")],
        authors=[AuthorFactory(en="Ada Brook")],
        body=[("paragraph", "<p>Cranes move again.</p>")],
    )


def test_it_makes_a_linked_draft_with_the_text_to_start_from(editor, article):
    answer = write_in_ukrainian(editor, article)
    draft = Article.objects.get(locale__language_code="uk")
    assert answer["Location"] == desk("translate", draft.pk)
    assert draft.translation_key == article.translation_key
    assert not draft.live
    assert draft.first_published_at is None
    assert draft.live_revision is None
    assert (draft.headline, draft.lead) == (article.headline, article.lead)
    assert "Cranes move again." in str(draft.body)
    assert [tag.label for tag in draft.tags.all()] == ["Ports"]
    assert [line.author.label for line in draft.bylines.all()] == ["Ada Brook"]
    assert draft.latest_revision.user == editor.user


def test_no_reader_sees_the_draft(editor, article):
    write_in_ukrainian(editor, article)
    draft = Article.objects.get(locale__language_code="uk")
    assert editor.get(f"/uk/news/{draft.slug}").status_code == 404


def test_the_address_is_made_from_the_new_headline(editor, article):
    write_in_ukrainian(editor, article)
    draft = Article.objects.get(locale__language_code="uk")
    shown = editor.get(desk("edit", draft.pk)).context["form"]["slug"].value()
    assert shown == ""
    assert (
        publish(editor, draft, headline="Страйк у порту завершено", slug=shown).status_code == 302
    )
    draft.refresh_from_db()
    assert draft.slug == "straik-u-portu-zaversheno"
    page = editor.get(draft.get_absolute_url()).content.decode()
    assert article.get_absolute_url() in page  # the two versions link to each other


def test_it_starts_from_drafted_changes(editor, article):
    article.headline = "Port strike ends at last"
    article.save_revision()
    write_in_ukrainian(editor, article)
    assert Article.objects.get(locale__language_code="uk").headline == "Port strike ends at last"


def test_asking_twice_leads_to_the_same_draft(editor, article):
    first, second = write_in_ukrainian(editor, article), write_in_ukrainian(editor, article)
    assert first["Location"] == second["Location"]
    assert Article.objects.filter(locale__language_code="uk").count() == 1


def test_nothing_is_made_by_looking(editor, article):
    page = editor.get(desk("write_in", article.pk, "uk")).content.decode()
    assert f"“{article.headline}”" in page
    assert Article.objects.count() == 1


@pytest.mark.parametrize("edition", ["en", "fr", "x"])
def test_only_another_edition_can_be_written_in(editor, article, edition):
    assert editor.post(desk("write_in", article.pk, edition)).status_code == 404
    assert Article.objects.count() == 1


def test_the_editor_links_the_versions(editor, article):
    page = editor.get(desk("edit", article.pk)).content.decode()
    assert "Write in Ukrainian" in page
    assert desk("write_in", article.pk, "uk") in page
    write_in_ukrainian(editor, article)
    draft = Article.objects.get(locale__language_code="uk")
    page = editor.get(desk("edit", article.pk)).content.decode()
    assert "Write in Ukrainian" not in page
    assert desk("edit", draft.pk) in page
    assert desk("edit", article.pk) in editor.get(desk("edit", draft.pk)).content.decode()


def test_a_killed_or_corrected_past_is_not_copied(editor, article, uk):
    article.corrections.create(corrected_at="2026-02-09T12:00Z", text="It was eleven days.")
    draft = write_in(Article.objects.get(pk=article.pk), uk, user=editor.user)
    assert not draft.corrections.exists()
    assert not draft.is_killed


def test_related_cards_lead_to_their_versions(editor, article, uk):
    earlier = ArticleFactory(headline="Port strike begins")
    version = write_in(earlier, uk, user=editor.user)
    alone = ArticleFactory(headline="Ferries wait")
    article = ArticleFactory(headline="Port talks", body=[("related", earlier), ("related", alone)])
    draft = write_in(article, uk, user=editor.user)
    stored = Article.objects.get(pk=draft.pk)
    assert [block.value.pk for block in stored.body] == [version.pk, alone.pk]
    assert [b.value.pk for b in Article.objects.get(pk=article.pk).body] == [earlier.pk, alone.pk]
