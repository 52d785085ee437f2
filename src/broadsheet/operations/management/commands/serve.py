import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from broadsheet.operations.serving import BadAddressError, add_bind_option, serve
from broadsheet.operations.setting_up import NotSetUpError, check_set_up
from broadsheet.operations.working import WorkerRunsError
from broadsheet.readership.whole_files import BadFileError


class Command(BaseCommand):
    help = (
        "Run everything on this machine: web processes and the worker, supervised as one program. "
        "Ctrl-C or SIGTERM ends it; nothing is lost."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        add_bind_option(parser)
        parser.add_argument(
            "--processes",
            type=int,
            metavar="N",
            help="how many web processes (default: BROADSHEET_WEB_PROCESSES)",
        )

    def handle(self, **options: Any) -> None:
        try:
            check_set_up()
            code = serve(options["bind"], processes=options["processes"])
        except (NotSetUpError, BadAddressError, BadFileError, WorkerRunsError) as error:
            raise CommandError(str(error), returncode=2) from None
        if code:
            sys.exit(code)
