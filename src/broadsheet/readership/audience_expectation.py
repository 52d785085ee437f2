"""What an article's views are to be compared with: what is usual in its section at its age.

The measure is the median of the last articles of the same section and edition, each at the same
age; the quartiles say how far apart those lie. Both are of the order alone, so that one article
that everybody read moves neither. Ages are told in whole hours from the first publication; of the
bucket of an hour in which an age ends, its share is taken.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median, quantiles
from typing import NamedTuple

from django.db.models import Sum

from broadsheet.articles.queries import Moment, latest_articles

from .counting import first_kept
from .models import HOUR, Bucket

#: So many articles are usual, no fewer than these say what is, and nothing is compared that is
#: older: by then nearly all have read it who will.
PEERS, ENOUGH = 30, 5
MOST_HOURS = 48


class Published(NamedTuple):
    """An article and when it was first public (Unix time)."""

    article_id: int
    at: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """An article beside `peers` others at the same ages: 0, 1, … `hours` hours.

    `own`, `usual`, `low` and `high` are the views up to each of these ages: the article's, the
    median of the others, and their quartiles.
    """

    peers: int
    own: list[float]
    usual: list[float]
    low: list[float]
    high: list[float]

    @property
    def hours(self) -> int:
        return len(self.own) - 1

    @property
    def ratio(self) -> float | None:
        """How many times the usual it was read; None where the usual is nothing."""
        return self.own[-1] / self.usual[-1] if self.usual[-1] else None


def compare(
    article_id: int,
    *,
    edition_id: int,
    section_id: int,
    published_at: datetime,
    now: datetime,
) -> Comparison | None:
    """Compare an article with the last ones before it in its section. Costs two queries.

    None while it is younger than an hour, or where fewer than `ENOUGH` others are known.
    """
    hours = min(MOST_HOURS, int((now - published_at) / timedelta(hours=1)))
    if hours < 1:
        return None
    mine = Published(article_id, int(published_at.timestamp()))
    others = _peers(mine, edition_id, section_id, published_at, now=now)
    if len(others) < ENOUGH:
        return None
    read = _views_by_hour([mine, *others], hours)
    by_age = [_views_by_age(one, read[one.article_id], hours, now=now) for one in others]
    columns = list(zip(*by_age, strict=True))
    quarters = [quantiles(column, n=4, method="inclusive") for column in columns]
    return Comparison(
        peers=len(others),
        own=_views_by_age(mine, read[article_id], hours, now=now),
        usual=[median(column) for column in columns],
        low=[low for low, _, _ in quarters],
        high=[high for _, _, high in quarters],
    )


def _peers(
    mine: Published, edition_id: int, section_id: int, published_at: datetime, *, now: datetime
) -> list[Published]:
    """Return the last articles before `mine`, as far back as hours are kept."""
    before = Moment(published_at, mine.article_id)
    rows = latest_articles(edition_id, before=before, section_id=section_id)
    kept = first_kept(HOUR, now=now)
    found = [
        Published(pk, int(at.timestamp()))
        for pk, at in rows.values_list("pk", "first_published_at")[:PEERS]
        if at is not None
    ]
    return [one for one in found if one.at >= kept]


def _views_by_hour(articles: Sequence[Published], hours: int) -> Mapping[int, dict[int, int]]:
    """Return of each article its views by the hours (Unix times) in which it was young enough."""
    starts = {one.at - one.at % HOUR + n * HOUR for one in articles for n in range(hours + 1)}
    rows = Bucket.objects.filter(
        size=HOUR,
        start__in=sorted(starts),
        article_id__in=sorted(one.article_id for one in articles),
    )
    read: dict[int, dict[int, int]] = defaultdict(dict)
    for article_id, start, views in rows.values_list("article_id", "start").annotate(
        read=Sum("views")
    ):
        read[article_id][start] = views
    return read


def _views_by_age(
    one: Published, read: Mapping[int, int], hours: int, *, now: datetime
) -> list[float]:
    """Return the views up to 0, 1, … `hours` hours after publication."""
    first = one.at - one.at % HOUR
    found, before = [0.0], 0
    for age in range(1, hours + 1):
        before += read.get(first + (age - 1) * HOUR, 0)
        start = first + age * HOUR
        # The present hour is not over: what it has so far belongs to what is over of it.
        length = max(1, min(HOUR, int(now.timestamp()) - start))
        share = min(1.0, (one.at % HOUR) / length)
        found.append(before + share * read.get(start, 0))
    return found
