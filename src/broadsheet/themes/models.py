"""What belongs together: stories, links by names, and what is needed to find more of both."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from broadsheet.articles.models import Article


class Story(models.Model):
    """The articles on one event as it unfolds, in one edition.

    `terms` is the sum of its members' vectors; `mean_at` and the two moments beside it say when
    it was written about; `headlines` counts the members that are a headline without a text.
    `slug` is the address of its page, given when it first has two live articles; it never changes by
    itself. Where `headline` or `summary` is empty, its page takes them from the articles. One that
    `is_closed` takes up no more articles. A story about which the desk decided anything outlives its
    articles, with a `size` of 0.
    """

    locale = models.ForeignKey("wagtailcore.Locale", on_delete=models.CASCADE, related_name="+")
    slug = models.SlugField(max_length=200, blank=True, default="", db_index=False)
    headline = models.CharField(max_length=300, blank=True, default="")
    summary = models.TextField(blank=True, default="")
    is_closed = models.BooleanField(default=False)
    is_featured = models.BooleanField(default=False)
    size = models.PositiveIntegerField(default=0)
    headlines = models.PositiveIntegerField(default=0)
    oldest_at = models.DateTimeField()
    newest_at = models.DateTimeField()
    mean_at = models.DateTimeField()
    terms = models.JSONField(default=dict)

    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["locale", "slug"], name="one_story_a_slug", condition=~models.Q(slug="")
            ),
        ]
        indexes = [
            models.Index(fields=["locale", "-newest_at", "-id"], name="story_latest_first"),
            models.Index(
                fields=["locale"], name="story_featured", condition=models.Q(is_featured=True)
            ),
            models.Index(
                fields=["locale"], name="story_closed", condition=models.Q(is_closed=True)
            ),
        ]

    def __str__(self) -> str:
        return f"story {self.pk} of {self.size}"


class StorySlug(models.Model):
    """An address that a story once had: it leads to the `story` that its articles went to, or, where
    none of them was left, to the `article` that left last.
    """

    locale = models.ForeignKey("wagtailcore.Locale", on_delete=models.CASCADE, related_name="+")
    slug = models.SlugField(max_length=200, db_index=False)
    story = models.ForeignKey(
        Story, on_delete=models.CASCADE, null=True, related_name="former_slugs"
    )
    article = models.ForeignKey(Article, on_delete=models.CASCADE, null=True, related_name="+")

    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["locale", "slug"], name="one_story_a_former_slug"),
            models.CheckConstraint(
                condition=models.Q(story__isnull=False, article__isnull=True)
                | models.Q(story__isnull=True, article__isnull=False),
                name="former_slug_leads_to_one",
            ),
        ]

    def __str__(self) -> str:
        return self.slug


class StoryMember(models.Model):
    """The story of an article: every live article that was related has one."""

    article = models.OneToOneField(
        Article, on_delete=models.CASCADE, primary_key=True, related_name="story_member"
    )
    story = models.ForeignKey(
        Story, on_delete=models.CASCADE, related_name="members", db_index=False
    )
    published_at = models.DateTimeField()
    is_headline = models.BooleanField(default=False)

    wagtail_reference_index_ignore = True

    class Meta:
        indexes = [models.Index(fields=["story", "-published_at"], name="story_newest_first")]

    def __str__(self) -> str:
        return f"article {self.article_id} of story {self.story_id}"


class Reading(models.Model):
    """What was read in an article, by which others are related to it.

    `terms` is its vector; `names` its names as `names.Name` fields; `cards` the articles that
    its body links to. Of an old article the heaviest are kept, as background to new ones
    (`is_brief`).
    """

    article = models.OneToOneField(
        Article, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    published_at = models.DateTimeField()
    read_at = models.DateTimeField()
    is_brief = models.BooleanField(default=False)
    terms = models.JSONField(default=dict)
    names = models.JSONField(default=list)
    cards = models.JSONField(default=list)

    wagtail_reference_index_ignore = True

    class Meta:
        indexes = [
            models.Index(
                fields=["published_at"], condition=models.Q(is_brief=False), name="reading_in_full"
            ),
        ]

    def __str__(self) -> str:
        return f"reading of article {self.article_id}"


class Posting(models.Model):
    """That an article holds a term or name: how candidates are found without a scan.

    A name's term begins with `=`. `at` is the article's time in seconds since 1970, UTC.
    """

    locale = models.ForeignKey(
        "wagtailcore.Locale", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    term = models.CharField(max_length=40)
    at = models.BigIntegerField()
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+")
    weight = models.FloatField()
    is_sure = models.BooleanField(default=True)

    wagtail_reference_index_ignore = True

    class Meta:
        indexes = [
            models.Index(
                fields=["locale", "term", "at", "article", "weight", "is_sure"],
                name="posting_by_term",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.term} in article {self.article_id}"


class DocumentFrequency(models.Model):
    """How many articles of an edition held a term or name when they were published.

    The empty term counts the articles.
    """

    locale = models.ForeignKey(
        "wagtailcore.Locale", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    term = models.CharField(max_length=40)
    articles = models.PositiveIntegerField(default=0)

    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["locale", "term"], name="one_frequency_a_term"),
        ]

    def __str__(self) -> str:
        return f"{self.term}: {self.articles}"


class RelatedArticle(models.Model):
    """A link of one theme between articles of different stories; stored both ways.

    One to the background of an article, which is long past, is stored for that article alone.
    """

    article = models.ForeignKey(
        Article, on_delete=models.CASCADE, related_name="related_articles", db_index=False
    )
    other = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+")
    score = models.FloatField()
    names = models.JSONField(default=list)
    is_background = models.BooleanField(default=False)

    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["article", "other"], name="one_link_a_pair"),
        ]

    def __str__(self) -> str:
        return f"article {self.article_id} and {self.other_id}: {', '.join(self.names)}"


class AnnouncedDate(models.Model):
    """A sentence of an article that says what is to happen, and when.

    `date` is the first day of what `precision` leaves open.
    """

    class Precision(models.TextChoices):
        DAY = "day", "day"
        WEEK = "week", "week"
        MONTH = "month", "month"
        YEAR = "year", "year"

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="announced_dates")
    date = models.DateField()
    precision = models.CharField(max_length=5, choices=Precision)
    text = models.TextField()

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"{self.date} ({self.precision}): {self.text[:60]}"


class PinnedArticle(models.Model):
    """An article that the desk put into a story: it stays there whatever it says."""

    article = models.OneToOneField(
        Article, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="pinned")

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"article {self.article_id} in story {self.story_id}"


class BarredArticle(models.Model):
    """An article that the desk took out of a story: it never joins it again."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+", db_index=False)
    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="barred")

    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["article", "story"], name="one_bar_a_pair"),
        ]

    def __str__(self) -> str:
        return f"article {self.article_id} not in story {self.story_id}"


