"""From a gathered page to an HTTP answer: counts, ETag, and the headers of public pages."""

import hashlib
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

from broadsheet.articles.videos import PLAYER_ORIGINS
from broadsheet.readership.queries import numbers

from .pressing import render
from .slots import articles_counted_in, fill_views

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        f"frame-src {' '.join(PLAYER_ORIGINS)}",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
    )
)
PUBLIC_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
}


def press(template: str, page: Any) -> str:
    """Return the finished HTML of `page`: every count on it from one snapshot."""
    html = render(template, page)
    article_ids = articles_counted_in(html)
    if not article_ids:
        return html
    return fill_views(html, numbers(article_ids), page.frame.words)


def answer(request: HttpRequest, template: str, page: Any, *, status: int = 200) -> HttpResponse:
    """Return the answer with a page: to be asked for again each time, unchanged as a 304."""
    body = press(template, page).encode()
    response = HttpResponse(body, status=status)
    for name, value in PUBLIC_HEADERS.items():
        response[name] = value
    response["Cache-Control"] = "no-cache"
    response["Content-Language"] = page.frame.code
    if status != 200:  # noqa: PLR2004 - HTTP
        return response
    etag = f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'
    response["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response) or response
