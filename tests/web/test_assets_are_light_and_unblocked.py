import gzip
import re
from pathlib import Path

import broadsheet.web

ASSETS = Path(broadsheet.web.__file__).parent / "assets"
BLOCKED = re.compile("view|stat(?!ic)|track|pixel|beacon|analytic|counter|hit", re.IGNORECASE)


def test_no_asset_has_a_name_that_blocking_lists_match():
    names = [path.relative_to(ASSETS).as_posix() for path in ASSETS.rglob("*")]
    assert names
    assert [name for name in names if BLOCKED.search(name)] == []


def test_no_script_calls_an_address_that_blocking_lists_match():
    for script in ASSETS.rglob("*.js"):
        addresses = re.findall(r'"(/[^"]*)"', script.read_text())
        assert [one for one in addresses if BLOCKED.search(one)] == []


def test_style_and_scripts_leave_most_of_40_kb_to_the_page():
    weight = sum(
        len(gzip.compress(path.read_bytes()))
        for path in ASSETS.rglob("*")
        if path.suffix in {".css", ".js"}
    )
    assert weight < 15_000


def test_nothing_is_fetched_from_elsewhere():
    for path in ASSETS.rglob("*"):
        if path.suffix in {".css", ".js"}:
            assert "//" not in re.sub(r"//.*|/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
