"""What processes take: their CPU time and their memory, from /proc."""

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.program import children_of

_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def tree(process_id: int) -> list[int]:
    """Return a process and all that it has started, theirs too."""
    return [process_id, *children_of(process_id)]


def cpu_seconds(process_ids: Iterable[int]) -> float:
    """Return user and system time of processes, in seconds, with that of children that ended."""
    ticks = 0
    for process_id in process_ids:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            told = Path(f"/proc/{process_id}/stat").read_text()
            # After the name, which may hold spaces: utime, stime, cutime, cstime.
            ticks += sum(map(int, told.rpartition(")")[2].split()[11:15]))
    return ticks / _TICKS_A_SECOND


def pss_bytes(process_ids: Iterable[int]) -> int:
    """Return the memory of processes; what several share counts once, divided among them."""
    total = 0
    for process_id in process_ids:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            told = Path(f"/proc/{process_id}/smaps_rollup").read_text()
            total += next(int(s.split()[1]) for s in told.splitlines() if s.startswith("Pss:"))
    return total * 1024


def command_of(process_id: int) -> str:
    try:
        return Path(f"/proc/{process_id}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def busy_seconds() -> float:
    """Return the CPU time that the whole machine has spent, to see what else was at work."""
    fields = [int(one) for one in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / _TICKS_A_SECOND


def sockets_of(process_id: int) -> Iterator[str]:
    """Return the inodes of a process's sockets."""
    for descriptor in Path(f"/proc/{process_id}/fd").glob("*"):
        with contextlib.suppress(OSError):
            told = descriptor.readlink().name
            if told.startswith("socket:["):
                yield told[8:-1]


def answering_process(process_ids: Iterable[int], *, client_port: int) -> int | None:
    """Return which process holds the server's end of a connection from `client_port`."""
    inodes = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if int(fields[2].rpartition(":")[2], 16) == client_port:
            inodes.add(fields[9])
    return next((one for one in process_ids if inodes & set(sockets_of(one))), None)
