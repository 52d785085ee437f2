from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from modelcluster.models import ClusterableModel
from wagtail.fields import StreamField
from wagtail.models import (
    DraftStateMixin,
    LockableMixin,
    Orderable,
    PreviewableMixin,
    RevisionMixin,
    TranslatableMixin,
    WorkflowMixin,
)
from wagtail.search import index

from broadsheet.articles.blocks import BodyBlock
from broadsheet.articles.slugging import free_slug, slug_from

from .editions import Edition
from .images import NewsImage
from .names import Author, Person, Section, Source, Tag


class Article(
    WorkflowMixin,
    PreviewableMixin,
    DraftStateMixin,
    LockableMixin,
    RevisionMixin,
    TranslatableMixin,
    index.Indexed,
    ClusterableModel,
):
    """One article in one edition: a flat row whose integer key is never used again.

    An article that is only a headline is a *flash*. Publishing and taking down go through
    `articles.publishing`, which writes the fact beside the change.
    """

    headline = models.CharField(_("headline"), max_length=300)
    slug = models.SlugField(
        _("slug"), max_length=200, blank=True, help_text=_("Empty: made from the headline.")
    )
    lead = models.TextField(_("lead"), blank=True)
    dateline = models.CharField(_("dateline"), max_length=120, blank=True)
    section = models.ForeignKey(
        Section, on_delete=models.PROTECT, related_name="articles", verbose_name=_("section")
    )
    image = models.ForeignKey(
        NewsImage,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("lead image"),
    )
    image_alt = models.CharField(_("alternative text"), max_length=300, blank=True)
    image_caption = models.CharField(_("caption"), max_length=500, blank=True)
    body = StreamField(BodyBlock(), blank=True, verbose_name=_("body"))
    tags = ParentalManyToManyField(Tag, blank=True, related_name="articles", verbose_name=_("tags"))
    is_exclusive = models.BooleanField(_("exclusive"), default=False)

    # What follows from the body, kept on the row for cards and lists.
    has_photo = models.BooleanField(default=False, editable=False)
    has_video = models.BooleanField(default=False, editable=False)
    is_flash = models.BooleanField(default=False, editable=False)

    killed_at = models.DateTimeField(null=True, editable=False)
    kill_notice = models.TextField(blank=True, editable=False)

    # The place in its edition's order of time: no `-id` tie can repeat or skip a card.
    search_fields: ClassVar[list[Any]] = [
        index.SearchField("headline", boost=3),
        index.AutocompleteField("headline"),
        index.SearchField("lead", boost=2),
        index.SearchField("body"),
        index.FilterField("locale_id"),
        index.FilterField("section_id"),
        index.FilterField("live"),
        index.FilterField("has_unpublished_changes"),
        index.FilterField("first_published_at"),
    ]

    class Meta(TranslatableMixin.Meta):
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        constraints = [
            models.UniqueConstraint(fields=["locale", "slug"], name="article_one_slug"),
        ]
        indexes = [
            # Not only live ones: the desk lists an edition's drafts too.
            models.Index(fields=["locale", "-first_published_at", "-id"], name="article_latest"),
            models.Index(
                fields=["section", "locale", "-first_published_at", "-id"],
                name="article_section_latest",
                condition=models.Q(live=True),
            ),
            models.Index(
                fields=["expire_at"], name="article_expiring", condition=models.Q(live=True)
            ),
            # The few among many that the desk looks for.
            models.Index(
                fields=["-first_published_at", "-id"],
                name="article_not_live",
                condition=models.Q(live=False),
            ),
            models.Index(
                fields=["-first_published_at", "-id"],
                name="article_changed_draft",
                condition=models.Q(has_unpublished_changes=True),
            ),
        ]

    def __str__(self) -> str:
        return self.headline

    @property
    def edition(self) -> Edition:
        return self.locale.edition

    @property
    def preview_modes(self) -> list[tuple[str, Any]]:
        return [("", _("Article")), ("card", _("Card"))]

    def serve_preview(self, request: Any, mode_name: str) -> Any:
        return import_string(settings.ARTICLE_PREVIEW)(self, request=request, mode=mode_name)

    def get_absolute_url(self) -> str:
        return reverse("article", args=[self.locale.language_code, self.slug])

    def get_full_url(self) -> str:
        return settings.SITE_URL + self.get_absolute_url()

    full_url = property(get_full_url)

    def clean(self) -> None:
        super().clean()
        self.fill_slug()
        if self.slug and self.is_slug_taken(self.slug):
            raise ValidationError({"slug": _("Another article of this edition has this address.")})

    def full_clean(self, *args: Any, **kwargs: Any) -> None:
        if self.locale_id:
            self.fill_slug()
        super().full_clean(*args, **kwargs)

    def fill_slug(self) -> None:
        """Make the slug from the headline where there is none; the first that is free."""
        if not self.slug and self.headline and self.locale_id:
            wanted = slug_from(self.headline, language=self.locale.language_code) or "article"
            self.slug = free_slug(wanted, self.is_slug_taken)

    def is_slug_taken(self, slug: str) -> bool:
        """Whether another article of this edition has the address now, or redirects from it."""
        others = Article.objects.filter(locale_id=self.locale_id, slug=slug).exclude(pk=self.pk)
        return (
            others.exists()
            or ArticleSlug.objects.filter(locale_id=self.locale_id, slug=slug)
            .exclude(article_id=self.pk)
            .exists()
        )

    def save(self, *args: Any, **kwargs: Any) -> None:
        if kwargs.get("update_fields") is None:
            self.fill_slug()
            self.note_contents()
        super().save(*args, **kwargs)

    def note_contents(self) -> None:
        """Set what the row keeps about the body: photo, video, flash."""
        kinds = {block.block_type for block in self.body}
        self.has_photo = bool(kinds & {"picture", "gallery"}) or self.image_id is not None
        self.has_video = "video" in kinds
        self.is_flash = not self.lead and not kinds

    def with_content_json(self, content: Any) -> Any:
        # Whether it is killed is a matter of the article, not of one of its revisions.
        article = super().with_content_json(content)
        article.killed_at, article.kill_notice = self.killed_at, self.kill_notice
        return article

    def publish(self, revision: Any, **kwargs: Any) -> Any:
        from broadsheet.articles import publishing  # noqa: PLC0415 - it knows this model

        return publishing.publish(self, revision, **kwargs)

    def unpublish(self, **kwargs: Any) -> Any:
        from broadsheet.articles import publishing  # noqa: PLC0415 - it knows this model

        return publishing.unpublish(self, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        from broadsheet.articles import publishing  # noqa: PLC0415 - it knows this model

        return publishing.delete(self, *args, **kwargs)

    @cached_property
    def is_killed(self) -> bool:
        return self.killed_at is not None


class ArticleAuthor(Orderable):
    """An author's place in the byline."""

    article = ParentalKey(Article, on_delete=models.CASCADE, related_name="bylines")
    author = models.ForeignKey(
        Author, on_delete=models.PROTECT, related_name="bylines", verbose_name=_("author")
    )

    class Meta(Orderable.Meta):
        constraints = [
            models.UniqueConstraint(fields=["article", "author"], name="one_byline_an_author"),
        ]


class ArticleSource(Orderable):
    """Who reported what the article says, or relays it."""

    class Role(models.TextChoices):
        REPORTED = "reported", _("reported by")
        RELAYED = "relayed", _("relayed by")

    article = ParentalKey(Article, on_delete=models.CASCADE, related_name="sourcings")
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, related_name="sourcings", verbose_name=_("source")
    )
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.REPORTED)
    url = models.URLField(_("link"), blank=True, max_length=500)


