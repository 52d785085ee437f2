"""Files that are replaced as a whole: whoever reads finds the former text or the new one."""

import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Generic, TypeVar

logger = logging.getLogger(__name__)

LOOK_AGAIN_SECONDS = 1.0

Value = TypeVar("Value")


class BadFileError(ValueError):
    """A file does not say what it should; the message names the file, and the line."""


class WatchedFile(Generic[Value]):
    """What `read` makes of a file; called, it says it, and reads again what was replaced.

    `read(path)` raises `BadFileError`; then what was known before stays, at first `otherwise`,
    and the log says why. What changed is known within two seconds. Safe to use from many threads.
    """

    def __init__(
        self,
        path: Path,
        read: Callable[[Path], Value],
        *,
        otherwise: Value,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._path = Path(path)
        self._read = read
        self._value = otherwise
        self._clock = clock
        self._looked_at = clock()
        self._state = self._look()
        self._reading: threading.Thread | None = None
        self._read_now()

    def __call__(self) -> Value:
        now = self._clock()
        if now - self._looked_at >= LOOK_AGAIN_SECONDS:
            self._looked_at = now
            self._read_where_replaced()
        return self._value

    def _read_where_replaced(self) -> None:
        if self._reading is not None and self._reading.is_alive():
            return
        state = self._look()
        if state != self._state:
            self._state = state
            # A list of data centres has some ten thousand lines: views do not wait for it.
            self._reading = threading.Thread(target=self._read_now, name="watched", daemon=True)
            self._reading.start()

    def _read_now(self) -> None:
        try:
            self._value = self._read(self._path)
        except BadFileError as error:
            logger.error("%s; what was known before stays", error)  # noqa: TRY400 - no stack says more

    def _look(self) -> tuple[int, int, int] | None:
        try:
            state = self._path.stat()
        except OSError:
            return None
        return state.st_mtime_ns, state.st_size, state.st_ino


def read_text(path: Path) -> str:
    """Return a file's text. Raises `BadFileError` where there is none."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadFileError(f"{path} cannot be read: {error}") from None


def write_whole(path: Path, *parts: bytes | memoryview) -> None:
    """Replace a file by one that is on disk as a whole before it has its name.

    Only for one writer at a time. Raises `OSError`; the file is then as it was.
    """
    unfinished = path.with_name(f"{path.name}.new")
    try:
        with unfinished.open("wb") as file:
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        unfinished.unlink(missing_ok=True)  # on a full disk, whoever comes next needs the room
        raise
    unfinished.replace(path)
