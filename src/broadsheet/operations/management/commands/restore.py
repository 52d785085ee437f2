from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from broadsheet.operations.backing_up import CannotBackUpError
from broadsheet.operations.restoring import CannotRestoreError, restore


class Command(BaseCommand):
    help = (
        "Put a backup back into BROADSHEET_HOME, which is missing or empty. Each file is checked "
        "first. Then the installation is set up as by `broadsheet init`."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", type=Path, help="where the backup is")

    def handle(self, **options: Any) -> None:
        try:
            done = restore(options["directory"], tell=self.stderr.write)
        except (CannotRestoreError, CannotBackUpError) as error:
            raise CommandError(str(error), returncode=2) from None
        except OSError as error:
            raise CommandError(f"{settings.HOME} cannot be used: {error}", returncode=2) from None
        self.stdout.write(
            f"{done.files} files are back in {settings.HOME}, counts up to view {done.sequence}; "
            "next: broadsheet serve"
        )
