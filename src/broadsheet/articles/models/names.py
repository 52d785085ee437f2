"""Records with a name and an address in each edition: sections, people, tags, sources, authors.

A record is one row; its names are one row an edition. Without a name in an edition it is not
public there.

What changes here shows on many pages: each save compares what is public with what was stored,
and writes `RecordChanged` beside the change. A record that is saved with its names writes one.
"""

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.signals import post_delete
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.search import index

from broadsheet.articles.events import RecordChanged
from broadsheet.articles.slugging import RESERVED_SLUGS, slug_from
from broadsheet.outbox.announcing import announce

from .changes import stored_values
from .editions import Edition

NEWS_SECTION = "news"


class NamedRecord(index.Indexed, ClusterableModel):
    """The base of records that are named per edition; `names` is the relation to the names."""

    label = models.CharField(_("name"), max_length=200, editable=False, db_index=True, blank=True)

    #: Fields that no reader's page shows. Every other one is public, also one that is yet to come.
    PRIVATE_FIELDS: ClassVar[frozenset[str]] = frozenset({"id"})
    _is_being_saved = False
    _has_changed_names = False

    search_fields: ClassVar[list[Any]] = [
        index.SearchField("label"),
        index.AutocompleteField("label"),
    ]

    class Meta:
        abstract = True
        ordering = ["label"]

    def __str__(self) -> str:
        return self.label

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.label = self.find_label() or self.label
        with transaction.atomic():
            before = stored_values(self, self.public_fields())
            self._is_being_saved, self._has_changed_names = True, False
            try:
                super().save(*args, **kwargs)  # with its names
            finally:
                self._is_being_saved = False
            # A new record without a name is nowhere.
            is_changed = before is not None and before != stored_values(self, self.public_fields())
            if is_changed or self._has_changed_names:
                self.announce_change()

    @classmethod
    def public_fields(cls) -> list[str]:
        fields = (field.attname for field in cls._meta.concrete_fields)
        return [name for name in fields if name not in cls.PRIVATE_FIELDS]

    def announce_change(self, *, is_bulk: bool = False) -> None:
        """Write `RecordChanged`; for what bypasses `save`, as imports do."""
        announce_change_of(type(self), self.pk, is_bulk=is_bulk)

    def note_changed_name(self) -> None:
        """Announce a name that changed: at once, or by the save that it is part of.

        That save does it when all names are stored: who is told looks at all of them.
        """
        if self._is_being_saved:
            self._has_changed_names = True
        else:
            self.announce_change()

    def find_label(self) -> str:
        """The name in the default edition, else in any; what the desk lists it under."""
        names = list(self.names.all()) if self.pk or self._cluster_has_names() else []
        default = Edition.objects.filter(is_default=True).values_list("pk", flat=True).first()
        names.sort(key=lambda name: (name.edition_id != default, name.edition_id))
        return names[0].name if names else ""

    def _cluster_has_names(self) -> bool:
        return "names" in getattr(self, "_cluster_related_objects", {})

    def name_in(self, edition_id: int) -> "EditionName | None":
        """The name in that edition, from what is loaded or prefetched; None where it has none."""
        return next((name for name in self.names.all() if name.edition_id == edition_id), None)


