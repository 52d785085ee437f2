"""What `serve` runs as its web process: pages from the store, in front of Django.

Nothing here waits for Django: it is set up in a thread, while stored pages are served already.
"""

import asyncio
import gc
import logging
import os
import re
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from servestatic import ServeStaticASGI

from broadsheet.operations.web_process import end_with_parent
from broadsheet.pagestore.addresses import AddressFilter
from broadsheet.pagestore.answering import Answers
from broadsheet.pagestore.copying import CopyWriter
from broadsheet.pagestore.pages import Page
from broadsheet.pagestore.public_copies import PublicCopies
from broadsheet.pagestore.purging import Purger, headers_for_caches
from broadsheet.pagestore.serving import PageServer
from broadsheet.pagestore.store import PageStore
from broadsheet.project import settings
from broadsheet.readership.beacon import Beacon
from broadsheet.readership.intake import Intake
from broadsheet.readership.intake_counts import IntakeCounts
from broadsheet.readership.networks import (
    EXCLUDED_NETWORKS,
    NetworkSet,
    NetworkSpans,
    parse_networks,
    read_networks,
    read_spans,
)
from broadsheet.readership.rates import ViewRates
from broadsheet.readership.reader_keys import ReaderKeys
from broadsheet.readership.snapshot import SnapshotReader
from broadsheet.readership.view_log import open_view_log
from broadsheet.readership.whole_files import WatchedFile
from broadsheet.web import made_from
from broadsheet.web.addresses import address_of
from broadsheet.web.editions import WORDS
from broadsheet.web.failing import SERVER_ERROR_HEADERS, server_error_page
from broadsheet.web.headers import FILE_HEADERS, headers_of_page, is_https
from broadsheet.web.slots import show_views

logger = logging.getLogger("broadsheet.server")

#: Requests that Django works on at once in one process, and that wait for their turn; more are
#: told to come back. Pages, views and numbers have no part in this.
AT_ONCE = 8
WAITING = 200
RETRY_AFTER_SECONDS = 2
A_DAY = 86_400
DJANGO_UP_SECONDS = 60.0
#: What is not a page.
ELSEWHERE = ("/desk/", "/-/", "/assets/", "/media/")
#: What is made for each request alone: search. As few at once as pages are pressed, so that however
#: many search, others read and write; who would wait long is told to come back.
MADE_ANEW = re.compile(r"/[a-z0-9-]+/search(?:/suggestions)?")
SEARCHES_AT_ONCE, SEARCHES_WAITING = 2, 40
DJANGO = ("/desk/", "/-/health", "/-/ready", "/-/metrics")

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class DjangoNotUpError(RuntimeError):
    """Django could not be set up; its error is in the log."""


class Django:
    """Django's ASGI application, set up in a thread, and what else needs its database."""

    def __init__(self) -> None:
        self._is_done = threading.Event()
        self._application: Application | None = None

    def start(self) -> None:
        threading.Thread(target=self._set_up, name="django", daemon=True).start()

    def wait(self) -> Application:
        """Return the application. Blocks until it is up; raises `DjangoNotUpError`."""
        self._is_done.wait(DJANGO_UP_SECONDS)
        if self._application is None:
            raise DjangoNotUpError("Django is not up")
        return self._application

    def _set_up(self) -> None:
        try:
            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "broadsheet.project.settings")
            from django.core.asgi import get_asgi_application  # noqa: PLC0415 - that is the point
            from django.core.signals import request_finished  # noqa: PLC0415 - as above

            application = get_asgi_application()
            # Each request has a thread of its own: nobody else would use what it opened.
            request_finished.connect(_close_connections)
            from broadsheet.web import stored  # noqa: PLC0415 - it needs Django

            stored.use_store(STORE, ADDRESSES, directory=settings.PAGES_DIRECTORY)
            # What is there now stays: the garbage collector need not go through it again.
            gc.freeze()
            self._application = cast("Application", application)
        except Exception:
            logger.exception("Django could not be set up: the desk is closed, no page is pressed")
        finally:
            self._is_done.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._application is None:
            await asyncio.to_thread(self.wait)
        assert self._application is not None
        await self._application(scope, receive, send)

    def press(self, address: str) -> Page:
        self.wait()
        from broadsheet.web.stored import press_page  # noqa: PLC0415 - it needs Django

        return press_page(address)

    def is_database_up(self) -> bool:
        """Whether the database answers; True as long as Django is not up yet."""
        if self._application is None:
            return not self._is_done.is_set()
        from broadsheet.operations.health import find_silent_database  # noqa: PLC0415 - as above

        return find_silent_database() is None

    def find_live(self, article_ids: Sequence[int]) -> dict[int, bool]:
        """Whether each article is live; while the database is down, whether it last was.

        One of which nothing is known then is left out.
        """
        self.wait()
        from django.db import DatabaseError, close_old_connections  # noqa: PLC0415 - as above

        from broadsheet.articles.queries import find_live  # noqa: PLC0415 - as above

        close_old_connections()
        try:
            live = find_live(article_ids)
        except DatabaseError:
            snapshot = SNAPSHOTS()
            known = ((number, snapshot.is_live(number)) for number in article_ids)
            return {number: is_live for number, is_live in known if is_live is not None}
        return {number: number in live for number in article_ids}


