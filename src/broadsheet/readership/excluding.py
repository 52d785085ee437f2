"""Views that editors do not want counted: what they may exclude, and which views that means."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from .models import DAY, CheckpointBucket, CheckpointState, Exclusion

#: From when an exclusion is in force that is to be from now on (ms): the fold knows it before it
#: meets a view of that moment, and so does every web process.
SOON_MS = 2000
_NEVER_MS = 2**63 - 1
_LONGEST_HOST = 253


class CannotExcludeError(ValueError):
    """An exclusion that cannot be done, or would not do what is asked; the message says why."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One exclusion as the fold applies it, to views received at `from_ms` ≤ moment < `until_ms`."""

    exclusion_id: int
    verdict: str
    from_ms: int
    until_ms: int


class Rules:
    """All exclusions, to be asked about one view. Without any it is false."""

    def __init__(self, exclusions: Iterable[Exclusion] = ()) -> None:
        self._of_host: dict[str, list[Rule]] = {}
        self._of_network: dict[bytes, list[Rule]] = {}
        for one in sorted(exclusions, key=lambda one: one.pk):
            until_ms = _NEVER_MS if one.until_ms is None else one.until_ms
            rule = Rule(one.pk, f"excluded:{one.kind}", one.from_ms, until_ms)
            if one.kind == Exclusion.Kind.REFERRER:
                self._of_host.setdefault(one.value, []).append(rule)
            for network in one.network_hashes:
                self._of_network.setdefault(bytes.fromhex(network), []).append(rule)

    def __bool__(self) -> bool:
        return bool(self._of_host or self._of_network)

    def find(self, at_ms: int, *, host: str, network: bytes) -> Rule | None:
        """Return what excludes a view; a host is meant with all names below it."""
        while host:
            for rule in self._of_host.get(host, ()):
                if rule.from_ms <= at_ms < rule.until_ms:
                    return rule
            host = host.partition(".")[2]
        for rule in self._of_network.get(network, ()):
            if rule.from_ms <= at_ms < rule.until_ms:
                return rule
        return None


#: The exclusions as they were last read, and what they made: a network is many bytes.
_known: tuple[object, Rules] = ((), Rules())


def load_rules() -> Rules:
    """Return the exclusions of this moment. Costs one short query where nothing changed."""
    global _known  # noqa: PLW0603 - replaced as a whole, so threads need no lock
    summary = list(
        Exclusion.objects.order_by("pk").values_list(
            "pk", "kind", "value", "from_ms", "until_ms", "made_at"
        )
    )
    if summary != _known[0]:
        _known = (summary, Rules(Exclusion.objects.all()))
    return _known[1]


def exclude(
    kind: str,
    value: str,
    *,
    reason: str,
    made_by: str,
    now: datetime,
    from_moment: datetime | None = None,
    until: datetime | None = None,
    network_hashes: Collection[bytes] = (),
    live_key_days: Collection[date] = (),
) -> Exclusion:
    """Exclude views by a referring host or from a network, from now on or from `from_moment`.

    `kind` is one of `Exclusion.Kind`; `value` a host name, which is meant with all names below
    it, or a network as text. Without `until` it has no end. With a `from_moment` in the past the
    worker counts the log again, which takes the views out; `applied_at` and `removed` then say
    so. A network is found in past views by `network_hashes`, made with the readers' keys of the
    days `live_key_days`; from now on intake knows it by its addresses.

    Raises `CannotExcludeError` where it cannot be done: a host or a reason that is none, an end
    before the beginning, days that are thinned to sums, or a network on a day whose key is gone.
    """
    kind = Exclusion.Kind(kind)
    value, reason = value.strip(), reason.strip()
    now_ms = _milliseconds(now)
    from_ms = now_ms + SOON_MS if from_moment is None else _milliseconds(from_moment)
    until_ms = None if until is None else _milliseconds(until)
    if not reason:
        raise CannotExcludeError("Say why: the reason stays on record.")
    if until_ms is not None and until_ms <= from_ms:
        raise CannotExcludeError("It would end before it begins.")
    if kind == Exclusion.Kind.REFERRER:
        value = _checked_host(value)
    if from_ms <= now_ms:
        _check_not_thinned(from_ms, until_ms or now_ms)
        if kind == Exclusion.Kind.NETWORK:
            _check_keys(from_ms, min(until_ms or now_ms, now_ms), live_key_days)
            if not network_hashes:
                raise CannotExcludeError("The hashes of the network are needed for a past span.")
    return Exclusion.objects.create(
        kind=kind,
        value=value,
        from_ms=from_ms,
        until_ms=until_ms,
        network_hashes=sorted(network.hex() for network in network_hashes),
        reason=reason,
        made_by=made_by,
        made_at=now,
        applied_at=now if from_ms > now_ms else None,
    )


def end_exclusion(exclusion_id: int, *, now: datetime) -> Exclusion:
    """Let views count again from now on; what was taken out stays out.

    Raises `CannotExcludeError` for one that has ended, `Exclusion.DoesNotExist` for none.
    """
    exclusion = Exclusion.objects.get(pk=exclusion_id)
    until_ms = _milliseconds(now) + SOON_MS
    if exclusion.until_ms is not None and exclusion.until_ms <= until_ms:
        raise CannotExcludeError("It has ended already.")
    exclusion.until_ms = max(until_ms, exclusion.from_ms)
    exclusion.save(update_fields=["until_ms"])
    return exclusion


def first_excludable(*, now: datetime) -> datetime:
    """Return the first moment from which views can still be excluded: days before are thinned."""
    days = CheckpointBucket.objects.filter(size=DAY, start__lte=_milliseconds(now) // 1000)
    last = days.order_by("-start").values_list("start", flat=True).first()
    return datetime.fromtimestamp(0 if last is None else last + DAY, UTC)


def _checked_host(value: str) -> str:
    try:
        host = value.lower().strip(".").encode("idna").decode()
    except UnicodeError:
        host = ""
    is_name = all(part.replace("-", "").isalnum() for part in host.split("."))
    if not host or not is_name or len(host) > _LONGEST_HOST:
        raise CannotExcludeError(f"{value!r} is no host name, such as example.org.")
    return host


def _check_not_thinned(from_ms: int, until_ms: int) -> None:
    """Raise where views of the span are kept as sums only. A day is the smallest part of these."""
    thinned = CheckpointBucket.objects.filter(
        size=DAY, start__gt=from_ms / 1000 - DAY, start__lt=until_ms / 1000
    )
    last = thinned.order_by("-start").values_list("start", flat=True).first()
    if last is not None:
        state = CheckpointState.objects.get(pk=1)
        raise CannotExcludeError(
            f"Views of {_day(last)} and before are kept as sums only since "
            f"{state.made_at:%Y-%m-%d}, and can no longer be taken apart. "
            f"The first day that can be excluded is {_day(last + DAY)}."
        )


def _check_keys(from_ms: int, until_ms: int, live: Collection[date]) -> None:
    day = datetime.fromtimestamp(from_ms / 1000, UTC).date()
    last = datetime.fromtimestamp(until_ms / 1000, UTC).date()
    while day <= last:
        if day not in live:
            raise CannotExcludeError(
                f"The key of {day} is destroyed: nothing leads from a view of that day to its "
                "network any more. A network can be excluded from today's midnight (UTC) on."
            )
        day += timedelta(days=1)


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _day(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%d")
