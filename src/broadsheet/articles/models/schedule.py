from django.db import models


class FailedSchedule(models.Model):
    """A scheduled publishing or expiry that failed at its moment; deleted when it succeeds."""

    class Act(models.TextChoices):
        GO_LIVE = "go_live", "go live"
        EXPIRE = "expire", "expire"

    article = models.ForeignKey(
        "broadsheet_articles.Article", on_delete=models.CASCADE, related_name="failed_schedules"
    )
    act = models.CharField(max_length=10, choices=Act)
    due_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=1)
    last_error = models.TextField()
    next_try_at = models.DateTimeField(db_index=True)

    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["article", "act"], name="one_failed_schedule"),
        ]

    def __str__(self) -> str:
        return f"article {self.article_id} did not {self.get_act_display()}: {self.tries} tries"
