"""Loaded before Django (`-p tests.home`): an installation of its own for each test process.

With BROADSHEET_TEST_DATABASE=postgresql its databases are in a PostgreSQL server that the first
process starts, and the others are told of.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_is_on_postgresql = os.environ.get("BROADSHEET_TEST_DATABASE") == "postgresql"
_server = os.environ.get("BROADSHEET_TEST_SERVER", "")

HOME = Path(tempfile.mkdtemp(prefix="broadsheet-tests-"))
(HOME / "assets").mkdir()
(HOME / "media").mkdir()
for name in [name for name in os.environ if name.startswith("BROADSHEET_")]:
    del os.environ[name]
os.environ["BROADSHEET_HOME"] = str(HOME)
os.environ["BROADSHEET_SECRET_KEY"] = "a-key-for-tests-only"
atexit.register(shutil.rmtree, HOME, ignore_errors=True)

if _is_on_postgresql:
    os.environ["BROADSHEET_TEST_DATABASE"] = "postgresql"
    from tests.postgres import Server

    if not _server:
        own = Server().__enter__()
        atexit.register(own.__exit__)
        _server = own.url("")
    os.environ["BROADSHEET_TEST_SERVER"] = _server
    os.environ["BROADSHEET_DATABASE_URL"] = f"{_server}news"
