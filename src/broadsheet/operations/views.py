"""For programs that watch: is it well, is it ready."""

from django.db import connections
from django.db.utils import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from .health import check_health

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
    """Answer 200 once pages can be served, 503 where a database does not answer."""
    try:
        for alias in connections:
            with connections[alias].cursor() as cursor:
                cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("not ready\n", "text/plain", status=503, headers=NO_STORE)
    return HttpResponse("ready\n", "text/plain", headers=NO_STORE)
