"""The desk's addresses and forms, as a browser sends them."""

from uuid import uuid4

from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from broadsheet.articles.models import Article

AS_SCRIPT = {"HTTP_ACCEPT": "application/json"}
NOTHING_INLINE = {name: inline_formset([]) for name in ("bylines", "sourcings", "corrections")}


def desk(name, *args, query="", model=Article):
    return reverse(model.snippet_viewset.get_url_name(name), args=args) + query


def article_form(headline, section, *, body=(), **fields):
    """The fields of the article's form as a browser posts them; `fields` replace the empty ones."""
    blank = {
        "headline": headline,
        "section": section.pk,
        "dateline": "",
        "lead": "",
        "image": "",
        "image_alt": "",
        "image_caption": "",
        "tags": "",
        "slug": "",
        "go_live_at": "",
        "expire_at": "",
        "body": streamfield(list(body)),
        **NOTHING_INLINE,
    }
    return nested_form_data({**blank, **fields})


def paragraph(text):
    return ("paragraph", rich_text(f"<p>{text}</p>"))


def list_of(values):
    """A ListBlock's values."""
    return {
        "count": len(values),
        **{
            str(n): {"value": value, "order": n, "deleted": "", "type": "item", "id": str(uuid4())}
            for n, value in enumerate(values)
        },
    }


def form_errors(response):
    form = response.context["form"]
    return {
        **form.errors,
        **{name: fs.errors for name, fs in form.formsets.items() if any(fs.errors)},
    }


def publish(client, article, section=None, **changes):
    """Post the article's form with "Publish" pressed; return the response."""
    headline = changes.pop("headline", article.headline)
    data = article_form(headline, section or article.section, **changes)
    return client.post(desk("edit", article.pk), {**data, "action-publish": "action-publish"})
