"""Answers without a store: for the preview at the desk, and where Django alone serves the site."""

import hashlib

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response

from broadsheet.pagestore.assembling import assemble
from broadsheet.pagestore.pages import FragmentSlot, Page, Part, ViewsSlot
from broadsheet.readership.queries import numbers

from .pages import OK
from .pressing import make_page
from .slots import show_views


def fill(parts: tuple[Part, ...], code: str) -> bytes:
    """Return the bytes of a page's parts, its fragments made for it alone, counts of one moment.

    `code` is the edition whose words label the counts.
    """
    now = timezone.now()
    wanted = {part.address for part in parts if isinstance(part, FragmentSlot)}
    fragments = {address: make_page(address, 0, now=now) for address in wanted}
    every = [parts, *(fragment.parts for fragment in fragments.values())]
    counted = {part.article_id for one in every for part in one if isinstance(part, ViewsSlot)}
    pieces = assemble(
        parts,
        code,
        counts=numbers(counted),
        find_fragment=fragments.get,
        show_views=show_views,
    )
    return b"".join(pieces)


def answer(request: HttpRequest, page: Page) -> HttpResponse:
    """Return the answer with a page: to be asked for again each time, unchanged as a 304."""
    body = fill(page.parts, page.edition)
    response = HttpResponse(body, status=page.status)
    del response["Content-Type"]
    for name, value in page.headers:
        response[name] = value
    if page.status != OK:
        return response
    etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    response["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response) or response
