"""What of a request becomes a counted view: named steps, each of which may drop it with a reason.

A step is a plain function of an arrival: None lets it pass. Steps that refuse (`status` of 400
and more) are counted by `intake_counts`; all other verdicts go into the view log with the view,
so that a recount needs neither the request nor the robots' list of that day.
"""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

from .networks import Address, NetworkSet, NetworkSpans
from .rates import ViewRates
from .reader_keys import network_of
from .robots import find_robot
from .view_records import ACCEPTED, IMAGE, SCRIPT

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 1024
MAX_ARTICLE_ID = 2**63 - 1
_LONGEST_HOST = 253  # RFC 1035, 2.3.4: 255 octets on the wire
_UNKNOWN_MOMENT = datetime.fromtimestamp(0, UTC)


@dataclass(slots=True)
class Arrival:
    """A request at one of the doors. Header names are in lower case; values are joined by commas.

    `body` holds at most one byte more than the door takes. `article_id` and `referring_host` are
    set by the step that reads them; `is_live`, and from where (None: unknown) and when the view
    came, by the door.
    """

    door: str
    method: str
    headers: Mapping[str, str]
    query: Mapping[str, Sequence[str]] = field(default_factory=dict)
    body: bytes = b""
    article_id: int = 0
    referring_host: str = ""
    is_live: bool = False
    address: Address | None = None
    received_at: datetime = _UNKNOWN_MOMENT


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
    all below it, or `*`. `find_excluded()` and `find_datacentres()` return the networks of this
    moment; without `rates` a network may send any number of views.
    """

    def __init__(
        self,
        own_hosts: Sequence[str],
        *,
        rates: ViewRates | None = None,
        find_excluded: Callable[[], NetworkSpans] = NetworkSpans,
        find_datacentres: Callable[[], NetworkSet] = NetworkSet,
    ) -> None:
        self._own_hosts = tuple(host.strip("[]").lower() for host in own_hosts)
        self._rates = rates
        self._find_excluded = find_excluded
        self._find_datacentres = find_datacentres
        self._has_warned = False
        #: Steps that need nothing but the request, then those that know more of it.
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
            self.drop_datacentre,
            self.drop_excluded_network,
            self.drop_over_rate,
            accept_view,
        )

    def judge_request(self, arrival: Arrival) -> Verdict | None:
        return _judge(arrival, self.request_steps)

    def judge_view(self, arrival: Arrival) -> Verdict:
        verdict = _judge(arrival, self.view_steps)
        assert verdict is not None  # the last step accepts
        return verdict

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

    def drop_datacentre(self, arrival: Arrival) -> Verdict | None:
        """It comes from a network of machines, on which nobody sits and reads."""
        if arrival.address and arrival.address in self._find_datacentres():
            return Verdict("robot", rule="datacentre")
        return None

    def drop_excluded_network(self, arrival: Arrival) -> Verdict | None:
        """An editor excluded the network for this time."""
        at_ms = milliseconds(arrival.received_at)
        if arrival.address and self._find_excluded().has(arrival.address, at_ms=at_ms):
            return Verdict("excluded", rule="network")
        return None

    def drop_over_rate(self, arrival: Arrival) -> Verdict | None:
        """One network sends more views a minute than it may. Those dropped before took no part."""
        if self._rates is None or not self._rates.is_over(network_of(arrival.address)):
            return None
        if not self._has_warned and _is_from_a_proxy(arrival):
            self._has_warned = True
            logger.warning(
                "Views do not count, for a proxy sends more than BROADSHEET_VIEWS_A_MINUTE: name it "
                "in BROADSHEET_TRUSTED_PROXIES, and its readers are told apart"
            )
        return Verdict("over_rate")

    def is_own(self, host: str) -> bool:
        return bool(host) and any(
            own in {"*", host}
            or (own.startswith(".") and (host.endswith(own) or host == own.removeprefix(".")))
            for own in self._own_hosts
        )


def _judge(arrival: Arrival, steps: Sequence[Step]) -> Verdict | None:
    for step in steps:
        if (verdict := step(arrival)) is not None:
            return verdict
    return None


def _is_from_a_proxy(arrival: Arrival) -> bool:
    """Whether it came from our own network, and says for whom."""
    is_near = arrival.address is not None and arrival.address.is_private
    return is_near and "x-forwarded-for" in arrival.headers


def milliseconds(moment: datetime) -> int:
    """Return Unix time as the log has it."""
    return int(moment.timestamp() * 1000)


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
    """A robot by its name, or a program that has none."""
    rule = find_robot(arrival.headers.get("user-agent", ""))
    return Verdict("robot", rule=rule) if rule else None


def accept_view(_arrival: Arrival) -> Verdict:
    return Verdict(ACCEPTED)


def read_article_id(text: str) -> int | None:
    """Return the id that `text` writes in plain digits; None where it writes none."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MAX_ARTICLE_ID))):
        return None
    article_id = int(text)
    return article_id if 0 < article_id <= MAX_ARTICLE_ID else None


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
