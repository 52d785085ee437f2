"""Two numbers that all processes of a machine share: how far the journal is told, and whether
stored pages are distrusted.

They are read by a system call, for memory that is mapped from a file ends the process which looks
at it once somebody cuts the file: 1.4 µs against 0.1 µs on a virtual machine of two cores.
"""

import contextlib
import os
from pathlib import Path
from struct import Struct
from struct import error as StructError  # noqa: N812 - it is an exception

_NUMBERS = Struct("<QQ")
_NUMBER = Struct("<Q")
#: No place is so large: who reads it knows that it is not what was told.
UNKNOWN = 2**63


class Clock:
    """The numbers in the file at `path`. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None
        self._inode = (0, 0)
        self.follow()

    def read(self) -> tuple[int, bool]:
        """Return the place that was told last, and whether pages are distrusted.

        Where the file cannot be read the place is `UNKNOWN`.
        """
        if self._file is None:
            return UNKNOWN, False
        try:
            told, is_distrusted = _NUMBERS.unpack(os.pread(self._file, _NUMBERS.size, 0))
        except (OSError, StructError):
            return UNKNOWN, False
        return told, is_distrusted != 0

    def tell(self, place: int) -> None:
        """Raises `OSError`."""
        self._write(place, at=0)
        if os.fstat(self._opened()).st_size < _NUMBERS.size:
            self.distrust(False)

    def distrust(self, is_distrusted: bool) -> None:  # noqa: FBT001 - it is all that is said
        """Raises `OSError`."""
        self._write(int(is_distrusted), at=_NUMBER.size)

    def follow(self) -> None:
        """See that it is the file that others find there, too; make it where it is missing."""
        try:
            found = self._path.stat()
            is_other = (found.st_dev, found.st_ino) != self._inode
        except OSError:
            is_other = True
        if is_other:
            self._open()

    def close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            os.close(file)

    def _open(self) -> None:
        before = self._file
        try:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:
            try:
                file = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
            except OSError:
                return  # what was open is still better than nothing
        found = os.fstat(file)
        if before is None:
            self._file = file
        else:
            # Whoever still looks at the lost file learns from it that it is not to be believed.
            with contextlib.suppress(OSError):
                os.pwrite(before, _NUMBER.pack(UNKNOWN), 0)
            # Under the same number, for another thread may be about to read.
            os.dup2(file, before, inheritable=False)
            os.close(file)
        self._inode = (found.st_dev, found.st_ino)

    def _opened(self) -> int:
        if self._file is None:
            self._open()
        if self._file is None:
            raise FileNotFoundError(self._path)
        return self._file

    def _write(self, number: int, *, at: int) -> None:
        # A file that is there already takes no more room, also on a full disk.
        if os.pwrite(self._opened(), _NUMBER.pack(number), at) < _NUMBER.size:
            raise OSError(f"{self._path} was not written whole")
