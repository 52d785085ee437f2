from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from broadsheet.articles.searching.indexing import index_missing, rebuild


class Command(BaseCommand):
    help = "Put into the index of search what is missing there, or make all of it anew."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--rebuild",
            action="store_true",
            help="make the whole index anew; until it is done, what has not come yet is not found",
        )

    def handle(self, **options: Any) -> None:
        done = 0
        for done in rebuild() if options["rebuild"] else index_missing():
            self.stderr.write(f"\r{done:,} articles", ending="")
        if done:
            self.stderr.write("")
        self.stdout.write(f"{done} articles put into the index")
