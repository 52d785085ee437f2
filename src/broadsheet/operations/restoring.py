"""Put a backup back, into a home where nothing is yet."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from broadsheet.articles.models import Article
from broadsheet.readership.counting import place_articles
from broadsheet.readership.models import ArticleCount, FoldState

from .backing_up import CONTENTS, FORMAT, check_in_files, copy_file, sync_directories

#: Where files lie in the home until all of them are there and found to be what they were.
_UNFINISHED = "restoring"


class CannotRestoreError(RuntimeError):
    """The backup is none, not whole or of another form, or the home is in use.

    Nothing of the home was changed.
    """


@dataclass(frozen=True, slots=True)
class Restored:
    """How many files were put back, and up to which view the counts count."""

    files: int
    sequence: int


def restore(directory: Path, *, tell: Callable[[str], None]) -> Restored:
    """Put the backup in `directory` into `settings.HOME`, which is missing or empty.

    Every file is checked before the first has its name. Then the installation is set up as by
    `init`: a new secret key, and tables of this version. Raises `CannotRestoreError`, which
    leaves the home empty, and `OSError` where a disk fails or the installation cannot be set up.
    """
    check_in_files()
    contents = _read_contents(directory)
    home: Path = settings.HOME
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise CannotRestoreError(f"{home} is there and not empty: nothing is overwritten")
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = home / _UNFINISHED
    unfinished.mkdir(mode=0o700)
    try:
        _copy_all(directory, unfinished, contents["files"])
        sync_directories(unfinished)
        for entry in sorted(unfinished.iterdir()):
            entry.rename(home / entry.name)
    finally:
        shutil.rmtree(unfinished)
    sync_directories(home)
    tell(f"put back {len(contents['files'])} files of {contents['made_at']}")
    _set_up()
    _place_all()
    return Restored(len(contents["files"]), FoldState.load().sequence)


def _read_contents(directory: Path) -> dict[str, Any]:
    try:
        contents = json.loads((directory / CONTENTS).read_bytes())
    except FileNotFoundError:
        raise CannotRestoreError(
            f"{directory} is no whole backup: there is no {CONTENTS} in it"
        ) from None
    except ValueError as error:
        raise CannotRestoreError(f"{directory / CONTENTS} cannot be read: {error}") from None
    if not isinstance(contents, dict) or contents.get("format") != FORMAT:
        raise CannotRestoreError(f"{directory} is a backup of a form that is not known here")
    for path in contents["files"]:
        if Path(path).is_absolute() or ".." in Path(path).parts:
            raise CannotRestoreError(f"{directory / CONTENTS} names a file elsewhere: {path}")
    return contents


def _copy_all(directory: Path, unfinished: Path, files: dict[str, Any]) -> None:
    for path, told in files.items():
        try:
            copied = copy_file(directory, unfinished, path)
        except FileNotFoundError:
            raise CannotRestoreError(f"{directory / path} is missing") from None
        if (copied.size, copied.sha256) != (told["size"], told["sha256"]):
            raise CannotRestoreError(f"{directory / path} is not what was copied: it was changed")


def _set_up() -> None:
    """Run `init` as a program of its own: its settings may be in what was just put back."""
    program = [sys.executable, "-m", "broadsheet.project.cli", "init"]
    done = subprocess.run(program, check=False, stdout=subprocess.DEVNULL)  # noqa: S603 - our own program
    if done.returncode:
        raise OSError(f"`broadsheet init` ended with exit code {done.returncode}")


def _place_all() -> None:
    """Say anew of all articles where they stand: content was copied after the counts, and facts
    that were delivered in between are not delivered again.
    """
    known = set(ArticleCount.objects.values_list("article_id", flat=True))
    place_articles(known | set(Article.objects.values_list("pk", flat=True)))
