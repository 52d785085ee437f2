import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from broadsheet.operations.health import check_health
from broadsheet.operations.setting_up import NotSetUpError, check_set_up


class Command(BaseCommand):
    help = "Say how the installation is doing. Exit code 0: all is well; 1: something is not."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object a check")

    def handle(self, **options: Any) -> None:
        try:
            check_set_up()
        except NotSetUpError as error:
            raise CommandError(str(error), returncode=2) from None
        found = check_health(now=timezone.now())
        for one in found:
            state = "well" if one.is_well else "NOT WELL"
            line = f"{one.name:10} {state:9} {one.what}"
            self.stdout.write(json.dumps(asdict(one)) if options["json"] else line)
        if not all(one.is_well for one in found):
            sys.exit(1)
