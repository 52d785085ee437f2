"""A lock between processes that nobody waits for without end."""

import errno
import fcntl
import time

#: Longer than a slow disk takes for the longest that is done under a lock. Who has it for longer
#: was stopped, or waits for a disk that hangs.
LOCK_SECONDS = 5.0
_LONGEST_STEP_SECONDS = 0.01


def lock_file(descriptor: int, *, seconds: float | None = None) -> None:
    """Lock an open file for this process alone; closing it releases the lock.

    Raises `TimeoutError`, an `OSError`, where another process has it for `seconds`, by default
    `LOCK_SECONDS`. The system's own call that waits knows no limit, so this asks again and again,
    with longer and longer pauses.
    """
    until = time.monotonic() + (LOCK_SECONDS if seconds is None else seconds)
    step = 0.0005
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise TimeoutError(errno.ETIMEDOUT, "another process has it locked") from None
            time.sleep(step)
            step = min(2 * step, _LONGEST_STEP_SECONDS)
        else:
            return
