"""Views are sent to the shipped program while its processes are killed in the middle."""

import os
import signal
import threading

import pytest

pytestmark = pytest.mark.journey


class Readers(threading.Thread):
    """Readers one after the other, each with a browser of its own; counts what was answered."""

    def __init__(self, program, article_id, name):
        super().__init__(daemon=True)
        self.program, self.article_id, self.reader = program, article_id, name
        self.acknowledged, self.unanswered = 0, 0
        self.is_over = threading.Event()

    def run(self):
        number = 0
        while not self.is_over.is_set():
            number += 1
            agent = f"Mozilla/5.0 (X11; Linux x86_64) {self.reader}/{number}"
            try:
                is_taken = self.program.read(self.article_id, agent=agent) == 204
            except OSError:
                is_taken = False
            self.acknowledged += is_taken
            self.unanswered += not is_taken
            if not is_taken:
                self.is_over.wait(0.02)


def test_every_acknowledged_view_is_counted_and_no_other(program):
    program.environment["BROADSHEET_VIEWS_A_MINUTE"] = "1000000"  # all come from one address
    ids = program.publish_bridges()
    program.start("--processes", "2")
    readers = [Readers(program, pk, f"Reader{n}") for n in range(2) for pk in ids]
    for reader in readers:
        reader.start()
    program.wait_until(lambda: sum(r.acknowledged for r in readers) > 300, "the first views")
    for _ in range(3):
        before = sum(r.acknowledged for r in readers)
        for pid in program.children():
            os.kill(pid, signal.SIGKILL)
        program.wait_until(
            lambda seen=before: sum(r.acknowledged for r in readers) > seen + 200, "more views"
        )
    for reader in readers:
        reader.is_over.set()
    for reader in readers:
        reader.join(60)
    acknowledged, unanswered = (
        {pk: sum(getattr(r, what) for r in readers if r.article_id == pk) for pk in ids}
        for what in ("acknowledged", "unanswered")
    )
    assert sum(unanswered.values()) > 0  # something was killed in the middle
    program.wait_until(
        lambda: all(program.views_of(pk) >= acknowledged[pk] for pk in ids), "the counts"
    )
    for pk in ids:
        # A view whose answer was lost on the way may be on disk; one that was answered is.
        assert acknowledged[pk] <= program.views_of(pk) <= acknowledged[pk] + unanswered[pk]
    program.stop()
    assert program.run("recount").stderr.endswith(" 0 differences\n")
