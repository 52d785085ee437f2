"""What the desk reads of the counts: views by span, section and article, and where readers came from.

Nothing here writes, and nothing reads the log. The cost follows how many articles are read and
how many buckets add up to a span, never the archive.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connections, router
from django.db.models import Sum

from .counting import first_kept
from .models import DAY, FIVE_MINUTES, HOUR, Bucket, ReferrerCount

#: A curve beside an article: its views of so many days, in steps of so many hours.
CURVE_DAYS, CURVE_STEP_HOURS = 7, 6
CURVE_STEPS = CURVE_DAYS * 24 // CURVE_STEP_HOURS


class Span(NamedTuple):
    """From a moment on and before another, Unix times that five minutes divide."""

    start: int
    end: int


#: Buckets that add up to a span, by size and start: 1 for one that is added, -1 for one taken away.
Cover = dict[tuple[int, int], int]


def hours_of(day: date, zone: ZoneInfo) -> list[Span]:
    """Return the hours of a day of that zone: 24, or 23 or 25 where the clock is changed."""
    start, end = _midnight(day, zone), _midnight(day + timedelta(days=1), zone)
    return [Span(one, min(one + HOUR, end)) for one in range(start, end, HOUR)]


def days_until(day: date, zone: ZoneInfo, *, days: int = 7) -> list[Span]:
    """Return so many days of that zone, the last one `day`."""
    midnights = [_midnight(day + timedelta(days=n), zone) for n in range(1 - days, 2)]
    return [Span(*ends) for ends in pairwise(midnights)]


def five_minutes_until(now: datetime, *, steps: int = 12) -> list[Span]:
    """Return the last spans of five minutes, the present one last."""
    present = int(now.timestamp()) // FIVE_MINUTES * FIVE_MINUTES
    starts = range(present - (steps - 1) * FIVE_MINUTES, present + 1, FIVE_MINUTES)
    return [Span(start, start + FIVE_MINUTES) for start in starts]


def cover(span: Span) -> Cover:
    """Return the fewest buckets that add up to a span.

    Long ones are whole days of UTC, and at both ends the hours that a day has too much or too
    few. Nothing is estimated: a day's bucket is the sum of its hours.
    """
    start, end = span
    if end - start <= DAY // 2:
        return dict.fromkeys(_plainly(start, end), 1)
    cells = Counter(dict.fromkeys(_days(start - start % DAY, end - end % DAY), 1))
    cells.subtract(_since_midnight(start))
    cells.update(_since_midnight(end))
    return {cell: sign for cell, sign in cells.items() if sign}


def views_by_section(
    edition_id: int, spans: Sequence[Span], *, now: datetime
) -> list[Counter[int]]:
    """Return of each span the views by section, which is the one that articles had when read."""
    covers = [cover(_snap(span, now=now)) for span in spans]
    sums = _sums_by_section(edition_id, sorted(set[tuple[int, int]]().union(*covers)))
    found = []
    for one in covers:
        total: Counter[int] = Counter()
        for cell, sign in one.items():
            for section_id, views in sums.get(cell, {}).items():
                total[section_id] += sign * views
        found.append(total)
    return found


def most_read(
    edition_id: int, span: Span, *, section_id: int | None = None, limit: int, now: datetime
) -> list[tuple[int, int]]:
    """Return the articles that were read most in a span, each with its views."""
    return [
        (article_id, views)
        for article_id, views in _add_up(
            [span],
            by="read.article_id",
            edition_id=edition_id,
            section_id=section_id,
            limit=limit,
            now=now,
        )
        if views > 0
    ]


def views_of(article_id: int, spans: Sequence[Span], *, now: datetime) -> list[int]:
    """Return an article's views in each span."""
    rows = _add_up(spans, by="cell.place", article_ids=[article_id], now=now)
    views = dict(rows)
    return [views.get(place, 0) for place in range(len(spans))]


def curves(article_ids: Collection[int], *, now: datetime) -> dict[int, list[int]]:
    """Return of each article its views of the last seven days in `CURVE_STEPS` steps, in one query.

    The last step ends with the present hour. An article that nobody read has zeros.
    """
    found = {one: [0] * CURVE_STEPS for one in article_ids}
    if not found:
        return found
    rows = _add_up(
        curve_spans(now=now), by="read.article_id, cell.place", article_ids=sorted(found), now=now
    )
    for article_id, place, views in rows:
        found[article_id][place] = views
    return found


def curve_spans(*, now: datetime) -> list[Span]:
    """Return the steps of `curves`."""
    end = int(now.timestamp()) // HOUR * HOUR + HOUR
    step = CURVE_STEP_HOURS * HOUR
    return [Span(start, start + step) for start in range(end - CURVE_STEPS * step, end, step)]


def referring_hosts(
    *, days: int, now: datetime, article_id: int | None = None, limit: int
) -> list[tuple[str, int]]:
    """Return the hosts that sent most readers in the last days (UTC, today's the last), with views.

    The host "" stands for readers of whom none was told.
    """
    rows = ReferrerCount.objects.filter(day__in=_last_days(days, now=now))
    if article_id is not None:
        rows = rows.filter(article_id=article_id)
    hosts = rows.values_list("host").annotate(read=Sum("views"))
    return list(hosts.order_by("-read", "host")[:limit])


def referred_articles(host: str, *, days: int, now: datetime, limit: int) -> list[tuple[int, int]]:
    """Return the articles that a host sent most readers to in the last days (UTC), with views."""
    rows = ReferrerCount.objects.filter(day__in=_last_days(days, now=now), host=host)
    articles = rows.values_list("article_id").annotate(read=Sum("views"))
    return list(articles.order_by("-read", "article_id")[:limit])


