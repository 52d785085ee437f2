"""The reader's pages: parse the address, gather the page, answer."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
)
from django.urls import reverse
from django.utils import timezone

from broadsheet.articles.queries import (
    find_article,
    find_author,
    find_moved,
    find_person,
    find_section,
    find_source,
    find_tag,
)

from .answering import answer
from .article_page import gather_article
from .failing import answer_server_error
from .fronts import gather_front, gather_section
from .lists import (
    gather_author,
    gather_latest,
    gather_person,
    gather_popular,
    gather_source,
    gather_tag,
)
from .navigation import Site, default_code, find_site
from .paging import read_before
from .standing_pages import gather_counting, gather_gone, gather_not_found

PageView = Callable[..., HttpResponse]


def for_readers(page: PageView) -> PageView:
    """Give the view its edition as `site`; a 404 in the edition's language is part of it."""

    @wraps(page)
    def view(request: HttpRequest, edition: str, **parts: str) -> HttpResponse:
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        site = find_site(edition)
        if site is None:
            raise Http404
        try:
            return page(request, site, **parts)
        except Http404:
            return _answer_missing(request, site)

    return view


def root(_request: HttpRequest) -> HttpResponse:
    code = default_code()
    if code is None:
        raise Http404
    response = HttpResponseRedirect(reverse("front", args=[code]))
    response["Cache-Control"] = "no-cache"
    return response


@for_readers
def front(request: HttpRequest, site: Site) -> HttpResponse:
    return answer(request, "web/front.html", gather_front(site=site, now=timezone.now()))


@for_readers
def latest(request: HttpRequest, site: Site) -> HttpResponse:
    before = read_before(request.GET.get("before"))
    return answer(request, "web/list.html", gather_latest(site=site, before=before))


@for_readers
def article(request: HttpRequest, site: Site, slug: str) -> HttpResponse:
    found = find_article(site.id, slug)
    if found is not None and found.live:
        page = gather_article(found, site=site, now=timezone.now())
        return answer(request, "web/article.html", page)
    if found is not None and found.is_killed:
        gone = gather_gone(site=site, notice=found.kill_notice)
        return answer(request, "web/missing.html", gone, status=410)
    if found is None and (moved := find_moved(site.id, slug)):
        response = HttpResponsePermanentRedirect(site.path("article", moved))
        # A slug can come back to another article: nobody is to remember this for ever.
        response["Cache-Control"] = "no-cache"
        return response
    raise Http404


@for_readers
def popular(request: HttpRequest, site: Site) -> HttpResponse:
    return answer(request, "web/popular.html", gather_popular(site=site, now=timezone.now()))


@for_readers
def section(request: HttpRequest, site: Site, slug: str) -> HttpResponse:
    before = read_before(request.GET.get("before"))
    name = _found(find_section(site.id, slug))
    page = gather_section(name, site=site, now=timezone.now(), before=before)
    return answer(request, "web/section.html", page)


@for_readers
def about(request: HttpRequest, site: Site) -> HttpResponse:
    return answer(request, "web/standing.html", gather_counting(site=site))


def _named_list(find: Any, gather: Any, template: str) -> PageView:
    def page(request: HttpRequest, site: Site, slug: str) -> HttpResponse:
        before = read_before(request.GET.get("before"))
        name = _found(find(site.id, slug))
        return answer(request, template, gather(name, site=site, before=before))

    return for_readers(page)


tag = _named_list(find_tag, gather_tag, "web/list.html")
author = _named_list(find_author, gather_author, "web/list.html")
source = _named_list(find_source, gather_source, "web/list.html")
person = _named_list(find_person, gather_person, "web/person.html")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - what Django hands over
    """Answer an address that no page has, in the language of its first part."""
    code = request.path_info.split("/")[1] if "/" in request.path_info else ""
    site = find_site(code) or find_site(default_code() or "")
    if site is None:
        return HttpResponse("404", status=404, content_type="text/plain; charset=utf-8")
    return _answer_missing(request, site)


def server_error(_request: HttpRequest) -> HttpResponse:
    return answer_server_error()


def _found(record: Any) -> Any:
    if record is None:
        raise Http404
    return record


def _answer_missing(request: HttpRequest, site: Site) -> HttpResponse:
    return answer(request, "web/missing.html", gather_not_found(site=site), status=404)
