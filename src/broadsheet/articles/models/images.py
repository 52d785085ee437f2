from typing import Any

from django.core.files.base import ContentFile, File
from django.db import models, transaction
from django.db.models.signals import post_delete
from django.utils.translation import gettext_lazy as _
from wagtail.images.models import AbstractImage, AbstractRendition, Image

from broadsheet.articles.events import ImageChanged
from broadsheet.outbox.announcing import announce

from .changes import stored_values

#: What a reader's page shows of an image. Title and description are the desk's: the words under
#: a picture are the article's.
_PUBLIC_FIELDS = (
    "file",
    "width",
    "height",
    "focal_point_x",
    "focal_point_y",
    "focal_point_width",
    "focal_point_height",
    "credit",
    "licence",
)


class SecureURLField(models.URLField):  # type: ignore[type-arg]  # not generic at run time
    """An address that is read as https where none is said; in the database a plain `URLField`.

    Django 5.2 assumes http and warns; Wagtail's form of an image asks the field for no more.
    """

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"assume_scheme": "https", **kwargs})

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.URLField", args, kwargs


class NewsImage(AbstractImage):
    """An image of the newsroom, with what is owed to those who made it."""

    credit = models.CharField(_("credit"), max_length=200, blank=True)
    licence = models.CharField(_("licence"), max_length=200, blank=True)
    source_url = SecureURLField(_("where it comes from"), blank=True)

    admin_form_fields = (*Image.admin_form_fields, "credit", "licence", "source_url")

    class Meta(AbstractImage.Meta):
        verbose_name = _("image")
        verbose_name_plural = _("images")

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            before = stored_values(self, _PUBLIC_FIELDS)
            is_new_file = bool(self.file) and not self.file._committed  # noqa: SLF001 - no other way
            super().save(*args, **kwargs)
            if before is None:  # a new one is on no page yet
                return
            after = stored_values(self, _PUBLIC_FIELDS) or before
            if before == after and not is_new_file:
                return
            if is_new_file or before["file"] != after["file"]:
                # Wagtail's form does it too, but after the commit: meanwhile a page could be
                # made with the old picture, and no fact would follow.
                self.renditions.all().delete()
            announce(ImageChanged(image_id=self.pk))

    def generate_rendition_file(self, filter: Any, *, source: Any = None) -> "File[bytes]":  # noqa: A002 - Wagtail's name
        """In memory: the temporary file that Wagtail makes would never be closed."""
        with super().generate_rendition_file(filter, source=source) as made:
            made.seek(0)
            return ContentFile(made.read(), name=made.name)


class NewsRendition(AbstractRendition):
    image = models.ForeignKey(NewsImage, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["image", "filter_spec", "focal_point_key"], name="one_rendition_a_spec"
            ),
        ]


def _announce_deleted(instance: NewsImage, **_kwargs: Any) -> None:
    announce(ImageChanged(image_id=instance.pk))


post_delete.connect(_announce_deleted, sender=NewsImage)
