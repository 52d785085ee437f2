"""Archives for tests, in our own words."""

import json
from io import StringIO

from broadsheet.wire.imports.jsonl.importing import import_archive


def make_line(number=1, **fields):
    """A line that becomes an article; `field=None` leaves a field out."""
    line = {
        "id": f"old-{number}",
        "edition": "en",
        "headline": f"Lighthouse keeper number {number} retires",
        "lead": "The lamp goes on without a keeper.",
        "body": "<p>He kept the lamp for forty years.</p><h2>Who comes next</h2><p>Nobody.</p>",
        "published_at": "2020-02-29T12:30:00+02:00",
    }
    line |= fields
    return {name: value for name, value in line.items() if value is not None}


def write_archive(path, lines):
    """Write dicts as JSON, and bytes or texts as they are, one a line."""
    with path.open("wb") as file:
        for line in lines:
            content = line if isinstance(line, str | bytes) else json.dumps(line)
            file.write(content if isinstance(content, bytes) else content.encode())
            file.write(b"\n")
    return path


class Told(StringIO):
    """What was told, a line each; stands for the command's stderr."""

    def write(self, msg):
        return super().write(msg if msg.endswith("\n") else f"{msg}\n")

    @property
    def lines(self):
        return self.getvalue().splitlines()


def bring_in(path, lines=None, *, source="old-site", renamed=(), edition=None, dry_run=False):
    """Import an archive, written first where `lines` are given; returns what was done and told."""
    if lines is not None:
        write_archive(path, lines)
    told = Told()
    done = import_archive(
        path,
        source=source,
        renamed=list(renamed),
        edition_code=edition,
        is_dry_run=dry_run,
        tell=told,
    )
    return done, told.lines
