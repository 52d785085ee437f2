"""How much a story was read over its life: bars drawn on the server, and their numbers as a table.

A fragment of its own: its numbers change with every reader, the page of the story does not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from broadsheet.readership.queries import views_by_day
from broadsheet.themes.queries import pieces_of
from broadsheet.themes.telling import Piece

from .asides import show_computed
from .moments import When, show_date
from .navigation import Frame, Site, frame_page
from .storytelling import tags_of_story

READERSHIP_LASTS = timedelta(minutes=5)
#: The life of a story is over some time after its last article; of a long one the end is shown.
LIVES_ON, MOST_DAYS = timedelta(days=14), 90
WIDTH, HEIGHT = 320, 96
_GAP = 0.2  # of a day's width


@dataclass(frozen=True, slots=True)
class Bar:
    """A day and its views. Places and sizes are as SVG writes them."""

    day: When
    views: str
    label: str
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadershipBlock:
    """`most` says on which day most was read; `bars` come in the order of time."""

    width: int
    height: int
    most: str
    computed: When
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadershipFragment:
    frame: Frame
    block: ReadershipBlock | None
    made_from: frozenset[str]


def readership_address(code: str, story_id: int) -> str:
    return f"fragment:readership:{code}:{story_id}"


def gather_readership_fragment(story_id: int, *, site: Site, now: datetime) -> ReadershipFragment:
    """Return the block of a story; an empty fragment where nobody has read it yet."""
    pieces = pieces_of(story_id)
    days = days_of_life(pieces, today=now.astimezone(UTC).date())
    views = views_by_day([piece.article_id for piece in pieces], days) if days else []
    return ReadershipFragment(
        frame=frame_page(
            site, title=site.name, description=site.name, path=site.path("front"), is_indexed=False
        ),
        block=_draw(days, views, site=site, now=now) if any(views) else None,
        made_from=frozenset(tags_of_story(pieces)),
    )


def days_of_life(pieces: Sequence[Piece], *, today: date) -> list[date]:
    """Return the days (UTC) from the first of `pieces`, which come newest first, until two weeks
    after the last, or today.
    """
    if not pieces:
        return []
    last = min(today, pieces[0].at.astimezone(UTC).date() + LIVES_ON)
    first = max(pieces[-1].at.astimezone(UTC).date(), last - timedelta(days=MOST_DAYS - 1))
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _draw(
    days: Sequence[date], views: Sequence[int], *, site: Site, now: datetime
) -> ReadershipBlock:
    words = site.words
    most, step = max(views), WIDTH / len(days)
    bars = []
    for place, (day, read) in enumerate(zip(days, views, strict=True)):
        # Few views are still seen to be some.
        height = max(1.0, HEIGHT * read / most) if read else 0.0
        bars.append(
            Bar(
                day=show_date(day, "day", words=words),
                views=words.number(read),
                label=words.count_views(read),
                x=_short(step * (place + _GAP / 2)),
                y=_short(HEIGHT - height),
                width=_short(step * (1 - _GAP)),
                height=_short(height),
            )
        )
    highest = bars[views.index(most)]
    return ReadershipBlock(
        width=WIDTH,
        height=HEIGHT,
        most=words.most_on.format(day=highest.day.text, views=highest.label),
        computed=show_computed(now, site=site),
        bars=tuple(bars),
    )


def _short(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
