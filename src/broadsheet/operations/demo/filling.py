"""Fill an installation with a demo newsroom: ten days of articles, their pictures and readers."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils.module_loading import import_string
from tqdm import tqdm

from broadsheet.articles.models import Article, Edition
from broadsheet.articles.queries import all_editions
from broadsheet.outbox.delivering import deliver_facts
from broadsheet.outbox.models import Fact
from broadsheet.readership.counting import fold_all_views
from broadsheet.readership.ranking import rank_popular

from .contents import CONTENT, LANGUAGES, Newsroom, Told, read_newsroom
from .naming import keep_records
from .picturing import Size, count_processors, keep_pictures
from .publishing import Kept, find_published, publish_article
from .reading import ReadArticle, send_views

PICTURE_SIZE: Size = (1600, 900)
VIEWS = 60_000
#: Says in the installation's directory how far the demo has come.
STATE_FILE = "demo-newsroom"
BEGUN, FILLED = "begun", "filled"


class NotADemoError(RuntimeError):
    """The installation holds a newsroom of somebody's own, or no edition that the demo has."""


def fill_newsroom(
    *,
    now: datetime,
    tell: Callable[[str], None],
    picture_size: Size = PICTURE_SIZE,
    processes: int | None = None,
    views: int = VIEWS,
    content: Path = CONTENT,
) -> bool:
    """Fill the installation that is set up; return False where that was done before.

    `tell` is called with one line a step. What an interrupted run left undone is done by the next;
    a newsroom that is filled is left alone, with all that the desk has changed in it. Raises
    `NotADemoError` before anything is written, and `contents.BadContentError`.
    """
    if read_state() == FILLED:
        return False
    newsroom = read_newsroom(content)
    editions = _find_editions()
    _write_state(BEGUN)
    tell(f"filling the newsroom with {len(newsroom.articles)} articles an edition")
    records = keep_records(newsroom, editions=editions)
    images = keep_pictures(
        newsroom.scenes, size=picture_size, processes=processes or count_processors()
    )
    articles: dict[Edition, dict[str, int]] = {edition: {} for edition in editions}
    for told in tqdm(newsroom.articles, desc="publishing the articles", disable=None):
        for edition, ids in articles.items():
            found = find_published(told, edition)
            kept = Kept(records, images, ids)
            ids[told.key] = (
                found.pk if found else publish_article(told, edition, kept=kept, now=now)
            )
    _deliver(now=now)
    tell(f"sending about {views} views through the log")
    _read(newsroom, articles, now=now, views=views)
    _write_state(FILLED)
    return True


def read_state() -> str:
    """Return `BEGUN`, `FILLED`, or nothing where the demo was never begun."""
    path = _state_path()
    return path.read_text(encoding="utf-8").strip() if path.is_file() else ""


def _write_state(state: str) -> None:
    _state_path().write_text(f"{state}\n", encoding="utf-8")


def _state_path() -> Path:
    return Path(settings.HOME) / STATE_FILE


def _find_editions() -> Sequence[Edition]:
    if not read_state() and Article.objects.exists():
        raise NotADemoError(
            f"{settings.HOME} holds a newsroom with articles of its own; the demo would mix with "
            "them. Set BROADSHEET_HOME to another directory."
        )
    editions = [edition for edition in all_editions() if edition.code in LANGUAGES]
    if not editions:
        raise NotADemoError(f"The demo is written in {', '.join(LANGUAGES)}: no such edition is on")
    return editions


def _deliver(*, now: datetime) -> None:
    """Let everything that reacts to the articles do so, as the worker would."""
    reactions = import_string(settings.REACTIONS)
    waiting = Fact.objects.filter(delivered_at=None).count()
    with tqdm(total=waiting, desc="relating the articles", disable=None) as progress:
        while delivered := deliver_facts(reactions, now=now, limit=10).facts:
            progress.update(delivered)


def _read(
    newsroom: Newsroom, articles: dict[Edition, dict[str, int]], *, now: datetime, views: int
) -> None:
    told_by_key = {told.key: told for told in newsroom.articles}
    read = [
        _read_article(told_by_key[key], edition, Article.objects.get(pk=pk))
        for edition, ids in articles.items()
        for key, pk in ids.items()
    ]
    send_views(read, directory=Path(settings.VIEW_LOG_DIRECTORY), now=now, views=views)
    fold_all_views(now=now)
    rank_popular(now=now)


def _read_article(told: Told, edition: Edition, article: Article) -> ReadArticle:
    assert article.first_published_at is not None  # it is published
    return ReadArticle(
        article_id=article.pk,
        zone=edition.zone,
        readers=edition.pk,
        published_at=article.first_published_at,
        popularity=told.popularity,
    )
