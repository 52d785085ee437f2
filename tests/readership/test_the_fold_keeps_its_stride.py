from hypothesis import given
from hypothesis import strategies as st

from broadsheet.readership.counting import _LEAST_RECORDS, MAX_RECORDS, MAX_SECONDS, _Stride

microseconds = st.floats(0.5, 90).map(lambda us: us / 1e6)
own_cost = st.floats(0, 0.004)


def walk(stride, *, each, own, waiting=10**6, steps=20):
    """Let a stride fold `waiting` views at a cost; return how long each transaction took."""
    took = []
    for _ in range(steps):
        records = min(stride.records, waiting)
        seconds = own + each * records
        stride.learn(records, seconds)
        took.append(seconds)
    return took


@given(before=microseconds, each=microseconds, own=own_cost)
def test_a_transaction_soon_fits_whatever_a_view_costs(before, each, own):
    stride = _Stride()
    walk(stride, each=before, own=own)
    assert max(walk(stride, each=each, own=own)[1:]) <= MAX_SECONDS
    assert _LEAST_RECORDS <= stride.records <= MAX_RECORDS


def test_it_uses_what_there_is():
    stride = _Stride()
    walk(stride, each=10e-6, own=0.001)
    assert stride.records * 10e-6 > 0.6 * MAX_SECONDS
    walk(stride, each=1e-6, own=0.001)
    assert stride.records == MAX_RECORDS


def test_few_views_at_a_time_say_nothing_about_many():
    stride = _Stride()
    walk(stride, each=10e-6, own=0.001)
    before = stride.records
    walk(stride, each=10e-6, own=0.004, waiting=3)
    assert stride.records == before


def test_a_machine_that_does_nothing_in_time_folds_on():
    stride = _Stride()
    walk(stride, each=1e-3, own=0.2)
    assert stride.records == _LEAST_RECORDS
