"""wrk: one thread, connections that are kept, as fast as the server answers."""

import json
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from measuring.recording import find_program

#: wrk's own summary gives no 99th percentile that a program can read.
_REPORT = """
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format(
    '\\n{"requests":%d,"seconds":%f,"bytes":%d,"failed":%d,"broken":%d,"p50_ms":%f,"p99_ms":%f}\\n',
    summary.requests, summary.duration / 1e6, summary.bytes, e.status,
    e.connect + e.read + e.write + e.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk saw. `failed` answered 400 and above; `broken` did not answer at all."""

    requests: int
    seconds: float
    bytes: int
    failed: int
    broken: int
    p50_ms: float
    p99_ms: float

    @property
    def rate(self) -> float:
        return self.requests / self.seconds


def check_wrk() -> str:
    return find_program("wrk", package="wrk")


def load(
    address: str,
    *,
    seconds: float,
    connections: int = 64,
    headers: Mapping[str, str] | None = None,
    script: str = "",
) -> Load:
    """Load `address` and return what came of it. `script` is Lua that wrk runs as well."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script + _REPORT)
        file.flush()
        named = [word for pair in (headers or {}).items() for word in ("-H", ": ".join(pair))]
        done = subprocess.run(
            [check_wrk(), "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}", "--latency",
             "--timeout", "10", *named, "-s", file.name, address],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    return Load(**json.loads(done.stdout.strip().splitlines()[-1]))


def weighted_script(paths: Mapping[str, int], *, headers: Mapping[str, str], host: str) -> str:
    """Return Lua by which wrk asks for `paths`, each as often as its weight says."""
    lines = "".join(f"{name}: {value}\\r\\n" for name, value in headers.items())
    requests = [
        f"  '{path} HTTP/1.1\\r\\nHost: {host}\\r\\n{lines}\\r\\n'," * weight
        for path, weight in paths.items()
    ]
    return (
        "local asked = {\n"
        + "\n".join(requests)
        + "\n}\nlocal draw, count = math.random, #asked\n"
        + "request = function() return 'GET ' .. asked[draw(count)] end\n"
    )


def own_directory(prefix: str) -> "tempfile.TemporaryDirectory[str]":
    """A directory for peers: short, for the names of sockets in it may have 100 characters."""
    return tempfile.TemporaryDirectory(prefix=prefix, dir=Path(tempfile.gettempdir()))
