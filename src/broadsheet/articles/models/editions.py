from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.signals import post_delete
from django.utils.translation import gettext_lazy as _
from wagtail.models import Locale

from broadsheet.articles.events import EditionChanged
from broadsheet.outbox.announcing import announce

from .changes import stored_values


def check_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(_("Give a time zone such as Europe/Kyiv."))


class Edition(models.Model):
    """A language edition of the site: one Wagtail locale, and what the locale does not know.

    Its primary key is the locale's, so an article's `locale_id` is its edition's key.
    """

    locale = models.OneToOneField(
        Locale, on_delete=models.CASCADE, primary_key=True, related_name="edition"
    )
    name = models.CharField(_("name"), max_length=100)
    time_zone = models.CharField(_("time zone"), max_length=64, validators=[check_time_zone])
    is_default = models.BooleanField(_("default edition"), default=False)

    class Meta:
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                name="one_default_edition",
                condition=models.Q(is_default=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        fields = [field.attname for field in self._meta.concrete_fields]
        with transaction.atomic():
            before = stored_values(self, fields)
            super().save(*args, **kwargs)
            if before != stored_values(self, fields):
                announce(EditionChanged(edition_id=self.pk))

    @property
    def code(self) -> str:
        """The language code, such as `en` or `uk`: the first part of every address."""
        return str(self.locale.language_code)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


def _announce_deleted(instance: Edition, **_kwargs: Any) -> None:
    announce(EditionChanged(edition_id=instance.pk))


post_delete.connect(_announce_deleted, sender=Edition)