class StoriesApart(models.Model):
    """Two stories that never show together; stored both ways."""

    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="apart", db_index=False)
    other = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="+")

    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["story", "other"], name="one_parting_of_stories"),
        ]

    def __str__(self) -> str:
        return f"stories {self.story_id} and {self.other_id}"


class ArticlesApart(models.Model):
    """Two articles that never show together, nor share a story; stored both ways."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+", db_index=False)
    other = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+")

    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["article", "other"], name="one_parting_of_articles"),
        ]

    def __str__(self) -> str:
        return f"articles {self.article_id} and {self.other_id}"


class StoryAct(models.Model):
    """What somebody at the desk decided about a story, when and why: a record, never changed.

    `other` is the second story where there is one; `subject` is the headline, as it then was, of
    the article or the other story that it was about. Acts of a story that became part of another
    one are that one's.
    """

    class Kind(models.TextChoices):
        PIN = "pin", _("Pinned")
        RELEASE = "release", _("No longer pinned")
        REMOVE = "remove", _("Taken out")
        ALLOW = "allow", _("May join again")
        MOVE = "move", _("Moved here")
        MERGE = "merge", _("Merged")
        SPLIT = "split", _("Split off")
        RENAME = "rename", _("Headline and summary")
        CLOSE = "close", _("Closed")
        REOPEN = "reopen", _("Opened again")
        FEATURE = "feature", _("Featured")
        UNFEATURE = "unfeature", _("No longer featured")
        APART = "apart", _("Never together")
        TOGETHER = "together", _("May be together again")

    kind = models.CharField(max_length=10, choices=Kind)
    story = models.ForeignKey(Story, on_delete=models.SET_NULL, null=True, related_name="acts")
    other = models.ForeignKey(Story, on_delete=models.SET_NULL, null=True, related_name="+")
    article_ids = models.JSONField(default=list)
    subject = models.CharField(max_length=300, blank=True, default="")
    reason = models.CharField(max_length=255, blank=True, default="")
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"{self.kind} of story {self.story_id} by {self.made_by}"


class StoryProposal(models.Model):
    """Two stories that look like one, for the desk to merge or to leave; `story` has the lower id.

    `article` is the one that fitted both, `score` how alike the stories are, 0.0–1.0. What was
    dismissed stays, and is never proposed again.
    """

    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="+", db_index=False)
    other = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="+")
    article = models.ForeignKey(Article, on_delete=models.SET_NULL, null=True, related_name="+")
    score = models.FloatField()
    found_at = models.DateTimeField()
    dismissed_by = models.CharField(max_length=150, blank=True, default="")
    dismissed_at = models.DateTimeField(null=True)

    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["story", "other"], name="one_proposal_a_pair"),
        ]

    def __str__(self) -> str:
        return f"stories {self.story_id} and {self.other_id}: {self.score:.2f}"
