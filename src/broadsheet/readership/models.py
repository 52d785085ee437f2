"""Counts, in a database of their own: ids of articles, and no relation to what they are.

The tables of the checkpoint lie in another, beside the view log whose beginning they stand for.
"""

from django.db import models
from django.db.models import F, Q

FIVE_MINUTES, HOUR, DAY = 300, 3600, 86_400
#: Every article of an edition, whatever section, tag or author it has.
NO_RECORD = 0
#: The section of views of an article of which none is known.
NO_SECTION = 0
#: Before and after every moment (ms).
NEVER_MS, FOR_EVER_MS = -(2**62), 2**62


class ArticleCount(models.Model):
    """One article's count, and the place that it has in the newsroom's order.

    `counted` views come from the log, `imported` ones from a former system; readers see their
    `total`. `robots` are kept apart. An article that the fold met before it was placed has no
    edition yet. `revision` is that of the row's last change: whoever writes takes one.
    `ranked_total` follows `total` when all time is ranked: an index of the total itself would cost
    the fold four pages more for every view of an old article, of six.
    """

    article_id = models.BigIntegerField(primary_key=True)
    edition_id = models.BigIntegerField(null=True)
    section_id = models.BigIntegerField(null=True)
    is_live = models.BooleanField(default=False)
    published_at = models.DateTimeField(null=True)
    imported = models.BigIntegerField(default=0)
    counted = models.BigIntegerField(default=0)
    robots = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    ranked_total = models.BigIntegerField(default=0, db_default=0)
    revision = models.BigIntegerField(default=0)

    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(total=F("imported") + F("counted")),
                name="total_is_imported_and_counted",
            ),
        ]
        indexes = [
            # Most read of all time: the first rows of the index are the answer.
            models.Index(
                fields=["edition_id", "-ranked_total", "-published_at", "-article_id"],
                name="most_read_in_edition",
                condition=Q(is_live=True),
            ),
            models.Index(
                fields=[
                    "edition_id",
                    "section_id",
                    "-ranked_total",
                    "-published_at",
                    "-article_id",
                ],
                name="most_read_in_section",
                condition=Q(is_live=True),
            ),
            # What changed since a revision. A row that never changed is not in it, which spares
            # the fold a random page of the index for each.
            models.Index(
                fields=["revision", "article_id"],
                name="changed_since",
                condition=~Q(revision=0),
            ),
        ]

    def __str__(self) -> str:
        return f"article {self.article_id}: {self.total}"


class Bucket(models.Model):
    """Counted views of one article in one span of UTC: `size` seconds from `start` (Unix time).

    `section_id` is the section that the article had when the views were folded, or `NO_SECTION`.
    """

    pk = models.CompositePrimaryKey("size", "start", "article_id", "section_id")
    size = models.PositiveIntegerField()
    start = models.BigIntegerField()
    article_id = models.BigIntegerField()
    section_id = models.BigIntegerField(default=NO_SECTION)
    views = models.PositiveIntegerField()

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"article {self.article_id}, {self.size} s from {self.start}: {self.views}"


class DroppedViews(models.Model):
    """How many views of a UTC day were logged and not counted, by the verdict that says why."""

    pk = models.CompositePrimaryKey("day", "verdict")
    day = models.BigIntegerField()  # Unix time of its midnight
    verdict = models.CharField(max_length=255)
    views = models.PositiveBigIntegerField()

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"{self.verdict} on {self.day}: {self.views}"


class OpenWindow(models.Model):
    """When a reader's view of an article last counted; gone some time after it stops to matter.

    The latest are in `WindowBatch`: `open_windows` says what both come to.
    """

    pk = models.CompositePrimaryKey("reader", "article_id")
    reader = models.BinaryField(max_length=16)
    article_id = models.BigIntegerField()
    last_counted_at_ms = models.BigIntegerField()

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"article {self.article_id} at {self.last_counted_at_ms}"


