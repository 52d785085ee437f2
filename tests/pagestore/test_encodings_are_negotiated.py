import gzip
import re
from concurrent.futures import ThreadPoolExecutor
from timeit import repeat

import brotli
import pytest
import zstandard
from hypothesis import assume, example, given
from hypothesis import strategies as st

from broadsheet.pagestore import compressing
from broadsheet.pagestore.compressing import ENCODINGS, MAX_READ, compress, negotiate

EXPAND = {
    "br": brotli.decompress,
    "zstd": lambda body: zstandard.ZstdDecompressor().decompress(body),
    "gzip": gzip.decompress,
    "": bytes,
}


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("gzip, deflate, br, zstd", "br"),  # Chromium and Firefox
        ("gzip, deflate, br", "br"),  # Safari
        ("gzip, deflate, zstd", "zstd"),
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("GZip;Q=0.8, DEFLATE", "gzip"),
        ("", ""),
        ("deflate, compress", ""),
        ("*", "br"),
        ("*;q=0", ""),
        ("br;q=0, *", "zstd"),
        ("br;q=0, zstd;q=0.0, gzip", "gzip"),
        ("br;q=0.5, gzip", "gzip"),
        ("br;q=0.001, gzip;q=0.002, *;q=0", "gzip"),
        ("br;q=0.5;q=1, gzip;q=0.1", "gzip"),  # two weights are malformed
        ("br;q=1.001, zstd;q=2, gzip;q=.5, x-gzip;q=0.1", "gzip"),
        ("br ; q=0.9 ,\tzstd\t;\tq=1.000", "zstd"),
        (",, ;q=1, br=1, g zip, zstd", "zstd"),
        ("gzip;q=0.5, identity", ""),
        ("gzip;q=0.5, identity;q=0.5", "gzip"),
        ("identity;q=0", ""),  # refusing everything would help nobody
        ("identity;q=0, deflate", ""),
        ("identity;q=0, *", "br"),
        ("gzip, gzip;q=0", ""),
        ("b\u0280, \u212aip, gzip\u00a0", ""),  # neither other letters nor other blanks
    ],
)
def test_the_table(header, chosen):
    assert negotiate(header) == chosen


def weights_by_the_rfc(header):
    """Each coding's weight as RFC 9110 says, read another way than the code under test."""
    weights = {}
    for part in header.split(","):
        name, *parameters = [piece.strip(" \t") for piece in part.split(";")]
        name = name.lower() if name.isascii() else ""
        if not name or not re.fullmatch(r"[a-z0-9!#$%&'*+.^_`|~-]+", name) or len(parameters) > 1:
            continue
        weight = "q=1" if not parameters else parameters[0]
        if weight[:2] not in {"q=", "Q="} or not is_weight(weight[2:]):
            continue
        weights.setdefault("gzip" if name == "x-gzip" else name, []).append(float(weight[2:]))
    return {name: min(said) for name, said in weights.items()}


def is_weight(text):
    digits = text[2:]
    return (
        text[:1] in {"0", "1"}
        and text[1:2] in {"", "."}
        and len(digits) <= 3
        and all(digit in "0123456789" for digit in digits)
        and float(text) <= 1
    )


WEIGHT = st.sampled_from(["0", "0.0", "0.5", "0.25", "0.999", "1", "1.000", "1.5", "x", "", "0."])
PART = st.builds(
    "{}{}{}".format,
    st.sampled_from(["br", "BR", "zstd", "gzip", "x-gzip", "identity", "*", "deflate", "", "é"]),
    st.sampled_from(["", ";q=", " ; Q=", ";level=", "; q ="]),
    WEIGHT,
)
HEADER = st.one_of(st.lists(PART, max_size=8).map(", ".join), st.text(max_size=60))


@given(HEADER)
@example("br;q=0,*;q=0.5")
def test_the_choice_is_acceptable(header):
    chosen = negotiate(header)
    weights = weights_by_the_rfc(header)
    others = weights.get("*", 0)
    acceptable = {name: weights.get(name, others) for name in ENCODINGS}
    best = max(acceptable.values())
    if chosen:
        assert acceptable[chosen] == best > 0
        assert best >= weights.get("identity", 0)
        assert all(acceptable[name] < best for name in ENCODINGS[: ENCODINGS.index(chosen)])
    else:
        assert best == 0 or best < weights.get("identity", others)


@given(st.text())
def test_no_text_raises(header):
    assert negotiate(header) in {*ENCODINGS, ""}


def test_a_header_nobody_sends_is_not_remembered():
    before = compressing._negotiate.cache_info().currsize
    assert negotiate("gzip," + " " * MAX_READ) == ""
    assert compressing._negotiate.cache_info().currsize == before


def test_what_is_remembered_is_bounded():
    for number in range(compressing.MAX_REMEMBERED + 100):
        negotiate(f"gzip, made-up-{number}")
    remembered = compressing._negotiate.cache_info()
    assert remembered.currsize <= remembered.maxsize == compressing.MAX_REMEMBERED


def test_a_remembered_header_costs_next_to_nothing():
    # 0.1 µs on a virtual machine of two cores; reading it takes 4 µs.
    seconds = min(repeat(lambda: negotiate("gzip, deflate, br, zstd"), number=2000, repeat=20))
    assert seconds / 2000 < 1e-6


@given(st.binary(max_size=5000), st.sampled_from([*ENCODINGS, ""]))
def test_a_compressed_body_comes_back(body, encoding):
    assert EXPAND[encoding](compress(body, encoding)) == body


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_page_gets_small_and_is_the_same_each_time(encoding):
    page = b"".join(b"<p>Paragraph %d of the page</p>\n" % number for number in range(1000))
    with ThreadPoolExecutor(4) as threads:
        made = set(threads.map(lambda _: compress(page, encoding), range(16)))
    assert len(made) == 1
    assert len(made.pop()) < len(page) / 4


def test_gzip_holds_no_time():
    assert compress(b"page", "gzip")[4:8] == bytes(4)


@given(st.text())
def test_an_unknown_encoding_is_an_error(encoding):
    assume(encoding not in {*ENCODINGS, ""})
    with pytest.raises(ValueError, match="is none of"):
        compress(b"page", encoding)
