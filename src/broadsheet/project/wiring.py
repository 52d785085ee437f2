"""Who reacts to which fact, and what runs by the clock: the whole system on one screen."""

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, connections

from broadsheet.articles import scheduling
from broadsheet.articles.events import (
    ArticlePublished,
    ArticlesImported,
    ArticleUnpublished,
    EditionChanged,
    ImageChanged,
    RecordChanged,
)
from broadsheet.articles.searching.indexing import MissingArticles
from broadsheet.newsroom import translation_drafting
from broadsheet.operations.metrics import write_metrics
from broadsheet.operations.working import ClockJob
from broadsheet.outbox.delivering import Reactions, deliver_facts, forget_delivered_facts
from broadsheet.outbox.following import FactFollower
from broadsheet.readership import checkpoints, counting, ranking, recounting
from broadsheet.readership.publishing_exclusions import publish_exclusions
from broadsheet.readership.publishing_numbers import publish_numbers
from broadsheet.readership.reader_keys import destroy_old_keys
from broadsheet.themes import relating
from broadsheet.themes.events import ThemesChanged
from broadsheet.web import following, invalidating
from broadsheet.web.picturing import make_renditions
from broadsheet.web.stored import withdraw_silent_copies

#: fact → its reactions, each a plain function of one fact that is safe to run twice.
REACTIONS: Reactions = {
    ArticlePublished: (
        counting.on_article_published,
        make_renditions,
        invalidating.on_fact,
        relating.on_article_published,
    ),
    ArticleUnpublished: (
        counting.on_article_unpublished,
        invalidating.on_fact,
        relating.on_article_unpublished,
    ),
    ArticlesImported: (
        counting.on_articles_imported,
        make_renditions,
        invalidating.on_fact,
        relating.on_articles_imported,
    ),
    RecordChanged: (invalidating.on_fact,),
    EditionChanged: (invalidating.on_fact,),
    ImageChanged: (invalidating.on_fact,),
    ThemesChanged: (invalidating.on_fact,),
}

#: What is said in the transaction of a change, before the worker hears of it.
tell_at_once = invalidating.tell_store


def publish_due(now: datetime) -> bool:
    due = scheduling.publish_due(now=now)
    return bool(due.published)


def take_down_expired(now: datetime) -> bool:
    return bool(scheduling.take_down_expired(now=now).expired)


def deliver(now: datetime) -> bool:
    return deliver_facts(REACTIONS, now=now).facts > 0


def fold(now: datetime) -> bool:
    return counting.fold_views(now=now).records > 0


def rank(now: datetime) -> bool:
    return ranking.rank_next(now=now)


def press_rankings(_now: datetime) -> None:
    RANKING_FOLLOWER.follow()


def follow_machines(now: datetime) -> None:
    if connection.vendor == "postgresql":
        following.follow_facts(FACT_FOLLOWER, now=now)


def prune(now: datetime) -> bool:
    return counting.prune_buckets(now=now) > 0


def thin_log(now: datetime) -> bool:
    return checkpoints.thin_log(now=now)


def apply_exclusions(now: datetime) -> None:
    recounting.apply_exclusions(now=now)


def publish_counts(now: datetime) -> bool:
    publish_numbers(now=now)
    return False


def tell_exclusions(now: datetime) -> None:
    publish_exclusions(now=now)


def destroy_keys(now: datetime) -> None:
    directory, database = Path(settings.VIEW_KEYS_DIRECTORY), connections["views"]
    if database.vendor != "postgresql":
        destroy_old_keys(directory, now=now)
        return
    from broadsheet.readership import shared_keys  # noqa: PLC0415 - its library is an extra

    shared_keys.destroy_old_shared_keys(directory, database.settings_dict, now=now)
    shared_keys.SharedReaderKeys(directory, database.settings_dict).share(now=now)


def draft_translations(now: datetime) -> bool:
    return translation_drafting.draft_next(now=now)


def measure(now: datetime) -> None:
    write_metrics(now=now)


def forget_facts(now: datetime) -> bool:
    return forget_delivered_facts(now=now) > 0


def complete_index(_now: datetime) -> bool:
    return MISSING_IN_INDEX.index_some()


def forget_readings(now: datetime) -> bool:
    return relating.forget_old_readings(now=now) > 0


MISSING_IN_INDEX = MissingArticles()
RANKING_FOLLOWER = following.RankingFollower()
FACT_FOLLOWER = FactFollower(REACTIONS, path=Path(settings.PAGES_DIRECTORY) / "followed")

#: The clock table. Lanes do not wait for each other; the jobs of one lane do. Jobs per machine
#: look after its own files and pages; the others are done by one machine of an installation.
CLOCK = (
    ClockJob("publish what is due", publish_due, each_seconds=0.1, lane="publishing"),
    ClockJob("take down what expires", take_down_expired, each_seconds=0.5, lane="publishing"),
    ClockJob("deliver facts", deliver, each_seconds=0.2, lane="facts"),
    ClockJob("fold views", fold, each_seconds=0.5, lane="readership"),
    ClockJob("publish counts", publish_counts, each_seconds=0.5, lane="readership", per="machine"),
    ClockJob(
        "publish exclusions", tell_exclusions, each_seconds=0.5, lane="readership", per="machine"
    ),
    ClockJob("rank Popular", rank, each_seconds=1, lane="ranking"),
    ClockJob("press rankings", press_rankings, each_seconds=1, lane="pressing", per="machine"),
    ClockJob("follow machines", follow_machines, each_seconds=0.1, lane="following", per="machine"),
    ClockJob("prune buckets", prune, each_seconds=600, lane="readership"),
    ClockJob("apply exclusions", apply_exclusions, each_seconds=2, lane="recounting"),
    ClockJob("thin the view log", thin_log, each_seconds=600, lane="recounting"),
    ClockJob(
        "destroy readers’ keys", destroy_keys, each_seconds=60, lane="readership", per="machine"
    ),
    ClockJob(
        "press pages", invalidating.press_waiting, each_seconds=0.1, lane="pressing", per="machine"
    ),
    ClockJob(
        "close left changes",
        invalidating.close_left,
        each_seconds=5,
        lane="pressing",
        per="machine",
    ),
    ClockJob(
        "withdraw silent copies",
        withdraw_silent_copies,
        each_seconds=1,
        lane="copies",
        per="machine",
    ),
    ClockJob(
        "learn addresses",
        invalidating.learn_addresses,
        each_seconds=10,
        lane="upkeep",
        per="machine",
    ),
    ClockJob(
        "prune pages", invalidating.prune_pages, each_seconds=600, lane="upkeep", per="machine"
    ),
    ClockJob("draft translations", draft_translations, each_seconds=1, lane="translating"),
    ClockJob("measure", measure, each_seconds=15, lane="measuring", per="machine"),
    ClockJob("complete the index", complete_index, each_seconds=600, lane="indexing"),
    ClockJob("forget delivered facts", forget_facts, each_seconds=600, lane="upkeep"),
    ClockJob("forget old readings", forget_readings, each_seconds=600, lane="upkeep"),
)
