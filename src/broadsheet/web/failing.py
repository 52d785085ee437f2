"""The page for a failure on our side: in every language, made without template or database.

Plain Python: the server in front of Django sends it too.
"""

import base64
import hashlib
from html import escape

from .editions import WORDS

_STYLE = (
    ":root{color-scheme:light dark;background:Canvas;color:CanvasText}"
    "body{max-width:36rem;margin:12vh auto;padding:0 1.25rem;font:1.125rem/1.5 Georgia,serif}"
    "h1{font-size:1.75rem;line-height:1.2}section+section{border-top:1px solid;margin-top:2rem}"
)


_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)
SERVER_ERROR_HEADERS = [
    ("content-type", "text/html; charset=utf-8"),
    ("content-security-policy", _POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "strict-origin-when-cross-origin"),
    ("cache-control", "no-store"),
]


def server_error_page() -> bytes:
    """Return the page for a failure, which asks nothing of anything that may just have failed."""
    passages = "".join(
        f'<section lang="{words.code}" dir="{words.direction}">'
        f"<h1>{escape(words.server_error_title)}</h1><p>{escape(words.server_error_text)}</p>"
        f'<p><a href="/{words.code}/">{escape(words.to_the_front)}</a></p></section>'
        for words in WORDS.values()
    )
    first = next(iter(WORDS.values()))
    return (
        f'<!doctype html><html lang="{first.code}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(first.server_error_title)}</title><style>{_STYLE}</style></head>"
        f"<body><main>{passages}</main></body></html>"
    ).encode()
