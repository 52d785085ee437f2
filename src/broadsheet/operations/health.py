"""How the installation is doing: one list of checks, for the command and for /-/health."""

import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connections
from django.db.utils import DatabaseError
from wagtail.search.models import IndexEntry

from broadsheet.articles.models import Article, FailedSchedule
from broadsheet.outbox.models import Fact, FailedReaction
from broadsheet.readership import watching
from broadsheet.readership.log_ends import find_reach
from broadsheet.readership.models import FoldState, RankedWindow
from broadsheet.readership.queries import RANKING_OLD
from broadsheet.readership.view_reading import LogBehindError

from .working import is_worker_running, read_heartbeat

logger = logging.getLogger(__name__)

#: A lane that was not heard of for so long is stuck.
LANE_STUCK = timedelta(seconds=60)
#: Lanes whose jobs take longer: counting the log again reads all of it.
SLOW_LANES = {"recounting": timedelta(hours=1)}
FACTS_LATE = timedelta(seconds=60)
SCHEDULE_LATE = timedelta(seconds=30)
#: A view is in the numbers within two seconds.
FOLD_LATE = timedelta(seconds=10)
NUMBERS_OLD = timedelta(seconds=10)
#: How long a loss is no reason to sleep well.
LOSS_SHOWN = timedelta(days=7)
DISK_LOW_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. `what` says it in a line, and what to do where it is not well."""

    name: str
    is_well: bool
    what: str


Check = Callable[[datetime], Finding]


def check_health(*, now: datetime) -> list[Finding]:
    """Run every check; one that cannot be run is a finding that is not well."""
    found = []
    for name, check in CHECKS.items():
        try:
            found.append(check(now))
        except (DatabaseError, OSError) as error:
            found.append(Finding(name, is_well=False, what=f"cannot be checked: {error}"))
    return found


def check_worker(now: datetime) -> Finding:
    if not is_worker_running(settings.HOME):
        return Finding("worker", is_well=False, what="does not run: start `broadsheet serve`")
    beats = read_heartbeat(settings.HOME)
    stuck = [
        name for name, beat_at in beats.items() if now - beat_at > SLOW_LANES.get(name, LANE_STUCK)
    ]
    if stuck:
        return Finding("worker", is_well=False, what=f"stuck in: {', '.join(stuck)}")
    return Finding("worker", is_well=True, what="runs")


def check_facts(now: datetime) -> Finding:
    waiting = Fact.objects.filter(delivered_at=None)
    oldest = waiting.filter(is_bulk=False).order_by("pk").first()
    late = oldest is not None and now - oldest.announced_at > FACTS_LATE
    return Finding("facts", is_well=not late, what=f"{waiting.count()} wait for delivery")


def check_reactions(_now: datetime) -> Finding:
    failed = FailedReaction.objects.count()
    last = FailedReaction.objects.order_by("-pk").first()
    if last is None:
        return Finding("reactions", is_well=True, what="none failed")
    error = last.last_error.strip().splitlines()[-1]
    return Finding(
        "reactions", is_well=False, what=f"{failed} failed, the last: {last.reaction}: {error}"
    )


def check_schedule(now: datetime) -> Finding:
    failed = FailedSchedule.objects.select_related("article").order_by("-pk")
    late = [one for one in failed[:5] if now - one.due_at > SCHEDULE_LATE]
    if late:
        names = "; ".join(f"article {one.article_id} ({one.tries} tries)" for one in late)
        return Finding("schedule", is_well=False, what=f"not published or taken down: {names}")
    return Finding("schedule", is_well=True, what="nothing is overdue")


def check_search(_now: datetime) -> Finding:
    articles = Article.objects.count()
    entries = IndexEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(Article)
    ).count()
    if articles == entries:
        return Finding("search", is_well=True, what=f"{articles} articles are indexed")
    return Finding(
        "search",
        is_well=False,
        what=f"{entries} of {articles} articles are indexed: run `broadsheet manage update_index`",
    )


def check_popular(now: datetime) -> Finding:
    ranked = RankedWindow.objects.exclude(computed_at=None).order_by("computed_at").first()
    if ranked is None or ranked.computed_at is None:
        return Finding("popular", is_well=True, what="nothing was ranked yet")
    old = now - ranked.computed_at > RANKING_OLD
    minutes = int((now - ranked.computed_at).total_seconds() // 60)
    what = f"ranked {minutes} minutes ago"
    if old:
        what += f" ({ranked.window}): readers see wider windows, or the newest"
    return Finding("popular", is_well=not old, what=what)


def check_views(now: datetime) -> Finding:
    directory = settings.VIEW_LOG_DIRECTORY
    try:
        watching.try_to_write()
    except OSError as error:
        what = (
            f"are refused, for the log cannot be written ({error}): see to the disk of "
            f"{directory}. Pages are served meanwhile; views are taken again by themselves"
        )
        return Finding("views", is_well=False, what=what)
    refused = watching.count_refused_for_trouble(now=now)
    what = f"are taken; {refused} could not be today" if refused else "are taken"
    room = watching.find_room()
    if room is not None:
        what += f"; {room / 1024**3:.1f} GiB are free for them"
    if room is not None and room < DISK_LOW_BYTES:
        what += f": make room in {directory} before they are refused"
        return Finding("views", is_well=False, what=what)
    return Finding("views", is_well=True, what=what)


def check_fold(now: datetime) -> Finding:
    if watching.are_counts_behind():
        what = (
            "the counts are older than the log’s sums: put back those that belong to the log, "
            "or run `broadsheet recount --apply`"
        )
        return Finding("fold", is_well=False, what=what)
    try:
        reach = find_reach()
    except LogBehindError as error:
        return Finding("fold", is_well=False, what=str(error))
    wait = reach.lag(now=now)
    if not reach.waiting:
        return Finding("fold", is_well=True, what="every view is counted")
    what = f"{reach.waiting} views wait to be counted, the first for {wait.total_seconds():.0f} s"
    if wait <= FOLD_LATE:
        return Finding("fold", is_well=True, what=what)
    what += ": none is lost. If they become more, look for “fold views” in the worker’s log"
    return Finding("fold", is_well=False, what=what)


def check_log(now: datetime) -> Finding:
    lost = watching.find_losses(since=now - LOSS_SHOWN)
    if not lost:
        return Finding("log", is_well=True, what="no view was lost in a week")
    missing = sum(extent.missing for extent in lost)
    what = (
        f"{missing} views were lost, the last here: {lost[0].text}. If a backup has the file, put "
        "it back and run `broadsheet recount`"
    )
    return Finding("log", is_well=False, what=what)


def check_thinning(now: datetime) -> Finding:
    days = settings.VIEW_LOG_DAYS
    if watching.is_thinning_late(now=now):
        what = (
            f"views of more than {days} days ago are still in the log: look for “thin the view "
            "log” in the worker’s log"
        )
        return Finding("thinning", is_well=False, what=what)
    return Finding("thinning", is_well=True, what=f"the log holds the views of {days} days")


def check_numbers(now: datetime) -> Finding:
    as_of = watching.find_numbers_moment()
    if as_of is None:
        return Finding("numbers", is_well=True, what="none were published yet")
    age = max(0.0, (now - as_of).total_seconds())
    what = f"pages show those of {age:.0f} s ago"
    if now - as_of <= NUMBERS_OLD:
        return Finding("numbers", is_well=True, what=what)
    what += ": see that the worker runs, and look for “publish counts” in its log"
    return Finding("numbers", is_well=False, what=what)


def check_disk(_now: datetime) -> Finding:
    free = shutil.disk_usage(settings.HOME).free
    return Finding(
        "disk", is_well=free >= DISK_LOW_BYTES, what=f"{free / 1024**3:.1f} GiB free in the home"
    )


def find_silent_database() -> str | None:
    """Return the alias of a database that does not answer a question about its tables, or None.

    Each time through a new connection: an open one may hold a file that is no more.
    """
    for alias, table in (("default", Article), ("readership", FoldState)):
        connection = connections[alias]
        try:
            if not connection.in_atomic_block:
                connection.close()
            table.objects.using(alias).exists()
        except DatabaseError as error:
            logger.debug("the database %s: %s", alias, error)
            return alias
        finally:
            if not connection.in_atomic_block:
                connection.close()
    return None


CHECKS: dict[str, Check] = {
    "worker": check_worker,
    "facts": check_facts,
    "reactions": check_reactions,
    "schedule": check_schedule,
    "search": check_search,
    "views": check_views,
    "fold": check_fold,
    "log": check_log,
    "thinning": check_thinning,
    "numbers": check_numbers,
    "popular": check_popular,
    "disk": check_disk,
}
