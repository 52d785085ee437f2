"""A peer that runs: its processes, the port it answers at, and its end."""

import contextlib
import subprocess
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException

from measuring.processes import tree

START_SECONDS = 60.0


class PeerFailedError(RuntimeError):
    """A peer did not start, or does not answer as it should."""


@dataclass(slots=True)
class Peer:
    """A server that is measured beside ours; `path` is the page that it is asked for."""

    name: str
    port: int
    path: str
    processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    @property
    def process_ids(self) -> list[int]:
        return [one for process in self.processes for one in tree(process.pid)]

    def wait(self) -> "Peer":
        """Return when it answers with 200. Raises `PeerFailedError` if it never does."""
        ends_at = time.monotonic() + START_SECONDS
        status = 0
        while time.monotonic() < ends_at:
            if any(process.poll() is not None for process in self.processes):
                break
            with contextlib.suppress(OSError, HTTPException):
                status = self.ask()[0]
                if status == 200:
                    return self
            time.sleep(0.1)
        raise PeerFailedError(f"{self.name} does not answer at {self.path}: status {status}")

    def ask(self, **headers: str) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request("GET", self.path, headers=named)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.terminate()
        for process in reversed(self.processes):
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
