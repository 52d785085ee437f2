"""For programs that watch: is it well, is it ready, how much is it."""

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from .health import check_health, find_silent_database
from .metrics import TEXT_FORMAT

_PLAIN = "text/plain; charset=utf-8"
NO_STORE = {"Cache-Control": "no-store"}


def health(_request: HttpRequest) -> JsonResponse:
    """Answer every check by name: 200 where all is well, else 503."""
    found = check_health(now=timezone.now())
    told = {one.name: {"is_well": one.is_well, "what": one.what} for one in found}
    is_well = all(one.is_well for one in found)
    return JsonResponse(
        {"is_well": is_well, "checks": told}, status=200 if is_well else 503, headers=NO_STORE
    )


def ready(_request: HttpRequest) -> HttpResponse:
    """Answer 200 where all works, 503 where a database does not answer: reading goes on then."""
    silent = find_silent_database()
    if silent is not None:
        text = f"not ready: the database “{silent}” does not answer\n"
        return HttpResponse(text, _PLAIN, status=503, headers=NO_STORE)
    return HttpResponse("ready\n", _PLAIN, headers=NO_STORE)


def metrics(_request: HttpRequest) -> HttpResponse:
    """Answer what the worker measured last, 503 where it has not yet. Asks no database."""
    try:
        text = Path(settings.METRICS_FILE).read_bytes()
    except FileNotFoundError:
        return HttpResponse("nothing was measured yet\n", _PLAIN, status=503, headers=NO_STORE)
    return HttpResponse(text, TEXT_FORMAT, headers=NO_STORE)
