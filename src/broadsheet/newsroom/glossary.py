"""Names and terms that a machine must not translate in its own way."""

import html
import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.admin.viewsets.model import ModelViewSet

from broadsheet.articles.models import Edition, Person, Source

from .editions import language_of
from .models import GlossaryTerm

_TAG = re.compile(r"(<[^>]*>)")
_KEPT = re.compile(r'<span translate="no">(.*?)</span>', re.DOTALL)


def terms_between(source: Edition, target: Edition) -> dict[str, str]:
    """Return how names and terms of one edition are written in another.

    People and outlets are called what their records say; the glossary overrules that.
    """
    terms: dict[str, str] = {}
    for kind in (Source, Person):
        for record in kind.objects.prefetch_related("names"):
            names = record.name_in(source.pk), record.name_in(target.pk)
            if names[0] and names[1]:
                terms[names[0].name] = names[1].name
    own = GlossaryTerm.objects.filter(source=source, target=target)
    return {**terms, **dict(own.values_list("term", "translation"))}


def find_terms(text: str, terms: Mapping[str, str]) -> dict[str, str]:
    """Return those of `terms` that `text`, plain or HTML, has as whole words."""
    plain = html.unescape(_TAG.sub(" ", text))
    return {term: terms[term] for term in terms if _word(term).search(plain)}


def protect(text: str, terms: Mapping[str, str], *, is_rich: bool) -> str:
    """Return a text as HTML in which each term stands translated, out of a translator's reach."""
    source = text if is_rich else html.escape(text, quote=False)
    if not terms:
        return source
    escaped = {html.escape(term, quote=False): translation for term, translation in terms.items()}
    longest_first = sorted(escaped, key=len, reverse=True)
    anyone = re.compile("|".join(_word(term).pattern for term in longest_first))

    def put(match: re.Match[str]) -> str:
        return f'<span translate="no">{html.escape(escaped[match[0]], quote=False)}</span>'

    pieces = _TAG.split(source)
    pieces[::2] = [anyone.sub(put, piece) for piece in pieces[::2]]
    return "".join(pieces)


def release(translated: str, *, is_rich: bool) -> str:
    """Return a translated text without the marks of `protect`; plain again where it was plain."""
    text = _KEPT.sub(r"\1", translated)
    return text if is_rich else html.unescape(_TAG.sub("", text)).strip()


def keeps_markup(before: str, after: str) -> bool:
    """Whether a translator left the tags of a rich text alone."""
    return sorted(_TAG.findall(before)) == sorted(_TAG.findall(after))


def _word(term: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(term)}(?!\w)")


class GlossaryViewSet(ModelViewSet):
    model = GlossaryTerm
    name = "glossary"
    icon = "clipboard-list"
    menu_label = _("Glossary")
    menu_order = 165
    add_to_admin_menu = True
    pk_path_converter = "int"
    copy_view_enabled = False
    list_display = [
        "term",
        "translation",
        Column("source", label=_("From"), accessor=lambda term: language_of(term.source)),
        Column("target", label=_("Into"), accessor=lambda term: language_of(term.target)),
    ]
    edit_handler = ObjectList(
        [
            FieldRowPanel([FieldPanel("source"), FieldPanel("target")]),
            FieldPanel("term", help_text=_("As the original writes it, capital letters included.")),
            FieldPanel(
                "translation",
                help_text=_("A machine’s draft has it in this form; you put it in the right case."),
            ),
        ]
    )

    def get_queryset(self, _request: Any) -> Any:
        return GlossaryTerm.objects.select_related("source__locale", "target__locale")