class WindowBatch(models.Model):
    """What one transaction of the fold set: `open_windows.Entry`s, in the order of readers.

    They lie between `oldest_ms` and `newest_ms`. `token`, which is random, tells it from any other.
    """

    token = models.BigIntegerField()
    oldest_ms = models.BigIntegerField(db_index=True)
    newest_ms = models.BigIntegerField(db_index=True)
    entries = models.BinaryField()

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"windows from {self.oldest_ms} to {self.newest_ms}"


class WindowSlice(models.Model):
    """The windows whose reader's hash begins with the bits of `number`.

    Those that batches up to `merged_batch` say are in the table. There, what does not lie
    between `after_ms` and `before_ms`, both excluded, is forgotten; it was deleted when `after_ms`
    was `swept_ms`.
    """

    number = models.PositiveSmallIntegerField(primary_key=True)
    merged_batch = models.BigIntegerField(default=0)
    after_ms = models.BigIntegerField(default=NEVER_MS)
    before_ms = models.BigIntegerField(default=FOR_EVER_MS)
    swept_ms = models.BigIntegerField(default=NEVER_MS)

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"slice {self.number}, merged up to batch {self.merged_batch}"


class FoldState(models.Model):
    """The one row that says how far the log is counted (a `LogPlace`), and which `revision` of
    the counts is the last.
    """

    segment = models.BigIntegerField(default=0)
    offset = models.BigIntegerField(default=0)
    taken = models.IntegerField(default=0)
    sequence = models.BigIntegerField(default=0)
    folded_at = models.DateTimeField(null=True)
    revision = models.BigIntegerField(default=0)

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"counted up to view {self.sequence}"

    @classmethod
    def load(cls) -> "FoldState":
        state, _ = cls.objects.get_or_create(pk=1)
        return state


class Ranking(models.Model):
    """A computed list of what is read most, first to last. `record_id` is the section, tag or
    author that it is of, or `NO_RECORD`. `totals` are the views of a list of all time.
    """

    pk = models.CompositePrimaryKey("window", "edition_id", "kind", "record_id")
    window = models.CharField(max_length=10)
    edition_id = models.BigIntegerField()
    kind = models.CharField(max_length=10)
    record_id = models.BigIntegerField()
    article_ids = models.JSONField()
    totals = models.JSONField(default=list)

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"{self.window} of {self.kind} {self.record_id}: {len(self.article_ids)} articles"


class RankedWindow(models.Model):
    """When the lists of a window were last computed, and whether they are to be at once.

    Lists of all time follow the counts: they hold what changed up to this article of that
    revision.
    """

    window = models.CharField(max_length=10, primary_key=True)
    computed_at = models.DateTimeField(null=True)
    is_due = models.BooleanField(default=False)
    revision = models.BigIntegerField(default=0)
    article_id = models.BigIntegerField(default=0)

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"{self.window} as of {self.computed_at}"


class SectionMove(models.Model):
    """An article stood in another section: `section_id` for views up to `until_sequence`.

    With these a recount puts every view where the fold put it. Later views belong to the next
    move, or to the section that `ArticleCount` has.
    """

    pk = models.CompositePrimaryKey("article_id", "until_sequence")
    article_id = models.BigIntegerField()
    until_sequence = models.BigIntegerField()
    section_id = models.BigIntegerField()

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"article {self.article_id} in section {self.section_id} to {self.until_sequence}"


class ReferrerCount(models.Model):
    """Counted views of an article on one UTC day, by the host that referred; "" where none did."""

    pk = models.CompositePrimaryKey("day", "host", "article_id")
    day = models.BigIntegerField()  # Unix time of its midnight
    host = models.CharField(max_length=255)
    article_id = models.BigIntegerField()
    views = models.PositiveBigIntegerField()

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"{self.host} to article {self.article_id} on {self.day}: {self.views}"


