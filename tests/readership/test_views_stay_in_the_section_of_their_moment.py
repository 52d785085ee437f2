from django.db.models import Sum
from tests.conftest import both_databases
from tests.factories import ArticleFactory, SectionFactory
from tests.readership.views import NOON, view

from broadsheet.readership.counting import fold_views, place_articles, set_imported_counts
from broadsheet.readership.models import ArticleCount, Bucket, SectionMove
from broadsheet.readership.recounting import recount

pytestmark = both_databases


def by_section(article_id):
    days = Bucket.objects.filter(size=86_400, article_id=article_id).values("section_id")
    return {row["section_id"]: row["n"] for row in days.annotate(n=Sum("views"))}


def move(article, section):
    article.section = section
    article.save()
    place_articles([article.pk])


def read(view_log, article, *readers):
    view_log.append_all([view(article.pk, by=name) for name in readers])


def test_a_view_belongs_to_the_section_its_article_had_when_it_was_folded(editions, view_log):
    article, other = ArticleFactory(), SectionFactory()
    first = article.section
    place_articles([article.pk])
    read(view_log, article, "a", "b")
    fold_views(now=NOON)
    move(article, other)
    read(view_log, article, "c")
    fold_views(now=NOON)
    assert by_section(article.pk) == {first.pk: 2, other.pk: 1}
    move(article, first)
    read(view_log, article, "d")
    fold_views(now=NOON)
    assert by_section(article.pk) == {first.pk: 3, other.pk: 1}
    assert recount(now=NOON).differences == []


def test_views_that_wait_in_the_log_belong_to_the_new_section_also_when_counted_again(
    editions, view_log
):
    article, other = ArticleFactory(), SectionFactory()
    place_articles([article.pk])
    first = article.section
    read(view_log, article, "a", "b", "c")
    fold_views(now=NOON, max_records=1)
    move(article, other)
    fold_views(now=NOON)
    assert by_section(article.pk) == {first.pk: 1, other.pk: 2}
    assert recount(now=NOON).differences == []


def test_an_article_that_nobody_placed_is_placed_before_its_views_are_counted(editions, view_log):
    article = ArticleFactory()
    read(view_log, article, "a")
    fold_views(now=NOON)
    assert by_section(article.pk) == {article.section_id: 1}
    assert recount(now=NOON).differences == []


def test_views_of_an_article_that_is_not_known_stay_without_section(editions, view_log):
    view_log.append_all([view(10**6)])
    fold_views(now=NOON)
    assert by_section(10**6) == {0: 1}
    assert recount(now=NOON).differences == []


def test_several_moves_without_a_view_between_are_one(editions, view_log):
    article, other, third = ArticleFactory(), SectionFactory(), SectionFactory()
    first = article.section
    read(view_log, article, "a")
    fold_views(now=NOON)
    for section in (other, third, other):
        move(article, section)
    read(view_log, article, "b")
    fold_views(now=NOON)
    assert SectionMove.objects.count() == 1
    assert by_section(article.pk) == {first.pk: 1, other.pk: 1}
    assert recount(now=NOON).differences == []


def test_placing_for_the_first_time_is_no_move(editions):
    articles = ArticleFactory.create_batch(3)
    set_imported_counts({article.pk: 5 for article in articles})
    place_articles([article.pk for article in articles])
    assert ArticleCount.objects.filter(edition_id=editions["en"].pk).count() == 3
    assert not SectionMove.objects.exists()


def test_a_move_that_meets_a_fold_half_way_is_counted_on_one_side_of_it(
    editions, view_log, monkeypatch
):
    """The article moves after the fold has looked where it stands, and before it writes."""
    from broadsheet.readership import counting

    article, other = ArticleFactory(), SectionFactory()
    place_articles([article.pk])
    read(view_log, article, "a")
    real = counting.take_revision
    monkeypatch.setattr(
        counting, "take_revision", lambda: (monkeypatch.undo(), move(article, other), real())[2]
    )
    fold_views(now=NOON)
    assert by_section(article.pk) == {other.pk: 1}
    assert recount(now=NOON).differences == []
