"""What is open is what a table in memory says, whenever slices are merged and processes start."""

from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.conftest import both_databases
from tests.readership.views import reader

from broadsheet.readership import open_windows
from broadsheet.readership.models import OpenWindow, WindowBatch, WindowSlice
from broadsheet.readership.open_windows import OpenWindows, find_recent

pytestmark = both_databases
MINUTE_MS = 60_000
WIDTH = 60

#: Minutes. The clock goes on, and is set back or forward as it likes.
moments = st.integers(0, 300)
keys = st.tuples(st.sampled_from([reader(name) for name in "abc"]), st.integers(1, 2))
acts = st.lists(
    st.tuples(st.just("write"), st.dictionaries(keys, moments, min_size=1, max_size=4))
    | st.tuples(st.just("forget"), moments)
    | st.tuples(st.just("merge"), st.integers(1, 64))
    | st.tuples(st.just("start"), st.none()),
    max_size=16,
)


def windows_of(entries):
    windows = {}
    for (who, article_id), at in entries.items():
        windows.setdefault(who, {})[article_id] = at
    return windows


KEY = (reader("a"), 1)
MERGED = ("merge", 64)
FORGOTTEN = ("forget", 300)
SET_BACK = [("forget", 310), ("write", {KEY: 100}), MERGED]


@given(acts=acts)
@settings(max_examples=300)
# Set back and forgotten: neither a batch nor the table may say the former moment again.
@example(acts=[("write", {KEY: 100}), ("write", {KEY: 50}), ("forget", 159), ("start", None)])
@example(acts=[("write", {KEY: 100}), MERGED, ("write", {KEY: 50}), ("forget", 159)])
# Set back beyond what the table has forgotten: what comes in is not forgotten with it.
@example(acts=[FORGOTTEN, ("write", {KEY: 300}), MERGED, *SET_BACK])
def test_however_it_is_merged_and_read_again(acts):
    for model in (OpenWindow, WindowBatch, WindowSlice):
        model.objects.all().delete()
    known, expected = OpenWindows(), {}
    for sequence, (act, what) in enumerate(acts, 1):
        known.catch_up(sequence=sequence - 1)
        if act == "write":
            entries = {key: at * MINUTE_MS for key, at in what.items()}
            known.write(windows_of(entries), entries)
            expected |= entries
        elif act == "forget":
            first, last = (what - WIDTH) * MINUTE_MS, (what + WIDTH) * MINUTE_MS
            known.forget(first, last)
            expected = {key: at for key, at in expected.items() if first < at < last}
        elif act == "merge":
            known.merge(records=what * open_windows.MERGE_EACH)
        known.confirm(sequence=sequence)
        if act == "start":
            known = OpenWindows()
        known.catch_up(sequence=sequence)
        assert {(who, one): at for who, one, at in known.read_all()} == expected
        found = known.find({who for who, _ in expected}, between=(-1, 10**9))
        assert found == windows_of(expected)
        known.confirm(sequence=sequence)
    assert find_recent(since_ms=-1, before=b"").items() >= expected.items()
