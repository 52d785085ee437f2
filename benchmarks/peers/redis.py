"""Redis as Debian has it, with every change in its file of commands."""

import subprocess
from pathlib import Path

from measuring.recording import find_program


def start_redis(*, port: int, directory: Path, appendfsync: str) -> "subprocess.Popen[bytes]":
    """Start it in a directory of its own; the caller ends it.

    `always`: each group of commands is on disk before its answers. `everysec`: the last second
    may be lost.
    """
    program = find_program("redis-server", package="redis-server")
    directory.mkdir()
    settings = {
        "port": port, "bind": "127.0.0.1", "dir": directory, "save": "", "appendonly": "yes",
        "appendfsync": appendfsync, "daemonize": "no",
    }  # fmt: skip
    told = [word for name, value in settings.items() for word in (f"--{name}", str(value))]
    return subprocess.Popen([program, *told], stdout=subprocess.DEVNULL)
