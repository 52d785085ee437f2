"""What a page was made from: the tags that it carries in the store, each named here alone.

A page carries the tag of everything that it shows, or would show if that changed. A change drops
the tags of what it touched (`invalidating`), and with them every page that carries one.
"""

from collections.abc import Iterable
from typing import Any

#: Editions, sections and the navigation: they stand on every page.
SITE = "site"


def record(kind: str, record_id: int) -> str:
    """An article, person, tag, source, author, section or image."""
    return f"{kind}:{record_id}"


def records(kind: str, record_ids: Iterable[int | None]) -> set[str]:
    return {record(kind, number) for number in record_ids if number is not None}


def front(code: str) -> str:
    return f"front:{code}"


def latest(code: str) -> str:
    """The latest of an edition: its list, and the rail."""
    return f"latest:{code}"


def month(code: str, year_and_month: str) -> str:
    """What was published in an edition in a month of its zone, `2026-02`."""
    return f"month:{code}:{year_and_month}"


def listed(kind: str, record_id: int, code: str) -> str:
    """Which articles of an edition belong to a section, tag, author, person or source."""
    return f"list:{kind}:{record_id}:{code}"


def ranked(code: str) -> str:
    """What is read most of an edition's tags and authors."""
    return f"ranked:{code}"


def theme(article_id: int) -> str:
    """An article's theme and timeline."""
    return f"theme:{article_id}"


def translations(key: Any) -> str:
    """The versions of an article in all editions."""
    return f"translations:{key}"


def address(path: str) -> str:
    """What stands at an address: for what is there without an article's or record's tag."""
    return f"at:{path}"
