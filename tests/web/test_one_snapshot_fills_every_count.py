import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.web.editions import WORDS
from broadsheet.web.slots import articles_counted_in, fill_views, views_place

IDS = st.integers(min_value=0, max_value=2**63 - 1)
ROW = re.compile(r'<data class="views" data-article="(\d+)" value="(\d+)">([^<]*)</data>')


@given(
    ids=st.lists(IDS, max_size=20),
    texts=st.lists(st.text(alphabet="<>-!views:0123 &;abя"), max_size=20),
    views=st.integers(min_value=0, max_value=10**12),
    code=st.sampled_from(sorted(WORDS)),
)
def test_every_place_is_filled_and_nothing_else_is_touched(ids, texts, views, code):
    texts = [text for text in texts if not articles_counted_in(text)]
    html = "|".join([views_place(one) for one in ids] + texts)
    filled = fill_views(html, dict.fromkeys(ids, views), WORDS[code])
    assert not articles_counted_in(filled)
    assert [int(number) for number, _, _ in ROW.findall(filled)] == ids
    assert {label for _, _, label in ROW.findall(filled)} <= {WORDS[code].count_views(views)}
    assert filled.split("|")[len(ids) :] == "|".join(texts).split("|") if texts else True


def test_each_article_is_asked_for_once():
    html = views_place(7) + views_place(3) + views_place(7)
    assert articles_counted_in(html) == [3, 7]


def test_a_place_takes_a_number_and_nothing_else():
    with pytest.raises(ValueError, match="invalid literal"):
        views_place("7--><script>")
