"""What an installation needs before the first article: editions and the section for flashes."""

from collections.abc import Mapping, Sequence

from django.db import transaction
from wagtail.models import Locale

from .models import Edition, Section, SectionName
from .models.names import NEWS_SECTION


def set_up_editions(
    codes: Sequence[str], *, site_name: str, time_zone: str, section_names: Mapping[str, str]
) -> list[Edition]:
    """Switch on the editions `codes`, the first as the default, and the section "news".

    `section_names` gives that section's name by language code. What exists is left as it is,
    so running it again changes nothing.
    """
    with transaction.atomic():
        editions = []
        for code in codes:
            locale, _ = Locale.objects.get_or_create(language_code=code)
            edition, _ = Edition.objects.get_or_create(
                locale=locale,
                defaults={
                    "name": site_name,
                    "time_zone": time_zone,
                    "is_default": not Edition.objects.filter(is_default=True).exists(),
                },
            )
            editions.append(edition)
        first = SectionName.objects.filter(slug=NEWS_SECTION).select_related("owner").first()
        section = first.owner if first else Section.objects.create(position=1)
        for edition in editions:
            SectionName.objects.get_or_create(
                owner=section,
                edition=edition,
                defaults={"name": section_names[edition.code], "slug": NEWS_SECTION},
            )
    return editions
