"""Loaded before Django (`-p tests.home`): an installation of its own for each test process."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

HOME = Path(tempfile.mkdtemp(prefix="broadsheet-tests-"))
(HOME / "assets").mkdir()
(HOME / "media").mkdir()
for name in [name for name in os.environ if name.startswith("BROADSHEET_")]:
    del os.environ[name]
os.environ["BROADSHEET_HOME"] = str(HOME)
os.environ["BROADSHEET_SECRET_KEY"] = "a-key-for-tests-only"
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
