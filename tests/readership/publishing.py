"""A process that changes counts and publishes them, or one that reads what is published.

`publishing.py publish HOME FIRST LAST` sets all of `ARTICLES` to FIRST, FIRST + 1 … LAST views,
each in one transaction, publishes after each, and prints it. `publishing.py read HOME` looks at
snapshots until its input ends, and prints what it saw as JSON. It has no database.
"""

import json
import os
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

ARTICLES = range(1, 41)


def publish(home, first, last):
    os.environ["BROADSHEET_HOME"] = str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "broadsheet.project.settings"
    import django

    django.setup()
    from django.core.management import call_command

    from broadsheet.readership import publishing_numbers
    from broadsheet.readership.counting import set_imported_counts

    publishing_numbers.MAX_DELTA_BYTES = 3000  # four batches, and a new generation begins
    call_command(
        "migrate", "broadsheet_readership", database="readership", verbosity=0, skip_checks=True
    )
    for views in range(first, last + 1):
        set_imported_counts(dict.fromkeys(ARTICLES, views))
        publishing_numbers.publish_numbers(now=datetime.now(UTC))
        os.write(1, f"{views}\n".encode())


def read(home):
    from broadsheet.readership.snapshot import SnapshotReader

    assert "django" not in sys.modules
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    reader = SnapshotReader(home / "numbers")
    mixed, went_back, seen, last = 0, 0, set(), (0, 0)
    os.write(1, b"reads\n")
    while True:
        is_last = ended.wait(0.001)
        if is_last:
            reader._look_at = 0.0
        snapshot = reader()
        counts = {snapshot[one] for one in ARTICLES}
        mixed += len(counts) > 1
        now = (snapshot.version, max(counts))
        went_back += now < last
        last = now
        seen.add(snapshot.version)
        if is_last:
            break
    found = {"mixed": mixed, "back": went_back, "seen": len(seen), "views": last[1]}
    os.write(1, json.dumps(found).encode())


if __name__ == "__main__":
    if sys.argv[1] == "publish":
        publish(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
    else:
        read(Path(sys.argv[2]))
