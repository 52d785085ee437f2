from datetime import timedelta

import pytest
from tests.conftest import both_databases
from tests.factories import ArticleFactory, SectionFactory
from tests.readership.views import NOON

from broadsheet.readership.audience_expectation import ENOUGH, PEERS, compare
from broadsheet.readership.models import HOUR, Bucket

pytestmark = [both_databases, pytest.mark.usefixtures("editions")]
START = NOON - timedelta(hours=10)


@pytest.fixture
def section(editions):
    return SectionFactory(en="World", uk="Світ")


def publish(section, at, *views):
    """An article published at `at`, with its views of each hour since."""
    article = ArticleFactory(section=section, published_at=at)
    first = int(at.timestamp())
    first -= first % HOUR
    for number, read in enumerate(views):
        Bucket.objects.create(
            size=HOUR, start=first + number * HOUR, article_id=article.pk,
            section_id=section.pk, views=read,
        )  # fmt: skip
    return article


def compared(article, now=NOON):
    return compare(
        article.pk,
        edition_id=article.locale_id,
        section_id=article.section_id,
        published_at=article.first_published_at,
        now=now,
    )


def test_an_article_stands_beside_the_median_of_those_before_it_at_its_age(section):
    for days, read in ((1, 10), (2, 20), (3, 30), (4, 40), (5, 5000)):
        publish(section, START - timedelta(days=days), read, 0, read)
    publish(section, START + timedelta(hours=1), 999)  # younger: nothing to measure by
    publish(SectionFactory(en="Sport"), START - timedelta(hours=1), 777)
    mine = publish(section, START, 45, 0, 45)
    found = compared(mine, now=START + timedelta(hours=3))
    assert (found.peers, found.hours) == (5, 3)
    assert found.own == [0, 45, 45, 90]
    assert found.usual == [0, 30, 30, 60]
    assert (found.low[-1], found.high[-1]) == (40, 80)
    assert found.ratio == 1.5
    # At a younger age both are what they were then.
    assert compared(mine, now=START + timedelta(hours=2)).usual == [0, 30, 30]


def test_an_age_that_ends_within_a_bucket_takes_its_share(section):
    for days in range(1, ENOUGH + 1):
        publish(section, START - timedelta(days=days), 10, 10)
    mine = publish(section, START + timedelta(minutes=45), 8, 4, 100)
    found = compared(mine, now=START + timedelta(hours=4))
    assert found.own[1] == 8 + 0.75 * 4
    assert found.own[2] == 8 + 4 + 0.75 * 100


def test_the_present_hour_counts_for_what_is_over_of_it(section):
    for days in range(1, ENOUGH + 1):
        publish(section, START - timedelta(days=days), 10)
    mine = publish(section, START + timedelta(minutes=30), 8, 6)
    # 45 minutes of the second bucket are over, and the age of an hour ended after 30 of them.
    found = compared(mine, now=START + timedelta(hours=1, minutes=45))
    assert found.own[1] == pytest.approx(8 + 6 * 30 / 45)


def test_nothing_is_said_of_the_very_young_or_where_too_few_are_known(section):
    for days in range(1, ENOUGH):
        publish(section, START - timedelta(days=days), 10)
    mine = publish(section, START, 45)
    assert compared(mine) is None
    publish(section, START - timedelta(days=30), 10)
    assert compared(mine) is not None
    assert compared(mine, now=START + timedelta(minutes=59)) is None
    # So long ago that its first hours are no longer kept: it says nothing.
    publish(section, START - timedelta(days=60), 10)
    assert compared(mine).peers == ENOUGH


def test_nobody_read_the_others_and_there_is_no_ratio(section):
    for days in range(1, ENOUGH + 1):
        publish(section, START - timedelta(days=days))
    found = compared(publish(section, START, 45))
    assert found.usual[-1] == 0
    assert found.ratio is None


def test_it_asks_two_queries_however_many_there_are(section, django_assert_num_queries):
    for hours in range(1, PEERS + 4):
        publish(section, START - timedelta(hours=hours), 1, 2, 3)
    mine = publish(section, START, 45)
    with (
        django_assert_num_queries(1, using="default"),
        django_assert_num_queries(1, using="readership"),
    ):
        assert compared(mine).peers == PEERS
