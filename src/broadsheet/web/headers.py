"""The headers that every page of the reader's site has, whoever answers.

Plain Python: the server in front of Django compares with them, and `deploy/nginx.conf` repeats
them for the public copies.
"""

from broadsheet.articles.videos import PLAYER_ORIGINS

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
PUBLIC_HEADERS = (
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "strict-origin-when-cross-origin"),
)
HTML = "text/html; charset=utf-8"
NO_CACHE = ("cache-control", "no-cache")


def headers_of_page(edition_code: str, *, content_type: str = HTML) -> tuple[tuple[str, str], ...]:
    """Return the headers of a page."""
    return (
        NO_CACHE,
        ("content-type", content_type),
        ("content-language", edition_code),
        *PUBLIC_HEADERS,
    )
