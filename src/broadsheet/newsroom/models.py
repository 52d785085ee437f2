"""How the versions of an article come about: what was translated from what, by whom, and approved."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from broadsheet.articles.models import Article, Edition


class Translation(models.Model):
    """An article that was made from another one, its original."""

    class Draft(models.TextChoices):
        """Where the machine's draft stands."""

        NONE = "none", _("not asked for")
        WANTED = "wanted", _("being made")
        MADE = "made", _("made")
        FAILED = "failed", _("failed")

    article = models.OneToOneField(
        Article, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    original = models.ForeignKey(Article, on_delete=models.SET_NULL, null=True, related_name="+")
    draft = models.CharField(max_length=8, choices=Draft, default=Draft.NONE)
    trouble = models.TextField(blank=True)
    translator = models.CharField(max_length=40, blank=True)
    asked_at = models.DateTimeField(null=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    wagtail_reference_index_ignore = True

    class Meta:
        indexes = [
            models.Index(
                fields=["asked_at"], name="drafts_wanted", condition=models.Q(draft="wanted")
            ),
        ]

    def __str__(self) -> str:
        return str(self.article)


class TranslatedPart(models.Model):
    """What is known of one part of a translation: a field, or a block of the body.

    Words are lists of texts, in the order in which the part has them. `source_words` are those of the
    original that the translation rests on; a part without `machine_words` was written by a person.
    """

    translation = models.ForeignKey(Translation, on_delete=models.CASCADE, related_name="parts")
    key = models.CharField(max_length=64)
    source_words = models.JSONField()
    machine_words = models.JSONField(null=True)
    approved_words = models.JSONField(null=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True)

    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["translation", "key"], name="one_row_a_translated_part")
        ]

    def __str__(self) -> str:
        return self.key


class GlossaryTerm(models.Model):
    """How a term is always translated from one edition's language into another's."""

    source = models.ForeignKey(
        Edition, on_delete=models.CASCADE, related_name="+", verbose_name=_("from")
    )
    target = models.ForeignKey(
        Edition, on_delete=models.CASCADE, related_name="+", verbose_name=_("into")
    )
    term = models.CharField(_("term"), max_length=200)
    translation = models.CharField(_("translation"), max_length=200)

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("glossary")
        ordering = ["term"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "target", "term"], name="one_translation_a_term"
            )
        ]

    def __str__(self) -> str:
        return f"{self.term} → {self.translation}"

    def clean(self) -> Any:
        super().clean()
        if self.source_id and self.source_id == self.target_id:
            raise ValidationError({"target": _("Choose two different editions.")})
