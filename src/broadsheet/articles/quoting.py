"""The quotes of live articles as rows, so that a person's page finds them all."""

from collections.abc import Iterable

from .models import Article, Quote


def quotes_in(article: Article) -> list[Quote]:
    """Return the body's quotes as unsaved rows; `anchor` is the block's id in the page."""
    return [
        Quote(
            article=article,
            person_id=block.value["speaker"].pk,
            text=block.value["text"],
            role=block.value["role"] or "",
            where=block.value["where"] or "",
            said_on=block.value["said_on"],
            anchor=quote_anchor(block.id),
            translated_from=block.value.get("translated_from") or "",
        )
        for block in article.body
        if block.block_type == "quote" and block.value["speaker"] is not None
    ]


def quote_anchor(block_id: str | None) -> str:
    return f"quote-{(block_id or '')[:8]}"


def index_quotes(articles: Iterable[Article]) -> None:
    """Replace the quote rows of `articles` by what their bodies hold now."""
    articles = list(articles)
    Quote.objects.filter(article__in=[article.pk for article in articles]).delete()
    Quote.objects.bulk_create([quote for article in articles for quote in quotes_in(article)])
