import signal
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, OperationalError
from django.utils import timezone
from tests.conftest import both_databases
from tests.factories import ArticleFactory, AuthorFactory, SectionFactory, TagFactory
from tests.wire.archives import bring_in, make_line
from wagtail.search.backends import get_search_backend

from broadsheet.articles.models import Article, Author, Section, Source, Tag
from broadsheet.articles.publishing import publish_imported
from broadsheet.outbox.models import Fact
from broadsheet.wire.imports.jsonl import importing, writing
from broadsheet.wire.imports.targets import ImportRefusedError
from broadsheet.wire.models import ImportedArticle

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]


@pytest.fixture
def archive(tmp_path):
    return tmp_path / "archive.jsonl"


def found(query):
    articles = Article.objects.all()
    return {one.pk for one in get_search_backend().search(query, articles)}


def test_a_line_becomes_a_live_article_with_all_that_it_names(archive, en):
    line = make_line(section="Coast", authors=["Ann Berg", "Per Lund"], tags=["Sea", "Work"],
                     source=[{"name": "Harbour Post", "url": "https://post.example/1"},
                             {"name": "Northline", "role": "relayed"}])  # fmt: skip
    done, told = bring_in(archive, [line])
    assert (done.imported, done.present, done.bad) == (1, 0, 0)
    assert told == []
    article = Article.objects.get()
    assert article.live
    assert article.slug == "lighthouse-keeper-number-1-retires"
    assert article.lead == "The lamp goes on without a keeper."
    assert [block.block_type for block in article.body] == ["paragraph", "heading", "paragraph"]
    assert article.first_published_at == datetime(2020, 2, 29, 10, 30, tzinfo=UTC)
    assert article.last_published_at == article.first_published_at
    assert article.section.name_in(en.pk).name == "Coast"
    assert [one.author.label for one in article.bylines.all()] == ["Ann Berg", "Per Lund"]
    assert {tag.label for tag in article.tags.all()} == {"Sea", "Work"}
    assert [(one.source.label, one.role, one.url) for one in article.sourcings.all()] == [
        ("Harbour Post", "reported", "https://post.example/1"),
        ("Northline", "relayed", ""),
    ]
    assert found("lamp forty") == {article.pk}
    assert [(fact.name, fact.payload, fact.is_bulk) for fact in Fact.objects.order_by("pk")] == [
        ("RecordChanged", {"kind": "section", "record_id": article.section_id}, True),
        ("ArticlesImported", {"article_ids": [article.pk]}, True),
    ]


def test_records_that_exist_are_used_in_any_case_of_letters(archive):
    known = (SectionFactory(en="Coast"), TagFactory(en="Sea"), AuthorFactory(en="Ann Berg"))
    bring_in(archive, [make_line(1, section="coast", tags=["sea", "SEA"], authors=["ann berg"]),
                       make_line(2, section="Coast", tags=["SeA"], authors=["Ann Berg"])])  # fmt: skip
    assert (Tag.objects.get(), Author.objects.get()) == known[1:]
    assert {article.section for article in Article.objects.all()} == {known[0]}
    assert Section.objects.count() == 2  # with news


def test_running_again_changes_nothing_and_says_what_changed_there(archive):
    bring_in(archive, [make_line(n) for n in range(5)])
    facts = Fact.objects.count()
    before = list(Article.objects.order_by("pk").values())
    again, _ = bring_in(archive)
    assert (again.imported, again.present, again.changed) == (0, 5, 0)
    changed = [make_line(n, lead="Another lead.") for n in range(2)]
    again, _ = bring_in(archive, [*changed, make_line(2), make_line(7)])
    assert (again.imported, again.present, again.changed) == (1, 3, 2)
    assert list(Article.objects.order_by("pk").values())[:5] == before
    assert Fact.objects.count() == facts + 1


def test_what_the_desk_edits_or_deletes_stays_so(archive):
    bring_in(archive, [make_line(1), make_line(2)])
    edited, deleted = Article.objects.order_by("pk")
    edited.headline = "Edited"
    edited.publish(edited.save_revision())
    deleted.delete()
    again, _ = bring_in(archive)
    assert (again.imported, again.present) == (0, 2)
    assert [article.headline for article in Article.objects.all()] == ["Edited"]


