import gc
import signal
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils.module_loading import import_string

from broadsheet.operations.setting_up import NotSetUpError, check_set_up
from broadsheet.operations.web_process import end_with_supervisor
from broadsheet.operations.working import AloneLeads, Leading, Worker, WorkerRunsError

#: How long a lane computes before another that waits for its turn gets it; Python's own 5 ms are
#: waited for after each of a fold's statements. Beside a lane that presses pages it folded half as
#: many views; a tenth of the pages is what the shorter turns cost.
_TURN_SECONDS = 0.001


class Command(BaseCommand):
    help = (
        "Run the worker alone: deliver facts, fold views, publish on time. `serve` runs one; "
        "a machine has one at a time."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--supervised",
            action="store_true",
            help="end when standard input closes, as `serve` wants it",
        )

    def handle(self, **options: Any) -> None:
        worker = Worker(import_string(settings.CLOCK), home=settings.HOME, leading=_find_leading())
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: worker.stop())
        if options["supervised"]:
            end_with_supervisor()
        try:
            check_set_up()
            # What is loaded now stays. Going through all of it again took the garbage collector
            # 100 ms at a time, which is when an article waited for its theme.
            gc.freeze()
            sys.setswitchinterval(_TURN_SECONDS)
            worker.run()
        except (NotSetUpError, WorkerRunsError) as error:
            raise CommandError(str(error), returncode=2) from None


def _find_leading() -> Leading:
    """Return who says whether this machine leads. Without PostgreSQL there is no other."""
    if connection.vendor != "postgresql":
        return AloneLeads()
    from broadsheet.operations.leading import Leadership  # noqa: PLC0415 - its library is an extra

    return Leadership(connection.settings_dict)
