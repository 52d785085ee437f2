"""A disk that forgets: what a crash of the machine may leave of a log at any moment.

`Disk.record` notes what a log asks of the file system: names made, bytes written and cut off,
and what was synced. `Disk.image` builds from it what may be there after a crash: of a file all
that was synced, and of what was not nothing, all, a torn piece, or bytes that were never written;
of names those that were synced, and of others those that chance left.
"""

import os
import shutil
from contextlib import contextmanager
from pathlib import Path

SUFFIX = ".views"


class Disk:
    """`deaf_to` says which fsyncs it takes for nothing: "file", "directory" or "parent"."""

    def __init__(self, directory, *, deaf_to=""):
        self.directory = Path(directory)
        self.deaf_to = deaf_to
        self.happened = []

    @contextmanager
    def record(self, monkeypatch):
        real_open, real_write, real_sync, real_cut = os.open, os.pwrite, os.fsync, os.ftruncate

        def open_file(path, flags, *rest, **named):
            is_new = flags & os.O_CREAT and str(path).endswith(SUFFIX) and not Path(path).exists()
            descriptor = real_open(path, flags, *rest, **named)
            if is_new:
                self.happened.append(("made", Path(path).name))
            return descriptor

        def write(descriptor, data, offset):
            written = real_write(descriptor, data, offset)
            self.happened.append(("written", name_of(descriptor), offset, bytes(data[:written])))
            return written

        def sync(descriptor):
            real_sync(descriptor)
            path = Path(f"/proc/self/fd/{descriptor}").readlink()
            kinds = {self.directory: "directory", self.directory.parent: "parent"}
            kind = kinds.get(path, "file")
            if kind != self.deaf_to:
                self.happened.append(("synced", kind, path.name))

        def cut(descriptor, size):
            real_cut(descriptor, size)
            self.happened.append(("cut", name_of(descriptor), size))

        with monkeypatch.context() as patch:
            patch.setattr(os, "open", open_file)
            patch.setattr(os, "pwrite", write)
            patch.setattr(os, "fsync", sync)
            patch.setattr(os, "ftruncate", cut)
            yield self

    def note(self, *what):
        """Note what somebody outside was told, such as that a view was taken."""
        self.happened.append(what)

    def told(self, until):
        """Return article → sequence of what anybody knew before a moment."""
        return {one[1]: one[2] for one in self.happened[:until] if one[0] == "told"}

    def image(self, until, directory, *, draw):
        """Build in `directory` what a crash before `happened[until]` may leave.

        `draw` is a random.Random; None leaves what was synced and nothing else.
        """
        left = _Left()
        for one in self.happened[:until]:
            left.follow(*one)
        if not left.has_directory and (draw is None or draw.random() < 0.5):
            return
        directory.mkdir(parents=True)
        for name, content in left.contents.items():
            if name in left.synced_names or (draw is not None and draw.random() < 0.5):
                for change in left.waiting[name] if draw else ():
                    apply(content, maim(change, draw))
                (directory / name).write_bytes(content)


class _Left:
    """What is surely left, and what waits to be synced."""

    def __init__(self):
        self.contents, self.waiting = {}, {}
        self.synced_names, self.has_directory = set(), False

    def follow(self, kind, name, *facts):
        match kind, name:
            case "made", _:
                self.contents[name], self.waiting[name] = bytearray(), []
            case "written" | "cut", _:
                self.waiting[name].append((kind, *facts))
            case "synced", "file":
                for change in self.waiting.get(facts[0], ()):
                    apply(self.contents[facts[0]], change)
                self.waiting[facts[0]] = []
            case "synced", "directory":
                self.synced_names |= self.contents.keys()
            case "synced", "parent":
                self.has_directory = True


def name_of(descriptor):
    return Path(f"/proc/self/fd/{descriptor}").readlink().name


def apply(content, change):
    kind, at, *data = change
    if kind == "cut":
        del content[at:]
    elif kind == "written":
        content.extend(bytes(max(0, at - len(content))))
        content[at : at + len(data[0])] = data[0]


def maim(change, draw):
    """Return what a crash may leave of a change that nobody has synced."""
    kind, at, *data = change
    if kind == "cut":
        return change if draw.random() < 0.5 else ("nothing", 0)
    middle = draw.randrange(len(data[0]) + 1)
    return draw.choice([
        ("nothing", 0),
        change,
        ("written", at, data[0][:middle]),
        ("written", at, bytes(middle) + data[0][middle:]),
        ("written", at, bytes(len(data[0]))),
    ])  # fmt: skip


def empty(directory):
    shutil.rmtree(directory, ignore_errors=True)
    return directory
