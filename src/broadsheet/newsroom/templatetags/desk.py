from django import template
from django.conf import settings

from broadsheet.newsroom import article_list, charts, editions

register = template.Library()


@register.simple_tag
def agency_name() -> str:
    return str(settings.SITE_NAME)


register.filter("language_of", editions.language_of)
register.filter("published_at", article_list.published_at)
register.filter("as_number", charts.say_number)