class Exclusion(models.Model):
    """Views that an editor does not want counted: those of a referring host, or of a network.

    They are meant by the moment they were received, from `from_ms` on and before `until_ms`,
    where there is an end. `network_hashes` are the hashes of a network's addresses by the keys
    that lived when it was made: they find its views of those days alone, and intake the later
    ones. One that begins in the past is `applied_at` the end of a recount, which took `removed`
    views out; any other at once.
    """

    class Kind(models.TextChoices):
        REFERRER = "referrer", "Referring site"
        NETWORK = "network", "Network"

    kind = models.CharField(max_length=10, choices=Kind)
    value = models.CharField(max_length=255)
    from_ms = models.BigIntegerField()
    until_ms = models.BigIntegerField(null=True)
    network_hashes = models.JSONField(default=list)  # hexadecimal
    reason = models.CharField(max_length=255)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)
    removed = models.PositiveBigIntegerField(null=True)

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class PopularChoice(models.Model):
    """What an editor decided about an article in the lists of what is read most, and why."""

    class Kind(models.TextChoices):
        PIN = "pin", "Pinned on top"
        KEEP_OUT = "keep_out", "Kept out"

    edition_id = models.BigIntegerField()
    article_id = models.BigIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    reason = models.CharField(max_length=255)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    until = models.DateTimeField(null=True)

    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["edition_id", "article_id"], name="one_choice_an_article"
            ),
        ]

    def __str__(self) -> str:
        return f"article {self.article_id}: {self.kind}"


class LogDamage(models.Model):
    """Bytes of the view log that hold no whole frame, and the views that are missing for it.

    It is a `view_reading.DamagedExtent`, found once. With `was_counted` the views were counted
    before the bytes went bad: the counts have them, and a recount has not.
    """

    name = models.CharField(max_length=100)  # of the file; empty where none is left
    offset = models.BigIntegerField()
    end = models.BigIntegerField()
    first_missing = models.BigIntegerField()
    missing = models.BigIntegerField()
    was_counted = models.BooleanField(default=False)
    found_at = models.DateTimeField()

    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name", "offset", "first_missing"], name="one_report_a_damage"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} from byte {self.offset}: {self.missing} views"


class CheckpointState(models.Model):
    """The one row that says up to which place of the log (a `LogPlace`) the checkpoint stands for
    it. What lies before is deleted.
    """

    segment = models.BigIntegerField()
    offset = models.BigIntegerField()
    sequence = models.BigIntegerField()
    made_at = models.DateTimeField()

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"all up to view {self.sequence}"


class CheckpointArticleCount(models.Model):
    """As `ArticleCount`, up to the checkpoint."""

    article_id = models.BigIntegerField(primary_key=True)
    counted = models.BigIntegerField()
    robots = models.BigIntegerField()

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"article {self.article_id}: {self.counted}"


class CheckpointBucket(models.Model):
    """As `Bucket`, up to the checkpoint."""

    pk = models.CompositePrimaryKey("size", "start", "article_id", "section_id")
    size = models.PositiveIntegerField()
    start = models.BigIntegerField()
    article_id = models.BigIntegerField()
    section_id = models.BigIntegerField()
    views = models.PositiveIntegerField()

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"article {self.article_id}, {self.size} s from {self.start}: {self.views}"


class CheckpointDroppedViews(models.Model):
    """As `DroppedViews`, up to the checkpoint."""

    pk = models.CompositePrimaryKey("day", "verdict")
    day = models.BigIntegerField()
    verdict = models.CharField(max_length=255)
    views = models.PositiveBigIntegerField()

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"{self.verdict} on {self.day}: {self.views}"


class CheckpointReferrerCount(models.Model):
    """As `ReferrerCount`, up to the checkpoint."""

    pk = models.CompositePrimaryKey("day", "host", "article_id")
    day = models.BigIntegerField()
    host = models.CharField(max_length=255)
    article_id = models.BigIntegerField()
    views = models.PositiveBigIntegerField()

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"{self.host} to article {self.article_id} on {self.day}: {self.views}"


class CheckpointOpenWindow(models.Model):
    """As `OpenWindow`, at the checkpoint."""

    pk = models.CompositePrimaryKey("reader", "article_id")
    reader = models.BinaryField(max_length=16)
    article_id = models.BigIntegerField()
    last_counted_at_ms = models.BigIntegerField()

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"article {self.article_id} at {self.last_counted_at_ms}"
