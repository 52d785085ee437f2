import sqlite3

from tests.conftest import files_alone
from tests.program import Program

pytestmark = files_alone

MIGRATE = """
from django.core.management import call_command
call_command("migrate", "broadsheet_readership", {name!r}, database="readership", verbosity=0)
"""


def test_buckets_get_the_section_that_their_article_has_and_lose_no_view(tmp_path):
    program = Program(tmp_path)
    program.python(MIGRATE.format(name="0003"))
    with sqlite3.connect(tmp_path / "counts.sqlite3") as database:
        for article_id, section_id in ((1, 7), (2, None)):
            database.execute(
                "INSERT INTO broadsheet_readership_articlecount (article_id, edition_id, "
                "section_id, is_live, imported, counted, robots, total, revision) "
                "VALUES (?, 1, ?, 1, 0, 5, 0, 5, 1)",
                (article_id, section_id),
            )
        database.executemany(
            "INSERT INTO broadsheet_readership_bucket VALUES (86400, 0, ?, 5)", [(1,), (2,), (3,)]
        )
        database.execute(
            "INSERT INTO broadsheet_readership_openwindow VALUES (?, 1, 99)", (b"\1" * 16,)
        )
    database.close()
    program.python(MIGRATE.format(name="0004"))
    with sqlite3.connect(tmp_path / "counts.sqlite3") as database:
        buckets = database.execute(
            "SELECT size, start, article_id, section_id, views FROM broadsheet_readership_bucket"
        ).fetchall()
        windows = database.execute("SELECT * FROM broadsheet_readership_openwindow").fetchall()
        laid_out = dict(database.execute("SELECT name, sql FROM sqlite_master"))
    database.close()
    assert buckets == [(86400, 0, 1, 7, 5), (86400, 0, 2, 0, 5), (86400, 0, 3, 0, 5)]
    assert windows == [(b"\1" * 16, 1, 99)]
    for table in ("bucket", "openwindow", "referrercount"):
        assert laid_out[f"broadsheet_readership_{table}"].endswith("WITHOUT ROWID")
    assert any("last_counted_at_ms" in name for name in laid_out)


def test_what_was_read_most_of_all_time_still_is(tmp_path):
    program = Program(tmp_path)
    program.python(MIGRATE.format(name="0007"))
    with sqlite3.connect(tmp_path / "counts.sqlite3") as database:
        database.execute(
            "INSERT INTO broadsheet_readership_articlecount (article_id, is_live, imported, "
            "counted, robots, total, revision) VALUES (1, 1, 100, 5, 0, 105, 1)"
        )
    database.close()
    program.python(MIGRATE.format(name="0008"))
    with sqlite3.connect(tmp_path / "counts.sqlite3") as database:
        rows = database.execute(
            "SELECT total, ranked_total FROM broadsheet_readership_articlecount"
        ).fetchall()
        indexes = dict(database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index'"))
    database.close()
    assert rows == [(105, 105)]
    for name in ("most_read_in_edition", "most_read_in_section"):
        assert '"total"' not in indexes[name]
