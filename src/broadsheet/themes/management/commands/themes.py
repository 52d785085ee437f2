import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from broadsheet.articles.models import Edition
from broadsheet.themes.clustering import JOIN_THRESHOLD
from broadsheet.themes.evaluating import (
    WITHOUT_SPACES,
    BadLineError,
    Evaluation,
    Labelled,
    evaluate,
    read_labelled,
)
from broadsheet.themes.explaining import NotRelatedError, explain
from broadsheet.themes.rebuilding import rebuild_stories

_HEAD = (
    f"{'file':24}{'lang':6}{'articles':>9}{'stories':>15}   {'BCubed P   R     F1':22}"
    f"{'pairs P    R     F1':22}{'alone F1':>9}{'articles/s':>12}{'MB':>6}"
)


class Command(BaseCommand):
    help = "Measure how stories are found, say why articles are together, place them anew."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        measuring = verbs.add_parser(
            "evaluate",
            help="replay labelled articles in the order of their dates, and measure the stories",
            description=(
                "Each FILE holds one JSON object a line: id, lang, date (may be empty), title, text, "
                "story (null where none was given). Articles are replayed in the order of their "
                "dates, by the code that the site runs. Undated ones come first, in the order of "
                "the file, and time tells nothing of them. Exit code 2: a line is no article."
            ),
        )
        measuring.add_argument("files", nargs="+", type=Path, metavar="FILE")
        measuring.add_argument("--json", action="store_true", help="print one JSON object")
        measuring.add_argument(
            "--threshold",
            type=float,
            default=JOIN_THRESHOLD,
            help="above which probability an article joins a story (default: %(default)s)",
        )
        explaining = verbs.add_parser(
            "explain", help="say why two articles are, or are not, in one story and theme"
        )
        explaining.add_argument("one", type=int, metavar="ID")
        explaining.add_argument("other", type=int, metavar="ID")
        rebuilding = verbs.add_parser(
            "rebuild", help="place all articles of an edition anew, but for what the desk decided"
        )
        rebuilding.add_argument("edition", metavar="EDITION", help="its language, such as en")

    def handle(self, **options: Any) -> None:
        if options["verb"] == "evaluate":
            self._evaluate(options)
        elif options["verb"] == "rebuild":
            self._rebuild(options["edition"])
        else:
            self._explain(options["one"], options["other"])

    def _evaluate(self, options: dict[str, Any]) -> None:
        if not 0 < options["threshold"] < 1:
            raise CommandError("--threshold lies between 0 and 1", returncode=2)
        # All files are read before the first is measured: bad input ends before any answer.
        files = [(path.name, self._read(path)) for path in options["files"]]
        found: list[Evaluation] = []
        if not options["json"]:
            self.stdout.write(_HEAD)
        for name, articles in files:
            if left_out := sorted({one.language for one in articles} & WITHOUT_SPACES):
                self.stderr.write(
                    f"{name}: {', '.join(left_out)} left out: written without spaces between words"
                )
            for evaluation in evaluate(name, articles, threshold=options["threshold"]):
                found.append(evaluation)
                if not options["json"]:
                    self.stdout.write(_row(evaluation))
        if options["json"]:
            self.stdout.write(json.dumps({"files": [one.as_json() for one in found]}))

    def _read(self, path: Path) -> list[Labelled]:
        try:
            articles = read_labelled(path)
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error}", returncode=2) from error
        except BadLineError as error:
            raise CommandError(str(error), returncode=2) from error
        if not articles:
            raise CommandError(f"{path} holds no article", returncode=2)
        return articles

    def _rebuild(self, code: str) -> None:
        edition = Edition.objects.filter(locale__language_code=code).first()
        if edition is None:
            raise CommandError(f"There is no edition {code!r}", returncode=2)
        count = rebuild_stories(edition.pk, now=timezone.now())
        self.stdout.write(f"{count} articles are placed anew")

    def _explain(self, one: int, other: int) -> None:
        try:
            explanation = explain(one, other)
        except NotRelatedError as error:
            self.stderr.write(str(error))
            sys.exit(2)
        for line in explanation:
            self.stdout.write(line)


def _row(found: Evaluation) -> str:
    stories = f"{found.stories_found} of {found.stories_given}"
    measures = "".join(
        f"{one.precision:9.3f} {one.recall:5.3f} {one.f1:5.3f} "
        for one in (found.bcubed, found.pairwise)
    )
    return (
        f"{found.file[:23]:24}{found.language:6}{found.articles:9}{stories:>15}{measures}"
        f"{found.singletons.f1:9.3f}{found.articles_per_second:12,.0f}{found.memory_mb:6.0f}"
    )
