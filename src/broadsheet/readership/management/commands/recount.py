import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from broadsheet.readership.recounting import Recount, recount


class Command(BaseCommand):
    help = (
        "Count the view log again, its checkpoint and all records after it, and print each "
        "difference, one a line. "
        "Exit code 0: there is none; 1: there are."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--apply", action="store_true", help="set every differing number to what the log says"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, **options: Any) -> None:
        try:
            found = recount(now=timezone.now(), apply=options["apply"])
        except OSError as error:
            raise CommandError(f"The view log cannot be read: {error}", returncode=2) from error
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(found)))
        else:
            for difference in found.differences:
                self.stdout.write(difference.text)
            mended = " mended" if found.is_applied and found.differences else ""
            self.stderr.write(
                f"{found.records} views counted again, {len(found.differences)} differences{mended}"
            )
            if found.lost:
                self.stderr.write(_say_loss(found))
        if found.differences:
            sys.exit(1)


def _say_loss(found: Recount) -> str:
    if found.is_applied:
        return f"{found.lost} views that the log has lost are now missing in the counts too"
    return f"{found.lost} views were counted that the log has lost since; --apply takes them out"


def _as_json(found: Recount) -> dict[str, Any]:
    return {
        "sequence": found.sequence,
        "records": found.records,
        "lost": found.lost,
        "is_mended": found.is_applied and bool(found.differences),
        "differences": [
            {"what": one.name, "tables": one.stored, "log": one.counted}
            for one in found.differences
        ],
    }
