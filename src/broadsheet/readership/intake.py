"""What of a request becomes a counted view: named steps, each of which may drop it with a reason.

A step is a plain function of an arrival: None lets it pass. Steps that refuse (`status` of 400
and more) are counted in this process; all other verdicts go into the view log with the view, so
that a recount needs neither the request nor the robots' list of that day.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from .view_records import ACCEPTED, IMAGE, SCRIPT

MAX_BODY_BYTES = 1024
MAX_ARTICLE_ID = 2**63 - 1
_LONGEST_HOST = 253  # RFC 1035, 2.3.4: 255 octets on the wire

#: What robots call themselves, in lower case; the first that fits names the rule.
ROBOT_MARKS = (
    "bot", "crawl", "spider", "slurp", "headless", "lighthouse", "facebookexternalhit",
    "feedfetcher", "preview", "monitor", "archive", "scrapy", "curl/", "wget/", "python",
    "httpx/", "go-http-client", "java/", "okhttp", "node-fetch", "axios/", "libwww", "phantomjs",
)  # fmt: skip
#: Browsers of people whose names hold one of these marks: a maker of telephones.
_NOT_ROBOTS = ("cubot",)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


@dataclass(slots=True)
class Arrival:
    """A request at one of the doors. Header names are in lower case; values are joined by commas.

    `body` holds at most one byte more than the door takes. `article_id` and `referring_host` are
    set by the step that reads them, `is_live` by the door.
    """

    door: str
    method: str
    headers: Mapping[str, str]
    query: Mapping[str, Sequence[str]] = field(default_factory=dict)
    body: bytes = b""
    article_id: int = 0
    referring_host: str = ""
    is_live: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of an arrival: `status` is the answer's, `rule` says more about the reason."""

    reason: str
    status: int = 204
    rule: str = ""

    @property
    def is_refusal(self) -> bool:
        return self.status >= 400  # noqa: PLR2004 - HTTP's own border

    @property
    def text(self) -> str:
        """What the log keeps: `accepted`, `prefetch`, `robot:headless`."""
        return f"{self.reason}:{self.rule}" if self.rule else self.reason


Step = Callable[[Arrival], Verdict | None]


class Intake:
    """The steps in their order, for a site that answers to `own_hosts`.

    `own_hosts` are host names as in Django's ALLOWED_HOSTS: exact, `.example.org` for a name with
    all below it, or `*`.
    """

    def __init__(self, own_hosts: Sequence[str]) -> None:
        self._own_hosts = tuple(host.strip("[]").lower() for host in own_hosts)
        #: Steps that need nothing but the request, then those that know whether it is live.
        self.request_steps: tuple[Step, ...] = (
            drop_wrong_method,
            drop_too_large,
            self.drop_unreadable,
        )
        self.view_steps: tuple[Step, ...] = (
            drop_not_live,
            self.drop_foreign_origin,
            drop_prefetch,
            drop_robot,
            accept_view,
        )
        #: How often each reason was given since this process began, refusals too.
        self.verdicts: Counter[str] = Counter()

    def judge_request(self, arrival: Arrival) -> Verdict | None:
        return self._judge(arrival, self.request_steps)

    def judge_view(self, arrival: Arrival) -> Verdict:
        verdict = self._judge(arrival, self.view_steps)
        assert verdict is not None  # the last step accepts
        return verdict

    def _judge(self, arrival: Arrival, steps: Sequence[Step]) -> Verdict | None:
        for step in steps:
            verdict = step(arrival)
            if verdict is not None:
                self.verdicts[verdict.text] += 1
                return verdict
        return None

    def drop_unreadable(self, arrival: Arrival) -> Verdict | None:
        """Read the article's id, and the referring host where the page sent one."""
        if arrival.door == IMAGE:
            named = arrival.query.get("article", ())
            article_id = read_article_id(named[0]) if len(named) == 1 else None
            referrer: object = ""
        else:
            article_id, referrer = _read_body(arrival.body)
        if article_id is None:
            return Verdict("unreadable", status=400)
        arrival.article_id = article_id
        host = _host_of(referrer) if isinstance(referrer, str) else ""
        arrival.referring_host = "" if self.is_own(host) else host
        return None

    def drop_foreign_origin(self, arrival: Arrival) -> Verdict | None:
        """A page of another site sent it. An image has no Origin; there the browser says so."""
        origin = arrival.headers.get("origin")
        if origin is not None:
            return None if self.is_own(_host_of(origin)) else Verdict("foreign_origin")
        if arrival.headers.get("sec-fetch-site") == "cross-site":
            return Verdict("foreign_origin")
        return None

    def is_own(self, host: str) -> bool:
        return bool(host) and any(
            own in {"*", host}
            or (own.startswith(".") and (host.endswith(own) or host == own.removeprefix(".")))
            for own in self._own_hosts
        )


