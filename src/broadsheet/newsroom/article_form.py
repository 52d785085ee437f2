"""The form of an article: what is checked and made before it is saved."""

import re
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.models import WagtailAdminModelForm

from broadsheet.articles.models import Article, Section, SectionName
from broadsheet.articles.slugging import slug_from

from .tag_names import TagNamesField, find_or_make_tags, names_of


class ArticleForm(WagtailAdminModelForm):
    tags = TagNamesField(label=_("Tags"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        article = self.instance
        if "tags" in self.fields:
            self.fields["tags"].widget.edition_id = article.locale_id
        if "section" in self.fields:
            self.fields["section"].queryset = sections_for(article)
        if "slug" in self.fields and has_slug_of_its_making(article):
            # Saved while the headline was still being written: it follows the headline.
            self.initial["slug"] = ""

    def clean_headline(self) -> str:
        # It is one line, however many its field shows.
        return " ".join(self.cleaned_data["headline"].split())

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        names = self.cleaned_data.get("tags")
        if isinstance(names, list) and all(isinstance(name, str) for name in names):
            edition = self.instance.locale.edition
            known = {
                name: tag
                for tag in self.instance.tags.all()
                for name in names_of([tag], edition.pk)
            }
            new = [name for name in names if name not in known]
            kept = [known[name] for name in names if name in known]
            self.cleaned_data["tags"] = kept + [
                tag for tag in find_or_make_tags(new, edition) if tag not in kept
            ]
        return super().save(commit=commit)


def sections_for(article: Article) -> "QuerySet[Section]":
    """The sections that are public in the article's edition, and the one it stands in."""
    named = SectionName.objects.filter(edition_id=article.locale_id).values("owner_id")
    return Section.objects.filter(Q(pk__in=named) | Q(pk=article.section_id))


def has_slug_of_its_making(article: Article) -> bool:
    """Whether the slug was made from the headline and no reader can know it yet."""
    if not article.slug or article.first_published_at is not None or not article.locale_id:
        return False
    made = slug_from(article.headline, language=article.locale.language_code) or "article"
    return re.fullmatch(rf"{re.escape(made)}(-\d+)?", article.slug) is not None
