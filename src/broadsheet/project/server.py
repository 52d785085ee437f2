"""The ASGI application that `serve` runs: files and readership's doors in front of Django."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import django
from servestatic import ServeStaticASGI

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "broadsheet.project.settings")
django.setup()

from django.conf import settings  # noqa: E402 - Django has to be set up first
from django.core.asgi import get_asgi_application  # noqa: E402
from django.db import close_old_connections  # noqa: E402

from broadsheet.articles.queries import is_live  # noqa: E402
from broadsheet.readership.beacon import Beacon  # noqa: E402
from broadsheet.readership.queries import Numbers, numbers  # noqa: E402
from broadsheet.readership.reader_keys import ReaderKeys  # noqa: E402
from broadsheet.readership.view_log import ViewLog  # noqa: E402
from broadsheet.web.editions import WORDS  # noqa: E402

logger = logging.getLogger("broadsheet.server")

#: Requests that Django works on at once in one process, and that wait for their turn; more are
#: told to come back. Views and numbers have no part in this.
AT_ONCE = 8
WAITING = 200
RETRY_AFTER_SECONDS = 2
A_DAY = 86_400

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


def label(edition_code: str, count: int) -> str | None:
    """Return the words of a count in an edition's language, None for an unknown one."""
    words = WORDS.get(edition_code)
    return words.count_views(count) if words else None


def ask_live(article_id: int) -> bool:
    close_old_connections()
    return is_live(article_id)


def ask_numbers(article_ids: Sequence[int]) -> Numbers:
    close_old_connections()
    return numbers(article_ids)


def own_hosts() -> list[str]:
    """The hosts whose pages may send views: those of the site."""
    site = urlsplit(settings.SITE_URL).hostname
    return [*settings.ALLOWED_HOSTS, *([site] if site else [])]


def make_beacon() -> Beacon:
    return Beacon(
        view_log=ViewLog(settings.VIEW_LOG_DIRECTORY),
        keys=ReaderKeys(settings.VIEW_KEYS_DIRECTORY),
        is_live=ask_live,
        numbers=ask_numbers,
        label=label,
        own_hosts=own_hosts(),
        trusted_proxies=settings.TRUSTED_PROXIES,
    )


def with_files(pages: Application) -> Application:
    """Answer the home's assets and pictures as files, and hand on the rest.

    Pictures are looked for on each request, for new ones come; originals, which may say where
    they were taken, are not public.
    """
    pictures = ServeStaticASGI(pages, autorefresh=True, max_age=A_DAY, allow_all_origins=False)
    pictures.add_files(Path(settings.MEDIA_ROOT) / "images", prefix="media/images")
    assets = ServeStaticASGI(pictures, max_age=0, allow_all_origins=False)
    assets.add_files(settings.STATIC_ROOT, prefix="assets")
    return cast("Application", assets)


class Server:
    """Answers readership's addresses itself and hands Django the rest, so many at a time."""

    def __init__(self, *, beacon: Beacon, pages: Application) -> None:
        self._beacon = beacon
        self._pages = pages
        self._files = with_files(self._hand_on)
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close"})
        elif scope["path"] in Beacon.addresses:
            await self._beacon(scope, receive, send)
        else:
            await self._files(scope, receive, send)

    async def _hand_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._inside >= AT_ONCE + WAITING:
            await _refuse(send)
            return
        self._inside += 1
        try:
            async with self._turns:
                await self._pages(scope, receive, send)
        finally:
            self._inside -= 1

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                # What was acknowledged is on disk already; what waits gets its answer.
                await asyncio.to_thread(self._beacon.close)
                await send({"type": "lifespan.shutdown.complete"})
                return


async def _refuse(send: Send) -> None:
    logger.warning("%d requests wait: one was told to come back", WAITING)
    headers = [
        (b"retry-after", str(RETRY_AFTER_SECONDS).encode()),
        (b"cache-control", b"no-store"),
        (b"content-type", b"text/plain; charset=utf-8"),
    ]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": b"Too many requests. Come back shortly.\n"})


application = Server(beacon=make_beacon(), pages=get_asgi_application())
