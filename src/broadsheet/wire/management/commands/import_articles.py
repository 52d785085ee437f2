"""`broadsheet import`: bring articles in. Parses, calls one function, prints."""

import json
import sys
from argparse import RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from broadsheet.articles.models.names import NEWS_SECTION
from broadsheet.wire.imports.capture.importing import CaptureImported, import_capture
from broadsheet.wire.imports.capture.reading import CaptureError
from broadsheet.wire.imports.jsonl.importing import ArchiveImported, import_archive
from broadsheet.wire.imports.jsonl.reading import FIELDS
from broadsheet.wire.imports.jsonl.writing import ImportStoppedError
from broadsheet.wire.imports.targets import ImportRefusedError

DONE, PARTLY, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
MAX_CAPTURE_BYTES = 1024 * 1024  # a page of text is a few kilobytes

EXIT_CODES = (
    "exit codes: 0 done · 1 partly: some lines were bad, the rest is in · 2 bad input or usage, "
    "nothing was written · 130 interrupted; run it again to go on"
)


class Command(BaseCommand):
    help = "Bring articles in: a saved page (capture), or an archive (jsonl)."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.epilog = EXIT_CODES
        kinds = parser.add_subparsers(dest="kind", required=True, metavar="capture|jsonl")
        self._add_capture(kinds)
        self._add_jsonl(kinds)

    def _add_capture(self, kinds: Any) -> None:
        capture: CommandParser = kinds.add_parser(
            "capture",
            help="the saved text of one page",
            description="Bring in the saved text of one page: its article, and a flash for each "
            "headline that it lists. What the edition has already is left as it is.",
            epilog=EXIT_CODES,
        )
        capture.add_argument("file", type=Path, metavar="FILE", help="the saved text, in UTF-8")
        capture.add_argument(
            "--edition", required=True, help="the edition it goes into, such as en"
        )
        capture.add_argument(
            "--captured-at",
            metavar="ISO",
            help="when the page was saved, in the edition's zone unless it has an offset; "
            "articles without a time of their own get it (default: one hour after the newest "
            "moment on the page)",
        )
        capture.add_argument(
            "--section",
            default=NEWS_SECTION,
            help="the article's section, by slug or name (default: %(default)s); flashes always "
            "go into news",
        )
        capture.add_argument("--json", action="store_true", help="print the result as JSON")

    def _add_jsonl(self, kinds: Any) -> None:
        jsonl: CommandParser = kinds.add_parser(
            "jsonl",
            help="an archive, one JSON object a line",
            formatter_class=RawDescriptionHelpFormatter,
            description="Bring in an archive, one JSON object a line, with the fields\n\n  "
            + "\n  ".join(f"{name:14}{text}" for name, text in FIELDS.items())
            + "\n\nA line is known by SOURCE and its id: what is here already is skipped.",
            epilog=EXIT_CODES,
        )
        jsonl.add_argument("file", type=Path, metavar="FILE", help="the archive, in UTF-8")
        jsonl.add_argument(
            "--source",
            required=True,
            metavar="NAME",
            help="the archive's name: ids are unique in it",
        )
        jsonl.add_argument(
            "--map",
            action="extend",
            nargs="+",
            default=[],
            metavar="THEIRS=OURS",
            help="their name of a field and ours, such as title=headline; may be repeated",
        )
        jsonl.add_argument("--edition", help="the edition of lines that name none, such as en")
        jsonl.add_argument(
            "--dry-run", action="store_true", help="check every line and write nothing"
        )
        jsonl.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            code = self._capture(options) if options["kind"] == "capture" else self._jsonl(options)
        except (CaptureError, ImportRefusedError) as error:
            raise CommandError(f"{options['file']}: {error}", returncode=BAD_INPUT) from None
        except ImportStoppedError as error:
            raise CommandError(f"{error}; run it again to go on", returncode=PARTLY) from None
        except KeyboardInterrupt:
            self.stderr.write("interrupted; run it again to go on")
            code = INTERRUPTED
        if code != DONE:
            sys.exit(code)

    def _capture(self, options: dict[str, Any]) -> int:
        done = import_capture(
            read_text(options["file"]),
            edition_code=options["edition"],
            captured_at=options["captured_at"],
            section=options["section"],
            now=timezone.now(),
        )
        for notice in done.notices:
            self.stderr.write(f"{options['file']}: {notice}")
        self.stdout.write(_capture_json(done) if options["json"] else _capture_lines(done))
        return DONE

    def _jsonl(self, options: dict[str, Any]) -> int:
        done = import_archive(
            options["file"],
            source=options["source"],
            renamed=options["map"],
            edition_code=options["edition"],
            is_dry_run=options["dry_run"],
            tell=self.stderr,
        )
        self.stdout.write(json.dumps(done.as_dict()) if options["json"] else _archive_lines(done))
        if done.was_interrupted:
            self.stderr.write("interrupted; run it again to go on")
            return INTERRUPTED
        if done.bad and not (done.imported or done.present):
            return BAD_INPUT
        return PARTLY if done.bad else DONE


def read_text(path: Path) -> str:
    """Return a file's text. Raises `ImportRefusedError`, or `CaptureError` for what is no text."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_CAPTURE_BYTES + 1)
    except OSError as error:
        raise ImportRefusedError(error.strerror or "cannot be read") from None
    if len(content) > MAX_CAPTURE_BYTES:
        raise ImportRefusedError("larger than 1 MiB: this is no saved page")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise CaptureError(line, "not UTF-8 text") from None


def _capture_lines(done: CaptureImported) -> str:
    state = "imported" if done.slug in done.made else "already there"
    if done.article_id is None:
        state = "deleted since, left out"
    flashes = len(done.made.keys() - {done.slug})
    present = len(done.present.keys() - {done.slug})
    deleted = len(set(done.deleted) - {done.slug})
    return (
        f"/{done.edition}/news/{done.slug} {state}; {flashes} flashes imported, "
        f"{present} already there{f', {deleted} deleted since' if deleted else ''}; "
        f"{len(done.counts)} counts"
    )


def _capture_json(done: CaptureImported) -> str:
    return json.dumps(
        {
            "edition": done.edition,
            "article": done.article_id,
            "slug": done.slug,
            "captured_at": done.captured_at.isoformat(),
            "made": done.made,
            "present": done.present,
            "deleted": done.deleted,
            "counts": done.counts,
            "notices": done.notices,
        },
        ensure_ascii=False,
    )


def _archive_lines(done: ArchiveImported) -> str:
    verb = "would be imported" if done.is_dry_run else "imported"
    lines = f"{done.imported} articles {verb}, {done.present} already there, {done.bad} bad lines"
    if done.changed:
        lines += f"; {done.changed} have changed in the archive since and were left as they are"
    return lines