class EditionName(models.Model):
    """A record's name and address in one edition."""

    owner: Any  # the ParentalKey of each kind
    owner_id: int
    edition = models.ForeignKey(
        Edition, on_delete=models.CASCADE, related_name="+", verbose_name=_("edition")
    )
    name = models.CharField(_("name"), max_length=200)
    slug = models.SlugField(
        _("slug"), max_length=200, blank=True, help_text=_("Empty: made from the name.")
    )

    class Meta:
        abstract = True
        ordering = ["edition_id"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "slug"], name="%(class)s_one_slug"),
            models.UniqueConstraint(fields=["owner", "edition"], name="%(class)s_one_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        self._fill_slug()
        if not self.slug:
            raise ValidationError({"slug": _("No address can be made from the name: give a slug.")})
        if self.edition_id and self._is_slug_taken():
            raise ValidationError(
                {"slug": _("“%(slug)s” is taken in this edition: give another slug.")},
                params={"slug": self.slug},
            )

    def _is_slug_taken(self) -> bool:
        others = type(self)._default_manager.filter(edition_id=self.edition_id, slug=self.slug)  # noqa: SLF001 - Django's own API
        return others.exclude(pk=self.pk).exists()

    def _fill_slug(self) -> None:
        if not self.slug and self.edition_id:
            self.slug = slug_from(self.name, language=self.edition.code)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._fill_slug()
        with transaction.atomic():
            before = stored_values(self, self._stored_fields())
            super().save(*args, **kwargs)
            if not self.owner.label:
                type(self.owner).objects.filter(pk=self.owner_id).update(label=self.name)
                self.owner.label = self.name
            self._announce_change_from(before)

    def _announce_change_from(self, before: dict[str, Any] | None) -> None:
        if before == stored_values(self, self._stored_fields()):
            return
        self.owner.note_changed_name()
        if before is not None and before["owner_id"] != self.owner_id:
            announce_change_of(type(self.owner), before["owner_id"])

    @classmethod
    def _stored_fields(cls) -> list[str]:
        return [field.attname for field in cls._meta.concrete_fields]


class Section(NamedRecord):
    position = models.PositiveIntegerField(
        _("position"), default=100, help_text=_("Where it stands in the navigation: 1 comes first.")
    )
    is_in_navigation = models.BooleanField(_("in the navigation"), default=True)

    class Meta(NamedRecord.Meta):
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        ordering = ["position", "label"]


class SectionName(EditionName):
    owner = ParentalKey(Section, on_delete=models.CASCADE, related_name="names")

    def clean(self) -> None:
        super().clean()
        is_built_in = self.slug == NEWS_SECTION and (
            not self.owner_id
            or SectionName.objects.filter(owner=self.owner_id, slug=NEWS_SECTION).exists()
            or not SectionName.objects.filter(slug=NEWS_SECTION).exists()
        )
        if self.slug in RESERVED_SLUGS and not is_built_in:
            raise ValidationError(
                {"slug": _("The site itself uses this address. Choose another slug.")}
            )


class Person(NamedRecord):
    """Somebody in the news."""

    class Meta(NamedRecord.Meta):
        verbose_name = _("person")
        verbose_name_plural = _("people")


class PersonName(EditionName):
    owner = ParentalKey(Person, on_delete=models.CASCADE, related_name="names")
    role = models.CharField(_("role"), max_length=200, blank=True)


class Tag(NamedRecord):
    class Meta(NamedRecord.Meta):
        verbose_name = _("tag")
        verbose_name_plural = _("tags")


class TagName(EditionName):
    owner = ParentalKey(Tag, on_delete=models.CASCADE, related_name="names")


class Source(NamedRecord):
    """An outlet that reported, or relays."""

    url = models.URLField(_("address"), blank=True)

    class Meta(NamedRecord.Meta):
        verbose_name = _("source")
        verbose_name_plural = _("sources")


class SourceName(EditionName):
    owner = ParentalKey(Source, on_delete=models.CASCADE, related_name="names")


class Author(NamedRecord):
    """One of the newsroom's own."""

    PRIVATE_FIELDS = NamedRecord.PRIVATE_FIELDS | {"user_id"}

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="author",
        verbose_name=_("login"),
    )

    class Meta(NamedRecord.Meta):
        verbose_name = _("author")
        verbose_name_plural = _("authors")


class AuthorName(EditionName):
    owner = ParentalKey(Author, on_delete=models.CASCADE, related_name="names")
    role = models.CharField(_("role"), max_length=200, blank=True)
    about = models.TextField(_("about"), blank=True)


def announce_change_of(kind: type[NamedRecord], record_id: int, *, is_bulk: bool = False) -> None:
    """Write `RecordChanged` for a record that may be deleted."""
    name: Any = kind._meta.model_name  # noqa: SLF001 - Django's own API
    announce(RecordChanged(kind=name, record_id=record_id), is_bulk=is_bulk)


def _announce_deleted_record(instance: NamedRecord, **_kwargs: Any) -> None:
    instance.announce_change()


def _announce_deleted_name(sender: Any, instance: EditionName, **_kwargs: Any) -> None:
    owner = sender._meta.get_field("owner")  # noqa: SLF001 - Django's own API
    record = owner.get_cached_value(instance, default=None)
    if record is None:
        announce_change_of(owner.related_model, instance.owner_id)
    else:
        record.note_changed_name()


for _record in (Section, Person, Tag, Source, Author):
    post_delete.connect(_announce_deleted_record, sender=_record)
for _name in (SectionName, PersonName, TagName, SourceName, AuthorName):
    post_delete.connect(_announce_deleted_name, sender=_name)
