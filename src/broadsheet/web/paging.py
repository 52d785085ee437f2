"""Lists paged by the moment and id of their last card.

So nothing is repeated or skipped while new articles come in. `?before=<moment>_<id>` is the only
query that a list knows; whatever else stands there is the first page.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import QuerySet

from broadsheet.articles.models import Article
from broadsheet.articles.queries import CardFacts, Moment, card_facts

PAGE_LENGTH = 40
_LONGEST_ID = 18  # digits that fit into 63 bits


@dataclass(frozen=True, slots=True)
class Slice:
    """One page of a list, and the place where the next begins, if there is one.

    `next_id` is the first article of the next page.
    """

    facts: tuple[CardFacts, ...]
    after: Moment | None
    next_id: int | None


def read_before(text: str | None) -> Moment | None:
    """Return the place in a list that `?before=` names; None for anything else."""
    moment, _, number = (text or "").partition("_")
    if not (number.isascii() and number.isdigit() and len(number) <= _LONGEST_ID):
        return None
    try:
        published_at = datetime.fromisoformat(moment)
        if published_at.tzinfo is None:
            return None
        return Moment(published_at.astimezone(UTC), int(number))
    except (ValueError, OverflowError):
        return None


def page_path(path: str, before: Moment | None) -> str:
    """Return the address of the page of a list that begins after `before`."""
    if before is None:
        return path
    moment = before.published_at.astimezone(UTC).replace(tzinfo=None)
    return f"{path}?before={moment.isoformat(timespec='microseconds')}Z_{before.article_id}"


def slice_list(articles: QuerySet[Article], *, length: int = PAGE_LENGTH) -> Slice:
    """Return the first `length` of `articles`, in one query."""
    found = card_facts(articles, limit=length + 1)
    shown = tuple(found[:length])
    if len(found) <= length:
        return Slice(shown, None, None)
    return Slice(shown, Moment(shown[-1].published_at, shown[-1].id), found[-1].id)
