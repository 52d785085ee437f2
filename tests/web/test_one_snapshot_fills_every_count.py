import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.pagestore.assembling import assemble
from broadsheet.pagestore.pages import Entry, FragmentSlot, Page, ViewsSlot
from broadsheet.web.editions import WORDS
from broadsheet.web.slots import cut, entry_place, fragment_place, show_views, views_place

IDS = st.integers(min_value=0, max_value=2**63 - 1)
ROW = re.compile(r'<data class="views" data-article="(\d+)" value="(\d+)">([^<]*)</data>')


def slots(html):
    return [part for part in cut(html) if not isinstance(part, bytes)]


def fill(html, counts, code="en", fragments=()):
    return b"".join(
        assemble(
            cut(html),
            code,
            counts=counts,
            find_fragment=dict(fragments).get,
            show_views=show_views,
        )
    ).decode()


def fragment(html, address="fragment:latest:en"):
    return Page(
        address=address, edition="en", status=200, headers=(), version=0, fresh_until=None,
        tags=frozenset(), parts=cut(html),
    )  # fmt: skip


@given(
    ids=st.lists(IDS, max_size=20),
    texts=st.lists(st.text(alphabet="<>-!views:0123 &;abя"), max_size=20),
    views=st.integers(min_value=0, max_value=10**12),
    code=st.sampled_from(sorted(WORDS)),
)
def test_every_place_is_filled_and_nothing_else_is_touched(ids, texts, views, code):
    texts = [text for text in texts if not slots(text)]
    html = "|".join([views_place(one) for one in ids] + texts)
    filled = fill(html, dict.fromkeys(ids, views), code)
    assert not slots(filled)
    assert [int(number) for number, _, _ in ROW.findall(filled)] == ids
    assert {label for _, _, label in ROW.findall(filled)} <= {WORDS[code].count_views(views)}
    assert filled.split("|")[len(ids) :] == "|".join(texts).split("|") if texts else True


@given(st.lists(st.one_of(st.text(alphabet="ab<é"), IDS), max_size=20))
def test_a_page_is_cut_at_its_places_and_loses_nothing(written):
    html = "".join(one if isinstance(one, str) else views_place(one) for one in written)
    parts = cut(html)
    again = "".join(
        part.decode() if isinstance(part, bytes) else views_place(part.article_id) for part in parts
    )
    assert again == html
    assert [part for part in parts if not isinstance(part, bytes)] == [
        ViewsSlot(one) for one in written if isinstance(one, int)
    ]


def test_a_fragment_leaves_out_the_article_itself_and_what_is_too_many():
    entries = "".join(f"{entry_place(n)}<li>{n}{views_place(n)}</li>" for n in (5, 6, 7, 8))
    latest = fragment(f"<ul>{entries}{entry_place(0)}</ul>")
    html = f"A{fragment_place(latest.address, without=6, limit=2)}B"
    filled = fill(html, dict.fromkeys(range(9), 1), fragments={latest.address: latest})
    assert [int(n) for n in re.findall(r"<li>(\d)", filled)] == [5, 7]
    assert filled.startswith("A<ul><li>5<data")
    assert filled.endswith("</li></ul>B")
    assert slots(html) == [FragmentSlot(latest.address, 6, 2)]
    assert Entry(0) in latest.parts


def test_a_fragment_without_an_entry_left_is_not_shown_at_all():
    latest = fragment(f"<h2>Latest</h2>{entry_place(6)}<li>6</li>{entry_place(0)}")
    html = f"A{fragment_place(latest.address, without=6, limit=2)}B"
    assert fill(html, {}, fragments={latest.address: latest}) == "AB"


@pytest.mark.parametrize("place", [views_place, entry_place])
def test_a_place_takes_a_number_and_nothing_else(place):
    with pytest.raises(ValueError, match="invalid literal"):
        place("7--><script>")
