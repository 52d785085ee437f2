"""The two addresses of search, answered anew each time and kept by nobody."""

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from broadsheet.articles.searching.finding import SearchTooSlowError

from .answering import fill
from .headers import HTML, is_https, public_headers
from .navigation import Site
from .pressing import render
from .search_page import SearchPage, empty_page, gather_search, gather_suggestions, read_asked
from .slots import cut

JSON = "application/json"
NO_STORE = ("cache-control", "no-store")
RETRY_AFTER_SECONDS = 2
OK, UNAVAILABLE = 200, 503


def answer_search(request: HttpRequest, *, site: Site) -> HttpResponse:
    """Return the page of what the request asks for; 503 with its form where that takes too long."""
    asked = read_asked(request.GET)
    try:
        return _answer(_render(gather_search(asked, site=site)), site=site)
    except SearchTooSlowError:
        page = empty_page(asked, site=site, is_busy=True)
        return _answer(_render(page), site=site, status=UNAVAILABLE)


def answer_suggestions(request: HttpRequest, *, site: Site) -> HttpResponse:
    """Return `{"suggestions": [{"text": …, "url": …, "kind": …}]}` for what was typed so far."""
    try:
        offered = gather_suggestions(read_asked(request.GET).text, site=site)
    except SearchTooSlowError:
        offered = []
    body = json.dumps({"suggestions": offered}, ensure_ascii=False).encode()
    return _answer(body, site=site, content_type=JSON)


def _render(page: SearchPage) -> bytes:
    return fill(cut(render("web/search.html", page)), page.frame.code)


def _answer(body: bytes, *, site: Site, status: int = OK, content_type: str = HTML) -> HttpResponse:
    response = HttpResponse(body, status=status)
    headers: Any = (
        NO_STORE,
        ("content-type", content_type),
        ("content-language", site.code),
        *public_headers(is_https=is_https(settings.SITE_URL)),
    )
    for name, value in headers:
        response[name] = value
    if status == UNAVAILABLE:
        response["retry-after"] = str(RETRY_AFTER_SECONDS)
    return response
