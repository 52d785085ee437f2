"""The page for a failure on our side: in every language, made without template or database."""

import base64
import hashlib
from html import escape

from django.http import HttpResponse

from .editions import WORDS

_STYLE = (
    ":root{color-scheme:light dark}"
    "body{max-width:36rem;margin:12vh auto;padding:0 1.25rem;font:1.125rem/1.5 Georgia,serif}"
    "h1{font-size:1.75rem;line-height:1.2}section+section{border-top:1px solid;margin-top:2rem}"
)


def answer_server_error() -> HttpResponse:
    """Return a 500 that asks nothing of anything that may just have failed."""
    passages = "".join(
        f'<section lang="{words.code}" dir="{words.direction}">'
        f"<h1>{escape(words.server_error_title)}</h1><p>{escape(words.server_error_text)}</p>"
        f'<p><a href="/{words.code}/">{escape(words.to_the_front)}</a></p></section>'
        for words in WORDS.values()
    )
    first = next(iter(WORDS.values()))
    response = HttpResponse(
        f'<!doctype html><html lang="{first.code}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(first.server_error_title)}</title><style>{_STYLE}</style></head>"
        f"<body><main>{passages}</main></body></html>",
        status=500,
    )
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    response["Content-Security-Policy"] = f"default-src 'none'; style-src 'sha256-{digest}'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response
