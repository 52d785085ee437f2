"""What the body of an article is made of."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock
from wagtail.images.blocks import ImageChooserBlock
from wagtail.snippets.blocks import SnippetChooserBlock

from .languages import languages
from .rich_text import RICH_TEXT_FEATURES, CleanRichTextBlock
from .videos import find_video


class QuoteBlock(blocks.StructBlock):
    """What somebody said, and who, in which role, where and when."""

    text = blocks.TextBlock(label=_("Quote"), rows=3)
    speaker = SnippetChooserBlock("broadsheet_articles.Person", label=_("Speaker"))
    role = blocks.CharBlock(
        label=_("Role"), required=False, help_text=_("Such as: Japan’s Defence Minister")
    )
    where = blocks.CharBlock(
        label=_("Where"), required=False, help_text=_("Such as: at a conference in Munich")
    )
    said_on = blocks.DateBlock(label=_("When"), required=False)
    translated_from = blocks.ChoiceBlock(
        choices=languages,
        label=_("Translated from"),
        required=False,
        help_text=_("The language in which it was said, where that is not the article’s."),
    )

    class Meta:
        icon = "openquote"
        label = _("Quote")


class PictureBlock(blocks.StructBlock):
    """An image with what readers see, hear and owe: alt, caption, credit and licence."""

    image = ImageChooserBlock(label=_("Image"))
    alt = blocks.CharBlock(
        label=_("Alternative text"),
        max_length=300,
        help_text=_("What the picture shows, for those who cannot see it."),
    )
    caption = blocks.CharBlock(label=_("Caption"), required=False, max_length=500)
    credit = blocks.CharBlock(
        label=_("Credit"), required=False, help_text=_("Empty: the image’s own credit.")
    )
    licence = blocks.CharBlock(
        label=_("Licence"), required=False, help_text=_("Empty: the image’s own licence.")
    )

    class Meta:
        icon = "image"
        label = _("Picture")


class TableFigureBlock(blocks.StructBlock):
    caption = blocks.CharBlock(label=_("Caption"), required=False)
    table = TypedTableBlock(
        [("text", blocks.CharBlock(required=False)), ("number", blocks.CharBlock(required=False))],
        label=_("Table"),
    )

    class Meta:
        icon = "table"
        label = _("Table")


class VideoBlock(blocks.StructBlock):
    """A video elsewhere, by its address. Nothing is loaded from there until a reader asks."""

    url = blocks.URLBlock(label=_("Address of the video"))
    title = blocks.CharBlock(label=_("Title"), max_length=300)
    poster = ImageChooserBlock(label=_("Poster"), required=False)

    class Meta:
        icon = "media"
        label = _("Video")

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if cleaned.get("url") and find_video(cleaned["url"]) is None:
            raise blocks.StructBlockValidationError(
                block_errors={
                    "url": ValidationError(
                        _("Give the address of a video on YouTube, Vimeo or Dailymotion.")
                    )
                }
            )
        return cleaned


class BodyBlock(blocks.StreamBlock):
    paragraph = CleanRichTextBlock(
        features=RICH_TEXT_FEATURES, label=_("Paragraph"), icon="pilcrow"
    )
    heading = blocks.CharBlock(label=_("Heading"), icon="title", max_length=200)
    quote = QuoteBlock()
    picture = PictureBlock()
    related = SnippetChooserBlock(
        "broadsheet_articles.Article", label=_("Related article"), icon="link"
    )
    list = blocks.ListBlock(
        CleanRichTextBlock(features=RICH_TEXT_FEATURES), label=_("List"), icon="list-ul"
    )
    gallery = blocks.ListBlock(PictureBlock(), min_num=2, label=_("Gallery"), icon="image")
    table = TableFigureBlock()
    video = VideoBlock()

    class Meta:
        block_counts: dict[str, dict[str, int]] = {}