def _last_days(days: int, *, now: datetime) -> list[int]:
    today = int(now.astimezone(UTC).timestamp()) // DAY * DAY
    return [today - n * DAY for n in range(days)]


def _midnight(day: date, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, time(), zone).timestamp())


def _days(start: int, end: int) -> Iterable[tuple[int, int]]:
    return ((DAY, one) for one in range(start, end, DAY))


def _since_midnight(moment: int) -> Counter[tuple[int, int]]:
    """Cover the time from the last midnight of UTC: from both ends, whichever is nearer."""
    midnight = moment - moment % DAY
    if moment - midnight <= DAY // 2:
        return Counter(dict.fromkeys(_plainly(midnight, moment), 1))
    cells = Counter({(DAY, midnight): 1})
    cells.subtract(_plainly(moment, midnight + DAY))
    return cells


def _plainly(start: int, end: int) -> list[tuple[int, int]]:
    """Cover a span by hours, and by five minutes where none fits: in zones of half hours."""
    first, last = -(-start // HOUR) * HOUR, end - end % HOUR
    if first > last:
        return [(FIVE_MINUTES, one) for one in range(start, end, FIVE_MINUTES)]
    return [
        *((FIVE_MINUTES, one) for one in range(start, first, FIVE_MINUTES)),
        *((HOUR, one) for one in range(first, last, HOUR)),
        *((FIVE_MINUTES, one) for one in range(last, end, FIVE_MINUTES)),
    ]


def _snap(span: Span, *, now: datetime) -> Span:
    """Move the ends of a span to whole hours where smaller buckets are no longer kept."""
    kept = first_kept(FIVE_MINUTES, now=now)
    return Span(*(one if one >= kept else one - one % HOUR for one in span))


def _sums_by_section(
    edition_id: int, cells: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], dict[int, int]]:
    """Return the views of an edition in buckets of all its articles: each bucket by section.

    Which articles are the edition's is found once, for those that were read on these days, and
    not for every row.
    """
    if not cells:
        return {}
    days = sorted({start - start % DAY for _, start in cells})
    statement = f"""
        WITH cell (size, start) AS (VALUES {", ".join(["(%s, %s)"] * len(cells))}),
        seen AS (
            SELECT DISTINCT article_id FROM broadsheet_readership_bucket
            WHERE size = {DAY} AND start IN ({", ".join(["%s"] * len(days))})
        ),
        here AS (
            SELECT seen.article_id
            FROM seen CROSS JOIN broadsheet_readership_articlecount AS placed
            WHERE placed.article_id = seen.article_id AND placed.edition_id = %s
        )
        SELECT cell.size, cell.start, read.section_id, SUM(read.views)
        FROM cell CROSS JOIN broadsheet_readership_bucket AS read
        WHERE read.size = cell.size AND read.start = cell.start
        AND read.article_id IN (SELECT article_id FROM here)
        GROUP BY cell.size, cell.start, read.section_id
    """  # noqa: S608 - placeholders alone
    values = [*(value for cell in cells for value in cell), *days, edition_id]
    sums: dict[tuple[int, int], dict[int, int]] = {}
    with connections[router.db_for_read(Bucket)].cursor() as cursor:
        cursor.execute(statement, values)
        for size, start, section_id, views in cursor.fetchall():
            sums.setdefault((size, start), {})[section_id] = int(views)
    return sums


def _add_up(
    spans: Sequence[Span],
    *,
    by: str,
    now: datetime,
    article_ids: Sequence[int] = (),
    edition_id: int | None = None,
    section_id: int | None = None,
    limit: int | None = None,
) -> list[tuple[Any, ...]]:
    """Add the buckets of spans up, in one query: `by` and then views.

    The buckets are found first, by their key; the joins say the order, which SQLite keeps. With
    an edition, `by` is the article: the `limit` most read of it are returned, the first first.
    """
    cells = [
        (place, size, start, sign)
        for place, span in enumerate(spans)
        for (size, start), sign in cover(_snap(span, now=now)).items()
    ]
    if not cells:
        return []
    values: list[Any] = [value for cell in cells for value in cell]
    wanted = []
    if article_ids:
        wanted.append(f"read.article_id IN ({', '.join(['%s'] * len(article_ids))})")
        values += article_ids
    if section_id is not None:
        wanted.append("read.section_id = %s")
        values.append(section_id)
    added = f"""
        WITH cell (place, size, start, sign) AS (
            VALUES {", ".join(["(%s, %s, %s, %s)"] * len(cells))}
        ), added AS (
            SELECT {by}, CAST(SUM(read.views * cell.sign) AS bigint) AS views
            FROM cell CROSS JOIN broadsheet_readership_bucket AS read
            WHERE read.size = cell.size AND read.start = cell.start
            {"".join(f" AND {one}" for one in wanted)}
            GROUP BY {by}
        )
    """  # noqa: S608 - placeholders and texts of this module alone
    statement = f"{added} SELECT * FROM added"  # noqa: S608 - as above
    if edition_id is not None:
        statement = f"""
            {added} SELECT added.article_id, added.views
            FROM added CROSS JOIN broadsheet_readership_articlecount AS placed
            WHERE placed.article_id = added.article_id AND placed.edition_id = %s
            ORDER BY added.views DESC, added.article_id DESC LIMIT %s
        """  # noqa: S608 - as above
        values += [edition_id, limit]
    with connections[router.db_for_read(Bucket)].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()
