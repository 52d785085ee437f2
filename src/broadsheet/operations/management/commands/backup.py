from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from broadsheet.operations.backing_up import BadCopyError, CannotBackUpError, back_up


class Command(BaseCommand):
    help = (
        "Copy the installation into a directory, which is missing or empty. The program may run "
        "meanwhile: what it then counts is what the original counts. No key is copied."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", type=Path, help="where the copy goes")

    def handle(self, **options: Any) -> None:
        directory: Path = options["directory"]
        try:
            files = back_up(directory, now=timezone.now(), tell=self.stderr.write)
        except CannotBackUpError as error:
            raise CommandError(str(error), returncode=2) from None
        except (BadCopyError, OSError) as error:
            raise CommandError(f"this is no whole backup: {error}", returncode=1) from None
        self.stdout.write(f"{files} files of {settings.HOME} are in {directory}")
