"""In which time zone somebody works at the desk, until they choose another one."""

from typing import Any

from django.conf import settings
from wagtail.users.models import UserProfile

from broadsheet.articles.queries import all_editions


def give_time_zone(*, instance: Any, created: bool, raw: bool = False, **_kwargs: Any) -> None:
    """Set a new login to the zone of the default edition: its 15:00 is what a schedule means."""
    if created and not raw:
        editions = all_editions()
        zone = editions[0].time_zone if editions else settings.FIRST_TIME_ZONE
        UserProfile.objects.get_or_create(user=instance, defaults={"current_time_zone": zone})
