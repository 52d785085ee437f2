"""What search keeps beside the full text itself, whose table is `searching.tables`."""

from django.db import models

from .article import Article
from .editions import Edition


class SearchEntry(models.Model):
    """A live article in the index: where it stands there, and the words of its headline."""

    article = models.OneToOneField(
        Article, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    place = models.BigIntegerField(unique=True)
    #: Parted by spaces; they are counted in `SearchWord`.
    words = models.TextField()
    version = models.SmallIntegerField()

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"{self.article_id} at {self.place}"


class SearchWord(models.Model):
    """A word of an edition's headlines, and in how many it stands: for completing and correcting.

    In bytes of UTF-8, which both databases put in the same order, so that what begins alike is a
    span of the index.
    """

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="+")
    word = models.BinaryField()
    count = models.IntegerField()

    wagtail_reference_index_ignore = True

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["edition", "word"], name="search_one_word"),
        ]

    def __str__(self) -> str:
        return bytes(self.word).decode()


class SearchSpelling(models.Model):
    """A word as it would begin with one letter less: a number made of that and of its edition."""

    variant = models.BigIntegerField(db_index=True)
    word = models.ForeignKey(SearchWord, on_delete=models.CASCADE, related_name="+")

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return str(self.variant)
