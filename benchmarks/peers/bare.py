"""The least that an RSGI application can do: answers out of a dict, in Granian as `serve` runs it.

    python benchmarks/peers/bare.py --port PORT ANSWERS

ANSWERS is a file in JSON: path → [status, headers, body in base64].
"""

import argparse
import base64
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from broadsheet.operations.web_process import BACKPRESSURE

_VARIABLE = "BARE_ANSWERS"
ANSWERS: dict[str, tuple[int, list[tuple[str, str]], bytes]] = {}
if _VARIABLE in os.environ:
    for path, (status, headers, body) in json.loads(
        Path(os.environ[_VARIABLE]).read_text(encoding="utf-8")
    ).items():
        ANSWERS[path] = status, [tuple(pair) for pair in headers], base64.b64decode(body)


async def application(scope: Any, protocol: Any) -> None:
    status, headers, body = ANSWERS[scope.path]
    if body:
        protocol.response_bytes(status, headers, body)
    else:
        protocol.response_empty(status, headers)


def start_bare(
    answers: Mapping[str, tuple[int, list[tuple[str, str]], bytes]], *, port: int, directory: Path
) -> "subprocess.Popen[bytes]":
    """Start it in a process of its own; the caller ends it."""
    path = directory / "bare-answers.json"
    told = {
        address: [status, headers, base64.b64encode(body).decode()]
        for address, (status, headers, body) in answers.items()
    }
    path.write_text(json.dumps(told), encoding="utf-8")
    return subprocess.Popen([sys.executable, __file__, "--port", str(port), str(path)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("answers")
    options = parser.parse_args()
    os.environ[_VARIABLE] = options.answers
    # The settings of `operations/web_process.py`.
    Server(
        "bare:application",
        address="127.0.0.1",
        port=options.port,
        interface=Interfaces.RSGI,
        workers=1,
        websockets=False,
        backpressure=BACKPRESSURE,
        log_level=LogLevels.warning,
        working_dir=Path(__file__).parent,
    ).serve()


if __name__ == "__main__":
    main()
