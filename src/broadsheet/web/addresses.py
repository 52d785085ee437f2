"""The address of the page that answers for a path with a query. Plain Python: it is asked in
front of Django.
"""

import re
from urllib.parse import parse_qs

_MOST_FIELDS = 30
#: Lists that go back in time: a section's, the latest, a day's, a story's, the corrections, and
#: those of a record.
_LIST = re.compile(
    r"/[^/]+/(?:[^/]+/|corrections|archive/\d{4}/\d\d/\d\d/"
    r"|(?:tags|authors|people|sources|stories)/[^/]+)",
    re.ASCII,
)
#: A place in a list, as `paging.page_path` writes it.
_PLACE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z_\d{1,18}", re.ASCII)


def address_of(path: str, query: str) -> str:
    """Return the path, with the place in a list where the path is a list's and names one.

    Any other query is not ours: the page of the path answers.
    """
    if not query or "before=" not in query or not _LIST.fullmatch(path):
        return path
    try:
        before = parse_qs(query, max_num_fields=_MOST_FIELDS).get("before", [""])[-1]
    except ValueError:
        return path
    return f"{path}?before={before}" if _PLACE.fullmatch(before) else path
