"""Press a page: gather it, render it without a query, cut it into bytes and slots."""

from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.template.loader import get_template

from broadsheet.pagestore.pages import Page, ViewsSlot

from . import made_from
from .headers import NO_CACHE, headers_of_page, is_https, public_headers
from .navigation import find_site
from .pages import FindSite, NoSuchPageError, Redirect, gather, not_found_code
from .slots import cut


def render(template: str, page: Any) -> str:
    """Return the HTML of `page`, a frozen dataclass with a `frame`. Asks no database.

    Counts and fragments are places still; `slots.cut` makes slots of them.
    """
    frame = page.frame
    context = {"page": page, "frame": frame, "words": frame.words}
    return get_template(template).render(context)


def make_page(address: str, version: int, *, now: datetime, find: FindSite = find_site) -> Page:
    """Return the page at `address`, gathered from now on, with `version` as its version.

    Where there is none it is the 404 page of the edition, at an address of its own. `find` is
    that of `pages.gather`. Raises `pages.NoEditionError`, and whatever the database does.
    """
    try:
        gathered = gather(address, now=now, find=find)
    except NoSuchPageError:
        address = f"404:{not_found_code(address, find=find)}"
        gathered = gather(address, now=now, find=find)
    if isinstance(gathered, Redirect):
        return _press_redirect(address, gathered, version)
    write = gathered.write or partial(render, gathered.template)
    parts = cut(write(gathered.page))
    shown = {part.article_id for part in parts if isinstance(part, ViewsSlot)}
    code = gathered.page.frame.code
    lasts = gathered.lasts
    return Page(
        address=address,
        edition=code,
        status=gathered.status,
        headers=headers_of_page(
            code, is_https=is_https(settings.SITE_URL), content_type=gathered.content_type
        ),
        version=version,
        fresh_until=(now + lasts).timestamp() if lasts else None,
        # What a page shows it was made from, whether or not its gathering says so.
        tags=frozenset(
            {made_from.SITE, *gathered.page.made_from, *made_from.records("article", shown)}
        ),
        parts=parts,
    )


def _press_redirect(address: str, redirect: Redirect, version: int) -> Page:
    return Page(
        address=redirect.address or address,
        edition=redirect.code,
        status=redirect.status,
        headers=(
            NO_CACHE,
            ("location", redirect.to),
            *public_headers(is_https=is_https(settings.SITE_URL)),
        ),
        version=version,
        fresh_until=None,
        tags=redirect.made_from,
        parts=(),
    )
