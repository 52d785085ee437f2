"""What another process does to a store, for the tests: `working.py DIRECTORY WHAT …`."""

import random
import sys
import time
from pathlib import Path

from broadsheet.pagestore.pages import Page
from broadsheet.pagestore.store import PageStore


def page(store, address, *, tags, text):
    return Page(
        address=address, edition="en", status=200, headers=(), version=store.begin(),
        fresh_until=None, tags=frozenset(tags), parts=(text,),
    )  # fmt: skip


def write(store, seed):
    """Write whole pages of one letter until killed, and drop them now and then."""
    chance = random.Random(seed)
    while True:
        number = chance.randrange(20)
        letter = chance.choice(b"abcdef").to_bytes(1, "little")
        text = letter * chance.choice((10, 5000, 300_000))
        store.put(
            page(store, f"/{number}", tags=[f"t{number}"], text=text),
            replaces=chance.random() < 0.3,
        )
        if chance.random() < 0.3:
            store.drop([f"t{chance.randrange(20)}"])
        if chance.random() < 0.1:
            tag = f"t{chance.randrange(20)}"
            store.journal.drop([tag], closes=[store.journal.expect([tag], withhold=True)])


def press(store, record, seconds):
    """Press pages from a record of numbers in files, and check that none shown is older.

    The record's number only grows; who changes it drops the tag afterwards. A page that is served
    after the drop was acknowledged must show at least the acknowledged number.
    """
    record, ends_at, served = Path(record), time.monotonic() + float(seconds), 0
    while time.monotonic() < ends_at:
        number = random.randrange(4)
        acknowledged = read(record / f"acknowledged{number}")
        found = store.get(f"/{number}")
        if found is not None:
            served += 1
            shown = int(found.parts[0])
            if shown < acknowledged:
                say(f"/{number} shows {shown} after {acknowledged} was acknowledged")
                return
            continue
        store.press(
            f"/{number}",
            lambda address, version, number=number: Page(
                address=address, edition="en", status=200, headers=(), version=version,
                fresh_until=None, tags=frozenset({f"t{number}"}),
                parts=(str(read(record / f"changed{number}")).encode(),),
            ),
        )  # fmt: skip
    say(f"served {served}")


def change(store, record, seconds):
    record, ends_at = Path(record), time.monotonic() + float(seconds)
    changes = 0
    while time.monotonic() < ends_at:
        number = random.randrange(4)
        place = store.journal.expect([f"t{number}"], withhold=random.random() < 0.5)
        now = read(record / f"changed{number}") + 1
        put(record / f"changed{number}", now)
        store.journal.drop([f"t{number}"], closes=[place])
        put(record / f"acknowledged{number}", now)
        changes += 1
        time.sleep(random.random() * 0.01)
    say(f"changed {changes}")


def obey(store):
    """Do what the lines of standard input say, and answer each with one."""
    say("ready")
    for line in sys.stdin:
        what, *rest = line.split()
        if what == "drop":
            store.drop(rest)
        elif what == "withhold":
            store.journal.expect(rest, withhold=True)
        elif what == "replace":
            store.put(page(store, rest[0], tags=rest[1:], text=b"newer"), replaces=True)
        elif what == "distrust":
            store.journal._distrust(OSError("the disk is full"))
        say(time.monotonic())


def say(text):
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def read(path):
    return int(path.read_text() or 0)


def put(path, number):
    unfinished = path.with_suffix(".new")
    unfinished.write_text(str(number))
    unfinished.replace(path)


if __name__ == "__main__":
    directory, what, *arguments = sys.argv[1:]
    globals()[what](PageStore(Path(directory)), *arguments)
