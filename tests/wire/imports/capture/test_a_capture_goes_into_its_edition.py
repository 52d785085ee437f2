import pytest
from django.utils import timezone
from tests.conftest import both_databases
from tests.factories import ArticleFactory, PersonFactory
from tests.wire.imports.capture.captures import BRIDGE, SHORTEST

from broadsheet.articles.models import Article, Person, PersonName, Quote, Source
from broadsheet.outbox.models import Fact
from broadsheet.readership.models import ArticleCount
from broadsheet.wire.imports.capture.importing import import_capture
from broadsheet.wire.imports.capture.reading import CaptureError
from broadsheet.wire.imports.targets import ImportRefusedError
from broadsheet.wire.models import ImportedArticle

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]

BRIDGE_SLUG = "harbour-bridge-closes-for-a-winter-of-repairs"
FERRY_SLUG = "ferry-timetable-doubles-before-the-winter"


def bring_in(text=BRIDGE, **options):
    return import_capture(text, edition_code="en", now=timezone.now(), **options)


def state():
    """Everything that an import may write, but its facts."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (Article, Person, Source, Quote, ArticleCount, ImportedArticle)
    ]


def edit(article, **changes):
    for name, value in changes.items():
        setattr(article, name, value)
    revision = article.save_revision()
    article.publish(revision)
    return Article.objects.get(pk=article.pk)


def test_the_page_becomes_an_article_with_its_parts(en):
    done = bring_in()
    article = Article.objects.get(pk=done.article_id)
    assert article.live
    assert not article.is_flash
    assert [(one.source.label, one.role) for one in article.sourcings.all()] == [
        ("The Quay Courier", "reported"),
        ("Northline", "relayed"),
    ]
    assert "reported by" not in article.lead
    quote = Quote.objects.get(article=article)
    name = PersonName.objects.get(owner=quote.person, edition=en)
    assert (name.name, name.role, quote.role) == (
        "Ilse van Hagen",
        "City Engineer",
        "City Engineer",
    )
    cards = [block.value for block in article.body if block.block_type == "related"]
    assert [card.slug for card in cards] == [FERRY_SLUG, "fish-market-asks-for-a-pier-of-its-own"]


def test_each_listed_headline_is_a_live_flash_in_news(en):
    done = bring_in()
    flashes = Article.objects.exclude(pk=done.article_id)
    assert flashes.count() == 4
    for flash in flashes:
        assert (flash.live, flash.is_flash, flash.lead, len(flash.body)) == (True, True, "", 0)
        assert flash.section.name_in(en.pk).slug == "news"


def test_counts_are_imported_and_shown():
    done = bring_in()
    counts = ArticleCount.objects.in_bulk()
    assert counts[done.article_id].imported == counts[done.article_id].total == 1209
    assert counts[done.made[FERRY_SLUG]].imported == 640


def test_one_fact_for_all_of_it():
    bring_in()
    assert [(fact.name, fact.is_bulk) for fact in Fact.objects.all()] == [
        ("ArticlesImported", True)
    ]


def test_a_rerun_changes_nothing():
    first = bring_in()
    before, facts = state(), Fact.objects.count()
    again = bring_in()
    assert state() == before
    assert Fact.objects.count() == facts
    assert (again.made, again.present, again.counts) == ({}, first.made, first.counts)


def test_what_the_desk_does_survives_a_rerun():
    done = bring_in()
    article = Article.objects.get(pk=done.article_id)
    edit(article, headline="The bridge is closed")
    draft = Article.objects.get(pk=done.made[FERRY_SLUG])
    draft.headline = "Twice as many ferries"
    draft.save_revision()
    Article.objects.get(pk=done.made["why-old-bridges-sing-in-the-wind"]).unpublish()
    before = state()
    bring_in()
    assert state() == before
    assert Article.objects.get(pk=done.article_id).headline == "The bridge is closed"
    latest = Article.objects.get(pk=draft.pk).get_latest_revision_as_object()
    assert latest.headline == "Twice as many ferries"


@pytest.mark.parametrize("is_published", [True, False])
def test_a_changed_slug_makes_no_second_article(is_published):
    done = bring_in()
    article = Article.objects.get(pk=done.article_id)
    if is_published:
        edit(article, slug="bridge")
    else:
        article.unpublish()
        Article.objects.filter(pk=article.pk).update(slug="bridge")
    before = state()
    again = bring_in()
    assert state() == before
    assert again.article_id == done.article_id


def test_what_the_desk_deleted_does_not_come_back():
    done = bring_in()
    Article.objects.get(pk=done.made[FERRY_SLUG]).delete()
    count = Article.objects.count()
    again = bring_in()
    assert Article.objects.count() == count
    assert again.deleted == (FERRY_SLUG,)
    Article.objects.get(pk=done.article_id).delete()
    assert bring_in().article_id is None


def test_an_article_of_the_desk_at_that_address_is_left_as_it_is():
    own = ArticleFactory(headline="Our own story of the bridge", slug=BRIDGE_SLUG)
    done = bring_in()
    assert done.article_id == own.pk
    assert Article.objects.get(pk=own.pk).headline == "Our own story of the bridge"


def test_a_flash_becomes_the_article_when_its_page_comes_unless_it_was_edited():
    ferry_page = (
        f"{FERRY_SLUG}\n\nFerry timetable doubles before the winter\n\n • 700 views\n\n"
        "Forty ferries a day cross the harbour from Monday.\n"
    )
    done = bring_in()
    pk = done.made[FERRY_SLUG]
    bring_in(ferry_page, captured_at="2026-01-14")
    ferry = Article.objects.get(pk=pk)
    assert (ferry.is_flash, ferry.lead) == (
        False,
        "Forty ferries a day cross the harbour from Monday.",
    )
    edit(ferry, headline="Edited at the desk")
    bring_in(ferry_page, captured_at="2026-01-14")
    assert Article.objects.get(pk=pk).headline == "Edited at the desk"


def test_a_page_saved_earlier_takes_no_views_back():
    bring_in()
    again = bring_in(BRIDGE.replace("1204", "3").replace("1209", "[views_1]"))
    assert ArticleCount.objects.get(pk=again.article_id).imported == 1209


def test_a_person_known_already_is_the_same():
    known = PersonFactory(en="Ilse van Hagen")
    bring_in()
    assert Quote.objects.get().person_id == known.pk


@pytest.mark.parametrize(
    ("text", "options", "error"),
    [
        ("No capture at all.\n", {}, CaptureError),
        (BRIDGE + "A headline without its count\n", {}, CaptureError),
        (SHORTEST, {}, ImportRefusedError),  # no moment, and nobody says when
        (BRIDGE, {"captured_at": "yesterday"}, ImportRefusedError),
        (BRIDGE, {"section": "nowhere"}, ImportRefusedError),
    ],
)
def test_what_cannot_go_in_writes_nothing(text, options, error):
    before = state()
    with pytest.raises(error):
        bring_in(text, **options)
    assert state() == before
    assert not Fact.objects.exists()


def test_two_editions_have_an_article_each():
    first = bring_in()
    second = import_capture(BRIDGE, edition_code="uk", now=timezone.now())
    assert second.article_id != first.article_id
    assert Source.objects.count() == 2


def test_the_real_page_goes_in_whole(en, shared):
    page = (shared / "captures/us-japan-strategic-partnership.txt").read_text(encoding="utf-8")
    done = bring_in(page)
    article = Article.objects.get(pk=done.article_id)
    assert article.lead.endswith("increased pressure from China.")
    assert [(one.source.label, one.role) for one in article.sourcings.all()] == [
        ("Bloomberg", "reported"),
        ("UNN", "relayed"),
    ]
    name = PersonName.objects.get(edition=en)
    assert (name.name, name.role) == ("Shinjiro Koizumi", "Japanese Defense Minister")
    assert len(done.made) == 12
    assert sorted(done.counts.values()) == [
        0, 0, 2898, 2988, 3128, 3228, 3414, 3528, 3696, 3932, 4430, 5332,
    ]  # fmt: skip
    assert len(done.notices) == 4
    before = state()
    assert bring_in(page).made == {}
    assert state() == before