class ArticleChanges:
    """Which articles changed since when, as the journal of the page store tells."""

    @staticmethod
    def now() -> int:
        return STORE.begin()

    @staticmethod
    def is_changed(article_id: int, *, since: int) -> bool:
        return STORE.is_changed_lately((made_from.record("article", article_id),), since=since)


def _close_connections(**_of_the_signal: Any) -> None:
    from django.db import connections  # noqa: PLC0415 - it needs Django

    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:  # as in a test
            connection.close()


class Rest:
    """What is no page: readership's doors, files, and Django, which works on so many at a time."""

    def __init__(self, *, beacon: Beacon, django: Application) -> None:
        self._beacon = beacon
        self._django = django
        self._files = with_files(self._not_found)
        self._turns = _Turns(AT_ONCE, waiting=WAITING)
        self._searches = _Turns(SEARCHES_AT_ONCE, waiting=SEARCHES_WAITING)
        #: Answers what nobody knows; the page server's, which comes later.
        self.not_found: Application | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path in Beacon.addresses:
            await self._beacon(scope, receive, send)
        elif path.startswith(DJANGO):
            await self._hand_on(self._turns, scope, receive, send)
        elif MADE_ANEW.fullmatch(path):
            await self._hand_on(self._searches, scope, receive, send)
        else:
            await self._files(scope, receive, send)

    async def _not_found(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.not_found is not None
        await self.not_found(scope, receive, send)

    async def _hand_on(self, turns: "_Turns", scope: Scope, receive: Receive, send: Send) -> None:
        if turns.are_taken:
            await _refuse(send)
            return
        async with turns:
            await self._django(scope, receive, send)


class _Turns:
    """Who is inside at once, and who waits for it."""

    def __init__(self, at_once: int, *, waiting: int) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._most = at_once + waiting
        self._here = 0

    @property
    def are_taken(self) -> bool:
        return self._here >= self._most

    async def __aenter__(self) -> None:
        self._here += 1
        try:
            await self._free.acquire()
        except BaseException:
            self._here -= 1
            raise

    async def __aexit__(self, *_error: object) -> None:
        self._free.release()
        self._here -= 1


def with_files(others: Application) -> Application:
    """Answer the home's assets and pictures as files, and hand on the rest.

    Pictures are looked for on each request, for new ones come; originals, which may say where
    they were taken, are not public.
    """
    having = {"allow_all_origins": False, "add_headers_function": _add_file_headers}
    pictures = ServeStaticASGI(others, autorefresh=True, max_age=A_DAY, **having)
    pictures.add_files(Path(settings.MEDIA_ROOT) / "images", prefix="media/images")
    assets = ServeStaticASGI(pictures, max_age=0, **having)
    assets.add_files(settings.STATIC_ROOT, prefix="assets")
    return cast("Application", assets)


def _add_file_headers(headers: Any, _path: str, _url: str) -> None:
    for name, value in FILE_HEADERS:
        headers[name] = value


def label(edition_code: str, count: int) -> str | None:
    """Return the words of a count in an edition's language, None for an unknown one."""
    words = WORDS.get(edition_code)
    return words.count_views(count) if words else None


def own_hosts() -> list[str]:
    """The hosts whose pages may send views: those of the site."""
    site = urlsplit(settings.SITE_URL).hostname
    return [*settings.ALLOWED_HOSTS, *([site] if site else [])]


async def _refuse(send: Send) -> None:
    logger.warning("Too many requests wait: one was told to come back")
    headers = [
        (b"retry-after", str(RETRY_AFTER_SECONDS).encode()),
        (b"cache-control", b"no-store"),
        (b"content-type", b"text/plain; charset=utf-8"),
    ]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": b"Too many requests. Come back shortly.\n"})


def make_intake() -> Intake:
    """What decides which views count."""
    excluded = settings.INTAKE_DIRECTORY / EXCLUDED_NETWORKS
    datacentres = settings.DATACENTRE_NETWORKS
    return Intake(
        own_hosts(),
        rates=ViewRates(settings.VIEWS_A_MINUTE, processes=settings.WEB_PROCESSES),
        find_excluded=WatchedFile(excluded, read_spans, otherwise=NetworkSpans()),
        find_datacentres=WatchedFile(datacentres, read_networks, otherwise=NetworkSet())
        if datacentres
        else NetworkSet,
    )


def open_reader_keys() -> ReaderKeys:
    if not settings.DATABASE_URL:
        return ReaderKeys(settings.VIEW_KEYS_DIRECTORY)
    from broadsheet.readership.shared_keys import SharedReaderKeys  # noqa: PLC0415 - an extra

    return SharedReaderKeys(settings.VIEW_KEYS_DIRECTORY, settings.DATABASES["views"])


def make_server() -> PageServer:
    beacon = Beacon(
        view_log=open_view_log(settings.VIEW_LOG_DIRECTORY, settings.DATABASES["views"]),
        keys=open_reader_keys(),
        intake=make_intake(),
        refusals=IntakeCounts(settings.INTAKE_DIRECTORY),
        find_live=DJANGO_APPLICATION.find_live,
        changes=ArticleChanges(),
        numbers=SNAPSHOTS,
        label=label,
        trusted_proxies=parse_networks(settings.TRUSTED_PROXIES),
    )
    rest = Rest(beacon=beacon, django=DJANGO_APPLICATION)
    answers = Answers(
        STORE,
        snapshot=SNAPSHOTS,
        show_views=show_views,
        more_headers=headers_for_caches if settings.PURGE_URLS else lambda _found: [],
    )
    server = PageServer(
        answers=answers,
        addresses=ADDRESSES,
        press=DJANGO_APPLICATION.press,
        read_query=address_of,
        unavailable=(SERVER_ERROR_HEADERS, server_error_page()),
        is_database_up=DJANGO_APPLICATION.is_database_up,
        rest=rest,
        elsewhere=ELSEWHERE,
        made_anew=MADE_ANEW,
        answer_directly=beacon.answer_directly,
    )
    rest.not_found = server.answer_page
    server.on_start += [end_with_parent, DJANGO_APPLICATION.start]
    # What was acknowledged is on disk already; what waits gets its answer.
    server.on_end.append(beacon.close)
    if settings.PUBLIC_COPIES:
        copies = CopyWriter(
            answers,
            COPIES,
            headers_of=partial(headers_of_page, is_https=is_https(settings.SITE_URL)),
            processes=settings.WEB_PROCESSES,
        )
        server.jobs.append(copies.run)
        server.on_end.append(copies.close)
    return server


STORE = PageStore(settings.PAGES_DIRECTORY, memory_bytes=settings.PAGES_MEMORY_BYTES)
ADDRESSES = AddressFilter(settings.PAGES_DIRECTORY)
COPIES = PublicCopies(settings.PUBLIC_DIRECTORY, settings.PAGES_DIRECTORY / "copies")
STORE.journal.on_drop += [
    partial(COPIES.withdraw, journal=STORE.journal),
    Purger(settings.PURGE_URLS).purge_at_once,
]
SNAPSHOTS = SnapshotReader(settings.NUMBERS_DIRECTORY)
DJANGO_APPLICATION = Django()
#: Granian's RSGI application, and a plain ASGI one.
application = make_server()
