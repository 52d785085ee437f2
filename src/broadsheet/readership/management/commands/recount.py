import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from broadsheet.readership.recounting import Recount, recount


class Command(BaseCommand):
    help = (
        "Count the whole view log again and print each difference, one a line. "
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
            self.stdout.write(json.dumps(_as_json(found, is_mended=options["apply"])))
        else:
            for difference in found.differences:
                self.stdout.write(difference.text)
            mended = " mended" if options["apply"] and found.differences else ""
            self.stderr.write(
                f"{found.records} views counted again, {len(found.differences)} differences{mended}"
            )
        if found.differences:
            sys.exit(1)


def _as_json(found: Recount, *, is_mended: bool) -> dict[str, Any]:
    return {
        "sequence": found.sequence,
        "records": found.records,
        "is_mended": is_mended and bool(found.differences),
        "differences": [
            {"what": one.name, "tables": one.stored, "log": one.counted}
            for one in found.differences
        ],
    }
