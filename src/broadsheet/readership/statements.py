"""The statements that the fold runs many times over: additions in the database, for SQLite and
PostgreSQL alike. The ORM has no upsert that adds.
"""

ADD_COUNTS = """
    INSERT INTO broadsheet_readership_articlecount AS had
        (article_id, is_live, imported, counted, robots, total, revision)
    VALUES (%s, FALSE, 0, %s, %s, %s, %s)
    ON CONFLICT (article_id) DO UPDATE SET
        counted = had.counted + excluded.counted,
        robots = had.robots + excluded.robots,
        total = had.total + excluded.counted,
        revision = excluded.revision
"""
SET_IMPORTED = """
    INSERT INTO broadsheet_readership_articlecount AS had
        (article_id, is_live, imported, counted, robots, total, ranked_total, revision)
    VALUES (%s, FALSE, %s, 0, 0, %s, %s, %s)
    ON CONFLICT (article_id) DO UPDATE SET
        imported = excluded.imported,
        total = had.counted + excluded.imported,
        ranked_total = had.counted + excluded.imported,
        revision = excluded.revision
"""
SET_COUNTS = """
    INSERT INTO broadsheet_readership_articlecount AS had
        (article_id, is_live, imported, counted, robots, total, revision)
    VALUES (%s, FALSE, 0, %s, %s, %s, %s)
    ON CONFLICT (article_id) DO UPDATE SET
        counted = excluded.counted,
        robots = excluded.robots,
        total = had.imported + excluded.counted,
        revision = excluded.revision
"""
TAKE_REVISION = """
    INSERT INTO broadsheet_readership_foldstate AS had
        (id, segment, "offset", taken, sequence, revision)
    VALUES (1, 0, 0, 0, 0, 1)
    ON CONFLICT (id) DO UPDATE SET revision = had.revision + 1
    RETURNING revision
"""
#: Article and its `snapshot_files.pack_number`, a step of the whole table.
NUMBERS_AFTER = """
    SELECT article_id, total * 2 + CASE WHEN is_live THEN 1 ELSE 0 END
    FROM broadsheet_readership_articlecount
    WHERE article_id > %s ORDER BY article_id LIMIT %s
"""
#: The same for what changed, in the order of the changes. Of what never changed the index holds
#: nothing, and only these words tell SQLite so; `revision > 0` it would take for the range.
NUMBERS_SINCE = """
    SELECT revision, article_id, total * 2 + CASE WHEN is_live THEN 1 ELSE 0 END
    FROM broadsheet_readership_articlecount
    WHERE NOT (revision = 0) AND (revision, article_id) > (%s, %s)
    ORDER BY revision, article_id LIMIT %s
"""
ADD_TO_BUCKETS = """
    INSERT INTO broadsheet_readership_bucket AS had (size, start, article_id, section_id, views)
    VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (size, start, article_id, section_id) DO UPDATE SET
        views = had.views + excluded.views
"""
SET_BUCKET = """
    INSERT INTO broadsheet_readership_bucket (size, start, article_id, section_id, views)
    VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (size, start, article_id, section_id) DO UPDATE SET views = excluded.views
"""
DELETE_BUCKET = """
    DELETE FROM broadsheet_readership_bucket
    WHERE size = %s AND start = %s AND article_id = %s AND section_id = %s
"""
FORGET_BUCKETS = """
    DELETE FROM broadsheet_readership_bucket WHERE (size, start, article_id, section_id) IN (
        SELECT size, start, article_id, section_id FROM broadsheet_readership_bucket
        WHERE size = %s AND start < %s ORDER BY size, start, article_id, section_id LIMIT %s
    )
"""
ADD_REFERRERS = """
    INSERT INTO broadsheet_readership_referrercount AS had (day, host, article_id, views)
    VALUES (%s, %s, %s, %s)
    ON CONFLICT (day, host, article_id) DO UPDATE SET views = had.views + excluded.views
"""
SET_REFERRER = """
    INSERT INTO broadsheet_readership_referrercount (day, host, article_id, views)
    VALUES (%s, %s, %s, %s)
    ON CONFLICT (day, host, article_id) DO UPDATE SET views = excluded.views
"""
DELETE_REFERRER = """
    DELETE FROM broadsheet_readership_referrercount
    WHERE day = %s AND host = %s AND article_id = %s
"""
FORGET_REFERRERS = """
    DELETE FROM broadsheet_readership_referrercount WHERE (day, host, article_id) IN (
        SELECT day, host, article_id FROM broadsheet_readership_referrercount
        WHERE day < %s ORDER BY day, host, article_id LIMIT %s
    )
"""
ADD_DROPPED = """
    INSERT INTO broadsheet_readership_droppedviews AS had (day, verdict, views)
    VALUES (%s, %s, %s)
    ON CONFLICT (day, verdict) DO UPDATE SET views = had.views + excluded.views
"""
SET_DROPPED = """
    INSERT INTO broadsheet_readership_droppedviews (day, verdict, views)
    VALUES (%s, %s, %s)
    ON CONFLICT (day, verdict) DO UPDATE SET views = excluded.views
"""
DELETE_DROPPED = "DELETE FROM broadsheet_readership_droppedviews WHERE day = %s AND verdict = %s"
SET_WINDOW = """
    INSERT INTO broadsheet_readership_openwindow (reader, article_id, last_counted_at_ms)
    VALUES (%s, %s, %s)
    ON CONFLICT (reader, article_id) DO UPDATE SET
        last_counted_at_ms = excluded.last_counted_at_ms
"""
DELETE_WINDOW = "DELETE FROM broadsheet_readership_openwindow WHERE reader = %s AND article_id = %s"
#: Of readers between two hashes, what does not lie between two moments.
SWEEP_WINDOWS = """
    DELETE FROM broadsheet_readership_openwindow
    WHERE reader BETWEEN %s AND %s AND (last_counted_at_ms <= %s OR last_counted_at_ms >= %s)
"""
FORGET_WINDOW_BATCHES = """
    DELETE FROM broadsheet_readership_windowbatch WHERE newest_ms <= %s OR oldest_ms >= %s
"""
#: What `OpenWindows` merges changes of a slice.
SET_SLICE = """
    UPDATE broadsheet_readership_windowslice
    SET merged_batch = %s, after_ms = %s, before_ms = %s, swept_ms = %s WHERE number = %s
"""
NARROW_SLICES = """
    UPDATE broadsheet_readership_windowslice SET
        after_ms = CASE WHEN after_ms < %s THEN %s ELSE after_ms END,
        before_ms = CASE WHEN before_ms > %s THEN %s ELSE before_ms END
"""


