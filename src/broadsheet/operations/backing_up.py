"""Copy an installation into a directory while it runs, so that it can be put back as it was.

Counts come first, with the place in the view log up to which they count; the log second, which
then has every view of theirs; content third. Views that came in between are folded by whoever
starts what was restored. Keys are in no backup, neither the readers' nor that of the desk.
"""

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections

from broadsheet.readership.view_log import list_segments, sync_directory
from broadsheet.readership.view_reading import open_log
from broadsheet.readership.whole_files import write_whole

#: Says what a backup holds; written last, so a directory without it is no whole backup.
CONTENTS = "backup.json"
FORMAT = 1
#: What is no database and no view, and comes along as it lies in the home.
_PLAIN = ("media", "intake", "broadsheet.toml")
_PIECE_BYTES = 1024 * 1024


class CannotBackUpError(RuntimeError):
    """There is nothing to back up, or no place for it; nothing was written."""


class BadCopyError(RuntimeError):
    """A copied database is not sound; what was written is no whole backup."""


@dataclass(frozen=True, slots=True)
class CopiedFile:
    """A file as it was copied: its path in the home, bytes, and SHA-256 in hexadecimal."""

    path: str
    size: int
    sha256: str


def back_up(directory: Path, *, now: datetime, tell: Callable[[str], None]) -> int:
    """Copy the installation into `directory`, which is missing or empty; return how many files.

    `tell` is called with a line a step. Raises `CannotBackUpError`, `BadCopyError`, and `OSError`
    where a disk fails.
    """
    check_in_files()
    _check_empty(directory)
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    log = open_log()
    # What the log keeps as sums only would be missing between older counts and a thinned log.
    with log.hold("thinning", wait=True):
        files = [_copy_database("readership", directory)]
        sequence = _read_sequence(directory / files[0].path)
        tell(f"copied the counts, up to view {sequence}")
        files += _copy_log(directory)
    tell("copied the view log")
    files.append(_copy_database("default", directory))
    tell("copied the content")
    files += [copy_file(settings.HOME, directory, path) for path in _plain_files()]
    tell("copied pictures and settings")
    _write_contents(directory, files, sequence=sequence, now=now)
    return len(files)


def check_in_files() -> None:
    """Raise `CannotBackUpError` where the data is in PostgreSQL, which has means of its own."""
    if connections["default"].vendor != "sqlite":
        raise CannotBackUpError(
            "content, counts and view log are in PostgreSQL: back them up with pg_dump, which "
            "copies all three as of one moment, and with it the home's media"
        )


def copy_file(source: Path, target: Path, path: str, *, until: int | None = None) -> CopiedFile:
    """Copy one file, or its first `until` bytes, with its time, and bring the copy to disk."""
    copied = target / path
    copied.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = hashlib.sha256(), 0
    with (source / path).open("rb") as reading, copied.open("xb") as writing:
        for piece in _pieces(reading, until):
            digest.update(piece)
            size += writing.write(piece)
        writing.flush()
        os.fsync(writing.fileno())
        state = os.fstat(reading.fileno())
    # By when a part of the log was last written it is known when it may be thinned.
    os.utime(copied, ns=(state.st_atime_ns, state.st_mtime_ns))
    shutil.copymode(source / path, copied)
    return CopiedFile(path, size, digest.hexdigest())


def sync_directories(directory: Path) -> None:
    """Bring the names of all files below to disk."""
    for parent, _, _ in os.walk(directory):
        sync_directory(Path(parent))


def _check_empty(directory: Path) -> None:
    if not Path(settings.DATABASES["default"]["NAME"]).is_file():
        raise CannotBackUpError(f"there is no installation in {settings.HOME}")
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise CannotBackUpError(f"{directory} is there and not empty: nothing is overwritten")
    if directory.resolve().is_relative_to(settings.HOME.resolve()):
        raise CannotBackUpError(f"{directory} lies in the installation: choose another place")


def _copy_database(alias: str, directory: Path) -> CopiedFile:
    """Copy a database as of one moment, while others write, and look whether the copy is sound."""
    source = Path(settings.DATABASES[alias]["NAME"])
    path = str(source.relative_to(settings.HOME))
    copied = directory / path
    copied.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with closing(sqlite3.connect(source)) as reading, closing(sqlite3.connect(copied)) as writing:
        # In one step: it reads in one transaction, which holds up no writer.
        reading.backup(writing, pages=-1)
        # One file alone; whoever opens it next sets what it wants.
        writing.execute("PRAGMA journal_mode=DELETE")
        [[found], *_] = writing.execute("PRAGMA quick_check").fetchall()
    if found != "ok":
        raise BadCopyError(f"the copy of {path} is not sound: {found}")
    copied.chmod(0o600)
    digest = hashlib.sha256()
    with copied.open("rb") as file:
        os.fsync(file.fileno())
        for piece in _pieces(file, None):
            digest.update(piece)
    return CopiedFile(path, copied.stat().st_size, digest.hexdigest())


def _copy_log(directory: Path) -> list[CopiedFile]:
    """Copy what stands for the thinned beginning, and every segment as far as it is on disk."""
    files = [_copy_database("views", directory)]
    log = Path(settings.VIEW_LOG_DIRECTORY)
    end = open_log().find_durable_end()
    for segment in list_segments(log) if end else ():
        assert end is not None  # said to the type checker: else there are no segments
        if segment.number <= end.segment:
            path = str((log / segment.name).relative_to(settings.HOME))
            until = end.offset if segment.number == end.segment else None
            files.append(copy_file(settings.HOME, directory, path, until=until))
    return files


def _plain_files() -> Iterator[str]:
    for name in _PLAIN:
        path = settings.HOME / name
        if path.is_file():
            yield name
        for found in sorted(path.rglob("*")) if path.is_dir() else ():
            if found.is_file():
                yield str(found.relative_to(settings.HOME))


def _pieces(file: Any, until: int | None) -> Iterator[bytes]:
    rest = until
    while piece := file.read(_PIECE_BYTES if rest is None else min(_PIECE_BYTES, rest)):
        yield piece
        if rest is not None:
            rest -= len(piece)


def _read_sequence(counts: Path) -> int:
    with closing(sqlite3.connect(counts)) as database:
        found = database.execute("SELECT sequence FROM broadsheet_readership_foldstate").fetchone()
    return int(found[0]) if found else 0


def _write_contents(
    directory: Path, files: Iterable[CopiedFile], *, sequence: int, now: datetime
) -> None:
    told = {
        "format": FORMAT,
        "program": version("broadsheet"),
        "made_at": now.isoformat(timespec="seconds"),
        "sequence": sequence,
        "files": {one.path: {"size": one.size, "sha256": one.sha256} for one in files},
    }
    sync_directories(directory)
    write_whole(directory / CONTENTS, json.dumps(told, indent=1).encode())
    sync_directory(directory)
