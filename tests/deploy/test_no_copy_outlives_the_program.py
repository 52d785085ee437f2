import os
import signal

import pytest
from tests.deploy.fronts import copies_in, set_up

pytestmark = pytest.mark.journey


def test_copies_are_removed_at_the_end_and_at_the_start(installed, tmp_path):
    with set_up(installed, tmp_path / "home", PUBLIC_COPIES="true") as program:

        def is_copied():
            assert program.get("/en/").status == 200
            return {path.name for path in copies_in(program)} >= {".html", ".html.gz", ".html.br"}

        program.start()
        program.wait_until(is_copied, "a copy")
        pids = [program.process.pid, *program.children()]
        for number in (signal.SIGSTOP, signal.SIGKILL):
            # Stopped first: who sees another one die would tidy up.
            for pid in pids:
                os.kill(pid, number)
        program.stop()
        assert copies_in(program)  # nobody was left who could remove them
        left = {path: path.stat().st_ino for path in copies_in(program)}
        program.start()
        assert not any(path.exists() and path.stat().st_ino == left[path] for path in left)
        program.wait_until(is_copied, "another copy")
        assert program.stop() == 0
        assert not copies_in(program)
