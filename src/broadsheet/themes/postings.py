"""Find articles that share terms with one, through an index and inside a span of time.

The cost depends on how many terms are asked for, never on the size of the archive: of each
term the newest `PER_TERM` articles of the span are looked at.
"""

from collections.abc import Mapping

from django.db import connection

from .clustering import Shared
from .models import Posting

PER_TERM = 150
#: Before any article.
LONG_AGO = -(10**11)


def find_sharing(
    locale_id: int,
    terms: Mapping[str, object],
    *,
    from_at: int = LONG_AGO,
    to_at: int,
    except_id: int,
) -> list[Shared]:
    """Return who else holds `terms` between two moments (seconds since 1970), in one query."""
    if not terms:
        return []
    table = connection.ops.quote_name(Posting._meta.db_table)  # noqa: SLF001
    # A limit for each term cannot be said through Django: SQLite wants a subquery around it.
    one = (
        f"SELECT * FROM (SELECT term, article_id, weight, is_sure FROM {table}"  # noqa: S608 - a table's name
        " WHERE locale_id = %s AND term = %s AND at BETWEEN %s AND %s"
        " ORDER BY at DESC, article_id DESC LIMIT {limit}) AS of_term"
    ).format(limit=PER_TERM)
    parameters: list[int | str] = []
    for term in terms:
        parameters += [locale_id, term, from_at, to_at]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([one] * len(terms)), parameters)
        rows = cursor.fetchall()
    return [Shared(t, a, w, bool(sure)) for t, a, w, sure in rows if a != except_id]
