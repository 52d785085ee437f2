from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from broadsheet.operations.setting_up import UnknownEditionError, set_up_installation


class Command(BaseCommand):
    help = (
        "Set up an installation in BROADSHEET_HOME (default ./var), or bring one up to date. "
        "Nothing is asked; running it again changes nothing. Editions, site name and time zone "
        "are taken from BROADSHEET_EDITIONS, BROADSHEET_SITE_NAME and BROADSHEET_TIME_ZONE."
    )
    requires_system_checks = ()

    def handle(self, **_options: Any) -> None:
        try:
            set_up_installation(tell=self.stderr.write)
        except UnknownEditionError as error:
            raise CommandError(str(error), returncode=2) from None
        except OSError as error:
            raise CommandError(f"{settings.HOME} cannot be used: {error}", returncode=2) from None
        self.stdout.write(
            f"{settings.HOME} is set up; next: broadsheet user NAME, broadsheet serve"
        )