def allowed_method(door: str) -> str:
    return "POST" if door == SCRIPT else "GET"


def drop_wrong_method(arrival: Arrival) -> Verdict | None:
    if arrival.method == allowed_method(arrival.door):
        return None
    return Verdict("wrong_method", status=405)


def drop_too_large(arrival: Arrival) -> Verdict | None:
    announced = arrival.headers.get("content-length", "")
    is_announced = announced.isdigit() and int(announced[:20]) > MAX_BODY_BYTES
    if is_announced or len(arrival.body) > MAX_BODY_BYTES:
        return Verdict("too_large", status=413)
    return None


def drop_not_live(arrival: Arrival) -> Verdict | None:
    return None if arrival.is_live else Verdict("not_live", status=404)


def drop_prefetch(arrival: Arrival) -> Verdict | None:
    """The browser fetched ahead of its reader: `Sec-Purpose` (Fetch), and its forerunners."""
    for name in ("sec-purpose", "purpose", "x-purpose", "x-moz"):
        purpose = arrival.headers.get(name, "").lower()
        if "prerender" in purpose:
            return Verdict("prerender")
        if "prefetch" in purpose or "preview" in purpose:
            return Verdict("prefetch")
    return None


def drop_robot(arrival: Arrival) -> Verdict | None:
    browser = arrival.headers.get("user-agent", "").strip().lower()
    if not browser:
        return Verdict("robot", rule="nameless")
    for name in _NOT_ROBOTS:
        browser = browser.replace(name, "")
    for mark in ROBOT_MARKS:
        if mark in browser:
            return Verdict("robot", rule=mark.strip("/"))
    return None


def accept_view(_arrival: Arrival) -> Verdict:
    return Verdict(ACCEPTED)


def read_article_id(text: str) -> int | None:
    """Return the id that `text` writes in plain digits; None where it writes none."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MAX_ARTICLE_ID))):
        return None
    article_id = int(text)
    return article_id if 0 < article_id <= MAX_ARTICLE_ID else None


def parse_networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Return addresses and networks as networks. Raises `ValueError` for anything else."""
    return tuple(ip_network(text, strict=False) for text in texts)


def find_reader_address(
    peer: str | None, forwarded_for: str, *, trusted: Sequence[Network]
) -> Address | None:
    """Return the address that a request came from.

    `peer` is the other end of the connection; `forwarded_for` is all of X-Forwarded-For. Each
    trusted proxy is believed about the address before it, from the right, so the answer is the
    rightmost address that is not trusted. None where the peer has no address.
    """
    address = _parse_address(peer or "")
    hops = [hop.strip() for hop in forwarded_for.split(",") if hop.strip()]
    while hops and address is not None and any(address in network for network in trusted):
        before = _parse_address(hops.pop())
        if before is None:  # a proxy that we trust wrote no address; those before it may be made up
            break
        address = before
    return address


def _parse_address(text: str) -> Address | None:
    for candidate in (text.strip("[]"), text.rpartition(":")[0].strip("[]")):
        try:
            address = ip_address(candidate.partition("%")[0])
        except ValueError:
            continue
        mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        return mapped or address
    return None


def _read_body(body: bytes) -> tuple[int | None, object]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None, ""
    if not isinstance(said, dict):
        return None, ""
    article_id = said.get("article")
    if type(article_id) is not int or not 0 < article_id <= MAX_ARTICLE_ID:
        return None, ""
    return article_id, said.get("referrer", "")


def _host_of(address: str) -> str:
    """Return the host name of a web address in lower case, in ASCII; empty where it has none."""
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").encode("idna" if not address.isascii() else "ascii").decode()
    except (ValueError, UnicodeError):
        return ""
    return host if parts.scheme in {"http", "https"} and len(host) <= _LONGEST_HOST else ""
