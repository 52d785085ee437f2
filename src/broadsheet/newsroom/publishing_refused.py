"""What a person at the desk is told where an article may not be published."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from wagtail.admin import messages

from broadsheet.articles.models import Article
from broadsheet.articles.publishing import NotReadyToPublishError


class SayWhatIsNotReady:
    """Middleware: leads from a refused publishing to the page it was asked on, with the reason.

    The article's own form says it itself; this is for workflows and all other ways to publish.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, NotReadyToPublishError):
            return None
        messages.error(request, str(exception))
        article_id = request.resolver_match and request.resolver_match.kwargs.get("pk")
        name = "edit" if article_id else "list"
        args = [article_id] if article_id else []
        return HttpResponseRedirect(reverse(Article.snippet_viewset.get_url_name(name), args=args))