#: Where articles stood until now, for views that were folded before.
KEEP_SECTIONS = """
    INSERT INTO broadsheet_readership_sectionmove (article_id, until_sequence, section_id)
    VALUES (%s, %s, %s)
    ON CONFLICT (article_id, until_sequence) DO NOTHING
"""
ADD_TO_CHECKPOINT = """
    INSERT INTO broadsheet_readership_checkpointarticlecount AS had (article_id, counted, robots)
    VALUES (%s, %s, %s)
    ON CONFLICT (article_id) DO UPDATE SET
        counted = had.counted + excluded.counted,
        robots = had.robots + excluded.robots
"""


def of_checkpoint(statement: str) -> str:
    """Return a statement of the fold for the checkpoint's table of the same kind."""
    return statement.replace("broadsheet_readership_", "broadsheet_readership_checkpoint")


def find_windows(readers: int) -> str:
    """Open windows of readers, then between which moments (ms, both excluded)."""
    return (
        "SELECT reader, article_id, last_counted_at_ms "  # noqa: S608 - placeholders alone
        f"FROM broadsheet_readership_openwindow WHERE reader IN ({_places(readers)}) "
        "AND last_counted_at_ms > %s AND last_counted_at_ms < %s"
    )


def find_sections(articles: int) -> str:
    """Article, its section, and whether it has a place."""
    return (
        "SELECT article_id, section_id, edition_id IS NOT NULL "  # noqa: S608 - placeholders alone
        f"FROM broadsheet_readership_articlecount WHERE article_id IN ({_places(articles)})"
    )


def find_moves(articles: int) -> str:
    return (
        "SELECT article_id, until_sequence, section_id "  # noqa: S608 - placeholders alone
        f"FROM broadsheet_readership_sectionmove WHERE article_id IN ({_places(articles)}) "
        "ORDER BY article_id, until_sequence"
    )


def _places(count: int) -> str:
    return ", ".join(["%s"] * count)
