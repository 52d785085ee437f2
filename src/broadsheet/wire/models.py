from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportedArticle(models.Model):
    """Which article of whose archive is here. It outlives the article: what the desk deleted
    does not come back with the next run.
    """

    source = models.CharField(_("archive"), max_length=100)
    external_id = models.CharField(_("id there"), max_length=200)
    article = models.ForeignKey(
        "broadsheet_articles.Article",
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("article"),
    )
    digest = models.CharField(_("SHA-256 of what was read"), max_length=64)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("imported article")
        verbose_name_plural = _("imported articles")
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="imported_once"),
        ]

    def __str__(self) -> str:
        return f"{self.source}: {self.external_id}"
