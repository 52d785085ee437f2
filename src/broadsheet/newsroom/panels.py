"""How the forms of the desk are arranged, and what they say to those who fill them in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    InlinePanel,
    MultiFieldPanel,
    ObjectList,
    PublishingPanel,
    TabbedInterface,
)
from wagtail.admin.widgets import AdminAutoHeightTextInput

from .article_form import ArticleForm

STORY = [
    FieldPanel(
        "headline",
        classname="title",
        widget=AdminAutoHeightTextInput(attrs={"placeholder": _("Headline")}),
        required_on_save=True,
        help_text=_("What happened, in one line. The address is made from it."),
    ),
    FieldRowPanel(
        [
            FieldPanel("section", widget=forms.Select),
            FieldPanel(
                "dateline", help_text=_("Where it was written, such as: Kyiv. May stay empty.")
            ),
        ]
    ),
    FieldPanel(
        "lead",
        help_text=_(
            "The first paragraph: who, what, where, when. "
            "Name the sources under “Byline and sources”, not here. "
            "Without lead and body the article is a flash: a headline only."
        ),
    ),
    MultiFieldPanel(
        [
            FieldPanel("image"),
            FieldRowPanel(
                [
                    FieldPanel(
                        "image_alt",
                        help_text=_("What the picture shows, for those who cannot see it."),
                    ),
                    FieldPanel(
                        "image_caption",
                        help_text=_("Credit and licence come from the image itself."),
                    ),
                ]
            ),
        ],
        heading=_("Lead image"),
        icon="image",
    ),
    FieldPanel(
        "body",
        help_text=_(
            "Paragraphs, headings, quotes, pictures, videos, related articles … "
            "The badges “photo” and “video” follow from what you put here."
        ),
    ),
]

ATTRIBUTION = [
    InlinePanel(
        "bylines",
        [FieldPanel("author")],
        heading=_("Authors"),
        label=_("Author"),
        icon="user",
        help_text=_("In the order in which they are printed."),
    ),
    InlinePanel(
        "sourcings",
        [FieldRowPanel([FieldPanel("role"), FieldPanel("source")]), FieldPanel("url")],
        heading=_("Sources"),
        label=_("Source"),
        icon="link-external",
        help_text=_(
            "Who reported what you write, and who relays it. The line “reported by …” is "
            "printed from here."
        ),
    ),
]

FILING = [
    FieldPanel(
        "tags",
        help_text=_("What it is about. Type a name and press Enter; a new name makes a new tag."),
    ),
    FieldPanel("is_exclusive", help_text=_("Shows the badge “exclusive” on page and cards.")),
    FieldPanel(
        "slug",
        help_text=_(
            "The last part of the article’s address. Leave it empty and it is made from the "
            "headline. If you change it after publishing, the old address leads to the new one."
        ),
    ),
    PublishingPanel(),
]

CORRECTIONS = [
    InlinePanel(
        "corrections",
        [FieldPanel("corrected_at"), FieldPanel("text")],
        heading=_("Corrections"),
        label=_("Correction"),
        icon="edit",
        help_text=_(
            "When you mend a mistake of fact, say here what was wrong and what is right. "
            "Readers see it under the article."
        ),
    ),
]

ARTICLE = TabbedInterface(
    [
        ObjectList(STORY, heading=_("Story")),
        ObjectList(ATTRIBUTION, heading=_("Byline and sources")),
        ObjectList(FILING, heading=_("Tags and address")),
        ObjectList(CORRECTIONS, heading=_("Corrections")),
    ],
    base_form_class=ArticleForm,
)


def named_record(*own: Any, names: tuple[str, ...] = (), note: Any = "") -> ObjectList:
    """Arrange a record's names, one an edition, above what else it has.

    `own` are the panels of the record itself, `names` the fields that each name has beyond
    edition, name and slug.
    """
    return ObjectList(
        [
            InlinePanel(
                "names",
                [
                    FieldPanel("edition"),
                    FieldRowPanel(
                        [
                            FieldPanel("name"),
                            FieldPanel("slug", help_text=_("Empty: made from the name.")),
                        ]
                    ),
                    *(FieldPanel(name) for name in names),
                ],
                heading=_("Names"),
                label=_("Name"),
                icon="globe",
                min_num=1,
                help_text=note
                or _("One an edition. Without a name in an edition it does not appear there."),
            ),
            *own,
        ]
    )
