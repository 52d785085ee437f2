"""What `serve` starts as its web server: Granian, ended when its supervisor is gone."""

import argparse
import logging
import multiprocessing
import os
import signal
import threading
import time

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

#: Requests in flight in one process. Views are answered in groups, so many may wait together.
BACKPRESSURE = 2048
STOP_SECONDS = 10
STDIN = 0
LOG_FORMAT = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "format": "{asctime} {levelname:7} {name}: {message}",
            "style": "{",
            "datefmt": "%Y-%m-%d %H:%M:%S",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "loggers": {"_granian": {"handlers": ["stderr"], "level": "WARNING", "propagate": False}},
}


def end_with_supervisor() -> None:
    """End this process when standard input closes: `serve` holds its other end."""

    def wait() -> None:
        while os.read(STDIN, 1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="supervisor-watch", daemon=True).start()


def end_with_parent() -> None:
    """End this process, one of Granian's own, when the one that started it is gone.

    Else it would go on answering beside its successors, with nobody to stop or to renew it.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(STOP_SECONDS)
        os._exit(1)

    threading.Thread(target=wait, name="parent-watch", daemon=True).start()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--processes", type=int, required=True)
    options = parser.parse_args()
    # What each process has to know, however it was said: how many share the readers.
    os.environ["BROADSHEET_WEB_PROCESSES"] = str(options.processes)
    end_with_supervisor()
    logging.captureWarnings(capture=True)
    server = Server(
        "broadsheet.project.server:application",
        address=options.host,
        port=options.port,
        interface=Interfaces.RSGI,
        workers=options.processes,
        websockets=False,
        backpressure=BACKPRESSURE,
        respawn_failed_workers=True,
        respawn_interval=1.0,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels.warning,
        log_dictconfig=LOG_FORMAT,
    )
    server.serve()


if __name__ == "__main__":
    main()
