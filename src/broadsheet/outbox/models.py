from django.db import models


class Fact(models.Model):
    """Something that happened, written in the transaction of the change that it reports."""

    name = models.CharField(max_length=80)
    payload = models.JSONField()
    is_bulk = models.BooleanField(default=False)
    announced_at = models.DateTimeField(db_index=True)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # What is waiting, live facts before bulk ones; the index holds only what waits.
            models.Index(
                fields=["is_bulk", "id"],
                name="fact_waiting",
                condition=models.Q(delivered_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.pk}"


class FailedReaction(models.Model):
    """A reaction that has not yet succeeded for one fact; deleted when it does."""

    fact = models.ForeignKey(Fact, on_delete=models.CASCADE, related_name="failures")
    reaction = models.CharField(max_length=200)
    tries = models.PositiveIntegerField(default=1)
    last_error = models.TextField()
    next_try_at = models.DateTimeField(db_index=True)
    given_up_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["fact", "reaction"], name="one_failure_a_reaction"),
        ]

    def __str__(self) -> str:
        return f"{self.reaction} on fact {self.fact_id}: {self.tries} tries"
