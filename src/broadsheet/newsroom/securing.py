"""The headers of the desk: as strict as Wagtail's editor allows.

Wagtail's own widgets start themselves by scripts in the page. Those that the desk's forms use are
started by `assets/js/starting.js` instead, which their templates (`templates/wagtailadmin/`) and
`use_choosers_without_scripts` leave a note for. So no script in a page is ever run: text that an
editor pasted cannot become one. What Wagtail needs beyond that: style in
attributes (its menus and tooltips are placed by it), and pictures that the browser itself holds
(one that is being uploaded is shown before it is).
"""

import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail.admin.widgets import BaseChooser

DESK = "/desk/"
_RULES = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "frame-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'self'",
)
DESK_HEADERS = {
    "Content-Security-Policy": "; ".join(_RULES),
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), serial=(), usb=()",
}


class DeskHeaders:
    """Middleware: every answer below `/desk/` has the desk's headers, unless it has its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        if request.path.startswith(DESK):
            for name, value in DESK_HEADERS.items():
                response.headers.setdefault(name, value)
            if settings.DESK_TRANSPORT_SECURITY:
                response["Strict-Transport-Security"] = settings.DESK_TRANSPORT_SECURITY
        return response


_CALL = re.compile(r"(?:new )?(?P<what>\w+)\((?P<given>.*)\);", re.DOTALL)


def use_choosers_without_scripts() -> None:
    """Let every chooser of Wagtail's leave a note for `starting.js` where it writes a script."""
    BaseChooser.render = _render_chooser


def _render_chooser(
    self: Any,
    name: str,
    value: Any,
    attrs: Any = None,
    renderer: Any = None,  # noqa: ARG001 - Django's own
) -> SafeString:
    chosen = self.get_value_data(value)
    call = _CALL.fullmatch(self.render_js_init(attrs["id"], name, chosen))
    assert call is not None
    return format_html(
        '{}<span hidden data-controller="desk-starting" data-desk-starting-what-value="{}"'
        ' data-desk-starting-with-value="[{}]"></span>',
        self.render_html(name, chosen, attrs),
        call["what"],
        call["given"],
    )