def test_bad_lines_are_told_in_order_and_the_rest_goes_in(archive):
    later = (timezone.now() + timedelta(days=1)).isoformat()
    lines = [make_line(1), "{", make_line(2, published_at=later), make_line(3, edition="xx"),
             make_line(4, edition=None), make_line(5, published_at="0001-01-01"),
             make_line(6, body="<p>x" * 2001), b"\xff", make_line(7)]  # fmt: skip
    done, told = bring_in(archive, lines)
    assert (done.imported, done.bad) == (2, 7)
    reasons = ["not JSON", "an import is not a schedule", "no edition 'xx'", "edition is missing",
               "before 1600", "more than 2000 paragraphs", "not UTF-8"]  # fmt: skip
    assert len(told) == 7
    for number, (line, reason) in enumerate(zip(told, reasons, strict=True), start=2):
        assert line.startswith(f"{archive}: line {number}: ")
        assert reason in line


def test_an_id_that_is_there_twice_is_bad_unless_the_line_is_the_same(archive):
    other = make_line(1, headline="Something else")
    for imported in (1, 0):
        done, told = bring_in(archive, [make_line(1), make_line(1), other])
        assert (done.imported, done.bad) == (imported, 1)
        assert told == [f"{archive}: line 3: id 'old-1' is line 1’s already"]
    assert Article.objects.get().headline == make_line(1)["headline"]


def test_the_same_id_of_another_archive_is_another_article(archive):
    bring_in(archive, [make_line()], source="one")
    bring_in(archive, source="two")
    assert list(Article.objects.order_by("pk").values_list("slug", flat=True)) == [
        "lighthouse-keeper-number-1-retires", "lighthouse-keeper-number-1-retires-2",
    ]  # fmt: skip


def test_two_editions_in_one_file_have_their_own_zone_slug_and_names(archive, en, uk):
    en.time_zone = "America/New_York"
    en.save()
    moment = {"published_at": "2020-01-01", "tags": ["Sea"]}
    bring_in(archive, [make_line(1, **moment), make_line(2, edition="uk", headline="Маяк", **moment),
                       make_line(3, edition=None, **moment)], edition="uk")  # fmt: skip
    first, second, third = Article.objects.order_by("first_published_at", "pk").reverse()
    assert (first.locale_id, second.locale_id, third.locale_id) == (en.pk, uk.pk, uk.pk)
    assert first.first_published_at == datetime(2020, 1, 1, 5, tzinfo=UTC)
    assert third.first_published_at == datetime(2019, 12, 31, 22, tzinfo=UTC)
    assert third.slug == "maiak"
    tag = Tag.objects.get()
    assert {name.edition_id for name in tag.names.all()} == {en.pk, uk.pk}


def test_equal_headlines_get_addresses_of_their_own(archive):
    ArticleFactory(headline="Same", slug="same")
    bring_in(archive, [make_line(n, headline="Same") for n in range(30)])
    assert Article.objects.values("slug").distinct().count() == 31
    assert Article.objects.filter(slug="same-31").exists()


def test_a_dry_run_checks_and_writes_nothing(archive):
    done, told = bring_in(archive, [make_line(1), "{", make_line(2)], dry_run=True)
    assert (done.imported, done.bad, done.is_dry_run) == (2, 1, True)
    assert len(told) == 1
    assert not Article.objects.exists()
    assert not ImportedArticle.objects.exists()


def test_fields_that_are_not_ours_are_told_once(archive):
    _, told = bring_in(archive, [make_line(n, mood="fine") for n in range(3)])
    assert told == [f"{archive}: fields that are not ours were left out: mood (3 lines)"]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"source": " "}, "--source"),
        ({"source": "x" * 101}, "--source"),
        ({"source": "capture:en"}, "may not begin"),
        ({"edition": "xx"}, "no edition 'xx'"),
        ({"renamed": ["a=b"]}, "none of our fields"),
    ],
)
def test_wrong_usage_is_refused_before_anything_is_written(archive, options, reason):
    with pytest.raises(ImportRefusedError, match=reason):
        bring_in(archive, [make_line()], **options)
    assert not Article.objects.exists()


