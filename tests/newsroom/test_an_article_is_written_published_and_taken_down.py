import json

import pytest
from django.core.files.images import ImageFile
from django.urls import reverse
from tests.conftest import both_databases
from tests.factories import (
    ArticleFactory,
    AuthorFactory,
    PersonFactory,
    SectionFactory,
    SourceFactory,
)
from tests.newsroom.desk import (
    AS_SCRIPT,
    article_form,
    desk,
    form_errors,
    list_of,
    paragraph,
    publish,
)
from wagtail.images.tests.utils import get_test_image_file_jpeg
from wagtail.test.utils.form_data import inline_formset, rich_text

from broadsheet.articles.models import Article, NewsImage
from broadsheet.outbox.models import Fact

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]


@pytest.fixture
def section(editions):
    return SectionFactory(en="Politics", uk="Політика")


@pytest.fixture
def image(editions, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    file = ImageFile(get_test_image_file_jpeg().file, name="harbour.jpg")
    return NewsImage.objects.create(title="Harbour", credit="Ada Brook", licence="CC BY", file=file)


def facts():
    found = Fact.objects.filter(name__startswith="Article")
    return list(found.order_by("pk").values_list("name", flat=True))


def picture(image, alt="Cranes at dawn"):
    return {"image": image.pk, "alt": alt, "caption": "The harbour.", "credit": "", "licence": ""}


def table():
    return {
        "caption": "Votes",
        "table": {
            "column-count": 2,
            "row-count": 1,
            "caption": "",
            "column-0-type": "text",
            "column-0-heading": "Party",
            "column-0-order": 0,
            "column-0-deleted": "",
            "column-1-type": "number",
            "column-1-heading": "Seats",
            "column-1-order": 1,
            "column-1-deleted": "",
            "row-0-order": 0,
            "row-0-deleted": "",
            "cell-0-0": "Greens",
            "cell-0-1": "12",
        },
    }


def every_block(image, speaker, related):
    quote = {
        "text": "We build together.",
        "speaker": speaker.pk,
        "role": "Minister",
        "where": "in Munich",
        "said_on": "2026-02-09",
    }
    return [
        paragraph("The ministers met."),
        ("heading", "Details"),
        ("quote", quote),
        ("picture", picture(image)),
        ("related", related.pk),
        ("list", list_of([rich_text("<p>first</p>"), rich_text("<p>second</p>")])),
        ("gallery", list_of([picture(image, "One"), picture(image, "Two")])),
        ("table", table()),
        ("video", {"url": "https://youtu.be/abcdefghijk", "title": "The meeting", "poster": ""}),
    ]


def test_a_headline_is_enough_to_save_a_draft_and_it_follows_what_is_typed(editor, section):
    first = editor.post(desk("add"), article_form("Minis", section), **AS_SCRIPT)
    assert first.status_code == 200, first.content
    saved = json.loads(first.content)
    assert saved["success"]
    edited = editor.post(
        desk("edit", saved["pk"]),
        {
            **article_form("Ministers meet in Tokyo", section),
            "overwrite_revision_id": saved["revision_id"],
        },
        **AS_SCRIPT,
    )
    assert edited.status_code == 200, edited.content
    article = Article.objects.get()
    assert not article.live
    assert (article.headline, article.slug) == (
        "Ministers meet in Tokyo",
        "ministers-meet-in-tokyo",
    )
    assert article.revisions.count() == 1  # the revision of this sitting, written over
    assert facts() == []


def test_a_new_article_stands_in_the_built_in_section_until_one_is_chosen(editor):
    form = editor.get(desk("add")).context["form"]
    assert form.instance.section.label == "News"
    assert form["section"].value() == form.instance.section_id


def test_an_article_goes_into_a_section_of_its_edition(editor, section):
    SectionFactory(en="English only")
    form = editor.get(desk("add", query="?locale=uk")).context["form"]
    assert {str(one) for one in form.fields["section"].queryset} == {"News", "Politics"}


def test_a_draft_may_be_incomplete_and_cannot_be_published_so(editor, section):
    body = [("quote", {"text": "", "speaker": "", "role": "", "where": "", "said_on": ""})]
    data = article_form("Talks begin", section, body=body)
    saved = editor.post(desk("add"), data, **AS_SCRIPT)
    assert saved.status_code == 200, saved.content
    article = Article.objects.get()
    refused = editor.post(desk("edit", article.pk), {**data, "action-publish": "action-publish"})
    assert refused.status_code == 200
    assert "body" in form_errors(refused)
    article.refresh_from_db()
    assert not article.live


def test_every_block_reaches_the_reader(editor, section, image):
    speaker = PersonFactory(en="Shinjiro Koizumi")
    related = ArticleFactory(headline="An earlier meeting")
    authors = [AuthorFactory(en="Zoe First"), AuthorFactory(en="Adam Second")]
    bloomberg, unn = SourceFactory(en="Bloomberg"), SourceFactory(en="UNN")
    data = article_form(
        "US and Japan strengthen partnership",
        section,
        body=every_block(image, speaker, related),
        lead="The ministers agreed on Monday.",
        dateline="Tokyo",
        image=image.pk,
        image_alt="The harbour",
        is_exclusive="on",
        tags='"Japan", "New Ports"',
        bylines=inline_formset([{"author": author.pk} for author in authors]),
        sourcings=inline_formset(
            [
                {"source": bloomberg.pk, "role": "reported", "url": "https://example.com/b"},
                {"source": unn.pk, "role": "relayed", "url": "https://example.com/u"},
            ]
        ),
    )
    answer = editor.post(desk("add"), {**data, "action-publish": "action-publish"})
    assert answer.status_code == 302, form_errors(answer)
    article = Article.objects.get(slug="us-and-japan-strengthen-partnership")
    assert article.live
    assert (article.has_photo, article.has_video, article.is_exclusive) == (True, True, True)
    assert [line.author for line in article.bylines.all()] == authors
    assert [(s.source.label, s.role) for s in article.sourcings.all()] == [
        ("Bloomberg", "reported"),
        ("UNN", "relayed"),
    ]
    assert sorted(tag.label for tag in article.tags.all()) == ["Japan", "New Ports"]
    page = editor.get(article.get_absolute_url()).content.decode()
    for text in (
        "The ministers met.", "Details", "We build together.", "Shinjiro Koizumi", "in Munich",
        "Cranes at dawn", "An earlier meeting", "<li>", "Greens", "The meeting", "Zoe First",
        "Bloomberg", "https://example.com/u", "Tokyo", "New Ports",
    ):  # fmt: skip
        assert text in page, text
    assert facts()[-1] == "ArticlePublished"


def test_publish_update_and_unpublish_through_the_editor(editor, section):
    answer = editor.post(
        desk("add"),
        {
            **article_form("Bridge opens", section, body=[paragraph("At noon.")]),
            "action-publish": "action-publish",
        },
    )
    assert answer.status_code == 302, form_errors(answer)
    article = Article.objects.get()
    address = article.get_absolute_url()
    assert "At noon." in editor.get(address).content.decode()

    # A saved draft of a live article changes nothing for readers.
    changed = article_form(
        "Bridge opens late", section, slug=article.slug, body=[paragraph("At one.")]
    )
    assert editor.post(desk("edit", article.pk), changed).status_code == 302
    assert "At noon." in editor.get(address).content.decode()

    assert (
        publish(editor, article, slug=article.slug, body=[paragraph("At two.")]).status_code == 302
    )
    page = editor.get(address).content.decode()
    assert "At two." in page
    assert "At noon." not in page

    assert editor.post(desk("unpublish", article.pk)).status_code == 302
    assert editor.get(address).status_code == 404
    assert facts() == ["ArticlePublished", "ArticlePublished", "ArticleUnpublished"]


def test_the_preview_shows_what_is_not_saved_and_is_not_stored(editor, section):
    article = ArticleFactory(headline="Bridge opens", section=section)
    data = article_form("Bridge opens at dawn", section, body=[paragraph("Unsaved words.")])
    posted = editor.post(desk("preview_on_edit", article.pk), data)
    assert json.loads(posted.content)["is_valid"]
    for mode, expected in (("", "Unsaved words."), ("card", "Bridge opens at dawn")):
        shown = editor.get(desk("preview_on_edit", article.pk, query=f"?mode={mode}"))
        assert expected in shown.content.decode()
        assert "no-store" in shown["Cache-Control"]
    article.refresh_from_db()
    assert article.headline == "Bridge opens"


def test_a_new_article_can_be_previewed_in_its_edition(editor, section):
    address = desk("preview_on_add", query="?locale=uk")
    data = article_form("Міст відкрили", section, body=[paragraph("Опівдні.")])
    assert json.loads(editor.post(address, data).content)["is_valid"]
    page = editor.get(address).content.decode()
    assert "Опівдні." in page
    assert 'lang="uk"' in page


def test_live_articles_are_one_click_from_their_page(editor):
    live, draft = ArticleFactory(), ArticleFactory(draft=True)
    assert live.get_absolute_url() in editor.get(desk("edit", live.pk)).content.decode()
    page = editor.get(desk("edit", draft.pk)).content.decode()
    assert draft.get_absolute_url() not in page
    assert live.get_absolute_url() in editor.get(desk("list")).content.decode()


def test_several_deleted_at_once_are_each_announced(editor):
    first, second = ArticleFactory.create_batch(2)
    Fact.objects.all().delete()
    address = reverse("wagtail_bulk_action", args=["broadsheet_articles", "article", "delete"])
    answer = editor.post(f"{address}?id={first.pk}&id={second.pk}")
    assert answer.status_code == 302
    assert not Article.objects.exists()
    assert facts() == ["ArticleUnpublished", "ArticleUnpublished"]
