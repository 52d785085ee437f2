"""A process that appends views and says which of them it was told are on disk.

`appending.py DIRECTORY JOURNAL NAME [--mutation no-fsync|no-directory-fsync] [--views N]`
prints `sequence article` for each acknowledged view, and keeps in JOURNAL what every fsync made
durable: sizes of files, and names of a directory.
"""

import argparse
import json
import os
import stat
import sys
import threading
import time
from pathlib import Path

from broadsheet.readership import view_log
from broadsheet.readership.view_records import View

SEGMENT_BYTES = 3000
real_fsync = os.fsync


def record_fsyncs(journal, mutation):
    file = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def fsync(descriptor):
        state = os.fstat(descriptor)
        is_directory = stat.S_ISDIR(state.st_mode)
        if mutation == "no-fsync" or (is_directory and mutation == "no-directory-fsync"):
            return
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        names = [entry.name for entry in path.iterdir()] if is_directory else None
        real_fsync(descriptor)
        done = {"path": str(path), "size": state.st_size, "names": names}
        os.write(file, json.dumps(done).encode() + b"\n")

    os.fsync = fsync


def throw_away_unsynced(directory, journal):
    """Leave of a log what a crash of the machine would at worst leave: what fsync was asked for."""
    sizes, names = {}, set()
    for line in journal.read_text().splitlines():
        done = json.loads(line)
        if done["names"] is None:
            sizes[done["path"]] = max(done["size"], sizes.get(done["path"], 0))
        else:
            names |= set(done["names"])
    for path in directory.glob("*.views"):
        if path.name not in names:
            path.unlink()
        else:
            os.truncate(path, sizes.get(str(path), 0))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("directory", type=Path)
    parser.add_argument("journal", type=Path)
    parser.add_argument("name", type=int)
    parser.add_argument("--mutation", default="")
    parser.add_argument("--views", type=int, default=10**9)
    options = parser.parse_args()
    record_fsyncs(options.journal, options.mutation)
    log = view_log.ViewLog(options.directory, segment_bytes=SEGMENT_BYTES)
    turn = threading.Lock()

    def send(first):
        for number in range(first, options.views, 8):
            article = options.name * 1_000_000 + number + 1
            # Beyond the longest answers of a slow disk, within what a hung one would take.
            sequence = log.append(View(0, article, bytes(16))).result(timeout=60)
            with turn:
                os.write(1, f"{sequence} {article}\n".encode())
            time.sleep(0.0005)

    threads = [threading.Thread(target=send, args=(n,), daemon=True) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