class ArticleCorrection(Orderable):
    """A mistake that was mended, and said so."""

    article = ParentalKey(Article, on_delete=models.CASCADE, related_name="corrections")
    corrected_at = models.DateTimeField(_("corrected at"))
    text = models.TextField(_("what was wrong, and what is right"))

    class Meta(Orderable.Meta):
        ordering = ["-corrected_at"]


class ArticleSlug(models.Model):
    """An address that an article once had; it redirects to the present one."""

    locale = models.ForeignKey("wagtailcore.Locale", on_delete=models.CASCADE, related_name="+")
    slug = models.SlugField(max_length=200)
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="former_slugs")
    moved_at = models.DateTimeField()

    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["locale", "slug"], name="one_article_a_former_slug"),
        ]

    def __str__(self) -> str:
        return self.slug


class Quote(models.Model):
    """A quote of a live article, written anew each time the article is published."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="quotes")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="quotes")
    text = models.TextField()
    role = models.CharField(max_length=255, blank=True)
    where = models.CharField(max_length=255, blank=True)
    said_on = models.DateField(null=True)
    anchor = models.CharField(max_length=40)
    translated_from = models.CharField(max_length=12, blank=True, db_default="")

    wagtail_reference_index_ignore = True

    class Meta:
        indexes = [models.Index(fields=["person", "-article"], name="quotes_of_a_person")]

    def __str__(self) -> str:
        return self.text[:80]
