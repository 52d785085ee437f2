"""Under an article stands, last, what it continues of what is long past; nobody is changed by it."""

import pytest
from django.utils import timezone

from broadsheet.themes import models
from broadsheet.themes.queries import theme_of
from broadsheet.themes.relating import forget_article, forget_old_readings, relate_article

pytestmark = pytest.mark.django_db

DAY = 24
TRIAL = (
    "Court tries Olha Verban over the bridge of Tarn",
    "Olha Verban signed the contract for the bridge of Tarn, the court in Tarn was told on Monday.",
    "The judges asked Olha Verban who chose the builders of the bridge, and who paid the builders.",
)
OPENING = (
    "Minister Olha Verban opens the bridge of Tarn",
    "Olha Verban cut the ribbon of the bridge of Tarn; the builders had worked on it for two years.",
    "The contract for the bridge was signed in spring. Olha Verban thanked the builders and paid them.",
)
GARDEN = (
    "Olha Verban grows roses",
    "In the evening Olha Verban waters her roses, and reads poems to whoever listens.",
    "Her garden won a prize for scent, colour and the shape of its hedges.",
)


def kinds(article):
    return {entry.article_id: entry.kind for entry in theme_of(article.pk)}


@pytest.fixture
def past(write):
    """An opening and a garden of last year, read long ago and cut since."""
    articles = [write(*text, hours=DAY * 300) for text in (OPENING, GARDEN)]
    assert forget_old_readings(now=timezone.now() + timezone.timedelta(days=3)) == 2
    return articles


def test_what_is_continued_is_shown_with_its_names(write, past):
    opening, _garden = past
    trial = write(*TRIAL)
    [entry] = theme_of(trial.pk)
    assert (entry.article_id, entry.kind) == (opening.pk, "earlier")
    assert entry.names[0] == "Olha Verban"


def test_a_name_alone_is_no_background(write, past):
    _opening, garden = past
    assert garden.pk not in kinds(write(*TRIAL))


def test_background_stands_after_the_theme_and_is_of_one_side(write, past):
    opening, _garden = past
    now = write("Olha Verban resigns", "The minister Olha Verban said so at noon.", hours=DAY * 5)
    trial = write(*TRIAL)
    assert list(kinds(trial).items()) == [(now.pk, "also_about"), (opening.pk, "earlier")]
    assert trial.pk not in kinds(opening)


def test_what_is_old_stays_background_when_it_is_read_again_and_goes_when_it_is_withdrawn(
    write, past
):
    opening, _garden = past
    trial = write(*TRIAL)
    relate_article(opening.pk, now=timezone.now())
    assert kinds(trial) == {opening.pk: "earlier"}
    opening.unpublish()
    assert kinds(trial) == {}
    forget_article(opening.pk)
    assert not models.RelatedArticle.objects.filter(other_id=opening.pk).exists()


def test_no_more_is_kept_of_what_is_old_than_that_needs(write):
    more = [
        f"Pe{chr(97 + n)}ter Su{chr(97 + n)}name of {chr(97 + n) * 5}ville came." for n in range(26)
    ]
    article = write(*OPENING, *more, hours=DAY * 300)
    later = timezone.now() + timezone.timedelta(days=3)
    before = models.Posting.objects.filter(article=article).count()
    assert forget_old_readings(now=later) == 1
    assert forget_old_readings(now=later) == 0
    reading = models.Reading.objects.get(pk=article.pk)
    posted = models.Posting.objects.filter(article=article)
    assert len(reading.names) == 8 == posted.count() < before
    assert len(reading.terms) == 40
