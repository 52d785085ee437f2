"""Rich text as it may stand in a page: links looked up, everything else cleaned.

It was cleaned when it was written (`articles/rich_text.py`); what was written otherwise is not
believed.
"""

import nh3
from django.utils.safestring import SafeString, mark_safe
from wagtail.rich_text import expand_db_html

from broadsheet.articles.rich_text import ANYWHERE, TAGS, URL_SCHEMES

_CLEANER = nh3.Cleaner(
    tags=TAGS,
    attributes={"*": ANYWHERE, "a": {"href"}},
    url_schemes=URL_SCHEMES,
    link_rel="noopener",
)


def clean_html(source: str) -> SafeString:
    """Return rich text from the desk as safe HTML; empty where it says nothing."""
    html = _CLEANER.clean(expand_db_html(source)).strip()
    if not nh3.clean(html, tags=set()).strip():
        return mark_safe("")
    return mark_safe(html)  # noqa: S308 - cleaned on the line above
