"""The readers' pages where Django answers them itself: any of them, pressed for one request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone

from .addresses import address_of
from .answering import answer
from .failing import SERVER_ERROR_HEADERS, server_error_page
from .navigation import Site, find_site
from .pages import NoEditionError
from .pressing import make_page
from .searching import answer_search, answer_suggestions


def page(request: HttpRequest, **_parts: str) -> HttpResponse:
    """Answer the page at the request's address; `serve` does so from the page store."""
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    address = address_of(request.path_info, request.META.get("QUERY_STRING", ""))
    try:
        return answer(request, make_page(address, 0, now=timezone.now()))
    except NoEditionError:
        return HttpResponse("404", status=404, content_type="text/plain; charset=utf-8")


def search(request: HttpRequest, edition: str) -> HttpResponse:
    return _answer_anew(request, edition, answer_search)


def suggestions(request: HttpRequest, edition: str) -> HttpResponse:
    return _answer_anew(request, edition, answer_suggestions)


def _answer_anew(
    request: HttpRequest, code: str, make: Callable[..., HttpResponse]
) -> HttpResponse:
    """Answer what no store keeps; an edition that there is not has no page of it."""
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    site: Site | None = find_site(code)
    return page(request) if site is None else make(request, site=site)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - what Django hands over
    """Answer an address that no page has, in the language of its first part."""
    return page(request)


def server_error(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(server_error_page(), status=500, headers=dict(SERVER_ERROR_HEADERS))
