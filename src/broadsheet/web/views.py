"""The reader's pages: parse the address, press the page, answer."""

from typing import Any

from django.http import Http404


def _missing(*_args: Any, **_kwargs: Any) -> Any:
    raise Http404


root = front = latest = article = popular = section = tag = author = person = source = about = (
    _missing
)
not_found = server_error = _missing
