"""The headers that every page of the reader's site has, whoever answers.

Plain Python: the server in front of Django compares with them, and `deploy/nginx.conf` repeats
them for the public copies.
"""

from broadsheet.articles.videos import PLAYER_ORIGINS

# Data for machines needs no permission: JSON-LD in a script element is a block of data.
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
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)
#: What a news page has no use for, nor a player in it.
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in ("camera", "geolocation", "microphone", "payment", "serial", "usb")
)
#: A year, for this host alone: what else an agency has below its name is not known here.
STRICT_TRANSPORT_SECURITY = "max-age=31536000"
PUBLIC_HEADERS = (
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("cross-origin-opener-policy", "same-origin"),
    ("permissions-policy", PERMISSIONS_POLICY),
    ("referrer-policy", "strict-origin-when-cross-origin"),
    ("x-content-type-options", "nosniff"),
)
#: What files have beside the store's pages: assets and pictures.
FILE_HEADERS = (("x-content-type-options", "nosniff"),)
HTML = "text/html; charset=utf-8"
NO_CACHE = ("cache-control", "no-cache")

Headers = tuple[tuple[str, str], ...]


def is_https(site_url: str) -> bool:
    """Whether readers come to the site over HTTPS alone."""
    return site_url.startswith("https://")


def public_headers(*, is_https: bool) -> Headers:
    """Return what every answer to readers has; `is_https` is that of their site."""
    if is_https:
        return (*PUBLIC_HEADERS, ("strict-transport-security", STRICT_TRANSPORT_SECURITY))
    return PUBLIC_HEADERS


def headers_of_page(edition_code: str, *, is_https: bool, content_type: str = HTML) -> Headers:
    """Return the headers of a page."""
    return (
        NO_CACHE,
        ("content-type", content_type),
        ("content-language", edition_code),
        *public_headers(is_https=is_https),
    )
