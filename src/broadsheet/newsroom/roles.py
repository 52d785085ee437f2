"""Who may do what at the desk: two groups of Django's, kept as the newsroom set them up."""

from django.contrib.auth.models import Group

EDITORS = "Editors"
REPORTERS = "Reporters"


def set_up_roles() -> None:
    """Make the groups with their permissions where they are missing. Safe to run again."""
    for name in (EDITORS, REPORTERS):
        Group.objects.get_or_create(name=name)
