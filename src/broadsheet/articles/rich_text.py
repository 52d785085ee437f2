"""Rich text as it may be kept: what no paragraph has is taken out before it is written.

Every way into the record goes through here, the editor's, an interface's and an import's, for it
hangs on the block. The reader's site cleans once more what it prints (`web/rich_text.py`).
"""

from typing import Any

import nh3
from wagtail import blocks

RICH_TEXT_FEATURES = ["bold", "italic", "superscript", "subscript", "link"]
TAGS = {"p", "br", "b", "strong", "i", "em", "sup", "sub", "a"}
#: Other addresses, `javascript:` and `data:` among them, are taken out.
URL_SCHEMES = {"http", "https", "mailto", "tel"}
ANYWHERE = {"lang", "dir"}

# Wagtail keeps a link to a record of its own as a kind and a number, and where a paragraph stood.
_CLEANER = nh3.Cleaner(
    tags=TAGS,
    attributes={"*": ANYWHERE, "a": {"href", "linktype", "id"}, "p": {"data-block-key"}},
    url_schemes=URL_SCHEMES,
    link_rel=None,
)


def clean_stored(source: str) -> str:
    """Return rich text as the record may keep it. Cleaning it again changes nothing."""
    return _CLEANER.clean(source)


class CleanRichTextBlock(blocks.RichTextBlock):
    """Rich text that is cleaned whenever it is written, into a row as into a revision."""

    def get_prep_value(self, value: Any) -> str:
        return clean_stored(value.source)

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        # To migrations it is Wagtail's: how it is kept has not changed.
        _path, args, kwargs = super().deconstruct()
        return "wagtail.blocks.RichTextBlock", args, kwargs