def test_a_file_that_is_none_is_refused(tmp_path):
    for path in (tmp_path / "nothing.jsonl", tmp_path):
        with pytest.raises(ImportRefusedError):
            bring_in(path)


def test_a_batch_that_fails_leaves_nothing_of_itself(archive, monkeypatch):
    def fail(articles, **options):
        publish_imported(articles, **options)
        raise OperationalError("database is locked")

    monkeypatch.setattr(writing, "publish_imported", fail)
    with pytest.raises(writing.ImportStoppedError):
        bring_in(archive, [make_line(tags=["Sea"])])
    assert not Article.objects.exists()
    assert not Tag.objects.exists()
    assert not ImportedArticle.objects.exists()


def test_a_batch_that_another_program_got_in_the_way_of_is_tried_again(archive, monkeypatch):
    tries = []

    def fail_once(articles, **options):
        tries.append(len(articles))
        publish_imported(articles, **options)
        if len(tries) == 1:
            raise IntegrityError("another import took the address")

    monkeypatch.setattr(writing, "publish_imported", fail_once)
    done, _ = bring_in(archive, [make_line(1, tags=["Sea"]), make_line(2, tags=["Sea"])])
    assert (done.imported, tries) == (2, [2, 2])
    assert Tag.objects.get().names.count() == 1
    assert Article.objects.filter(tags__label="Sea").count() == 2


def test_what_another_run_brings_in_meanwhile_is_not_doubled(archive, monkeypatch):
    lines = [make_line(n) for n in range(4)]
    monkeypatch.setattr(importing, "find_present", lambda _source, _ids: {})  # asked too early
    bring_in(archive, lines[:2])
    done, _ = bring_in(archive, lines)
    assert (done.imported, done.present) == (2, 2)
    assert Article.objects.count() == 4


def test_an_interruption_ends_the_run_between_two_batches(archive, monkeypatch):
    plain = writing.write_batch

    def interrupted(batch, **options):
        signal.raise_signal(signal.SIGINT)  # in the middle of a batch
        return plain(batch, **options)

    monkeypatch.setattr(importing, "write_batch", interrupted)
    done, _ = bring_in(archive, [make_line(n) for n in range(60)])
    assert done.was_interrupted
    assert 0 < done.imported == Article.objects.count() < 60
    monkeypatch.undo()
    again, _ = bring_in(archive)
    assert (again.imported, again.present) == (60 - done.imported, done.imported)
    assert Article.objects.count() == 60
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_the_cost_of_a_batch_in_queries_does_not_grow_with_it(
    archive, django_assert_max_num_queries
):
    bring_in(archive, [make_line(0, section="Coast", tags=["Sea"], authors=["Ann Berg"])])
    lines = [make_line(n, section="Coast", tags=["Sea"], authors=["Ann Berg"]) for n in range(1, 9)]
    with django_assert_max_num_queries(40):
        bring_in(archive, lines)


def test_every_article_is_in_the_search_index_once(archive):
    bring_in(archive, [make_line(n, lead=f"Word{n}word.") for n in range(20)])
    for n in (0, 7, 19):
        assert len(found(f"Word{n}word")) == 1


def test_a_real_archive_goes_in_whole(shared):
    wikinews = shared / "data" / "wikinews_en.jsonl"
    names = ["lang=edition", "title=headline", "text=body", "date=published_at", "url=source_url"]
    done, told = bring_in(wikinews, source="wikinews", renamed=names)
    assert (done.imported, done.bad) == (319, 0)
    assert len(told) == 1  # the field `story` is none of ours
    assert Article.objects.filter(live=True, is_flash=False).exclude(lead="").count() == 318
    # One line is a page for trying things out: its text is only the date.
    assert Article.objects.get(is_flash=True).lead == ""
    assert set(Source.objects.values_list("label", flat=True)) == {
        "en.wikinews", "en.wikinews via GUM",
    }  # fmt: skip
    again, _ = bring_in(wikinews, source="wikinews", renamed=names)
    assert (again.imported, again.present) == (0, 319)
