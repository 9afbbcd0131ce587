"""Rows out of a database of which parts may be damaged."""

import sqlite3

_FARTHEST = 1 << 24  # row ids: far beyond what the bounds allow a run to write in one stretch


def intact_rows(connection: sqlite3.Connection, table: str) -> tuple[list[sqlite3.Row], bool]:
    """All rows of a table that can be read, in the order in which they were written.

    Around a damaged place the next readable row id is searched for by doubling and then by halving the distance, so
    that one damaged place costs some fifty look-ups however many rows it took with it.

    Returns:
        The rows, and True if some could not be read.
    """
    rows: list[sqlite3.Row] = []
    start: int | None = 0
    damaged = False
    while start is not None:
        last = start - 1
        try:
            for row in _rows_from(connection, table, start):
                last = row["rowid_"]
                rows.append(row)
            start = None
        except sqlite3.DatabaseError:
            damaged = True
            start = _next_readable(connection, table, last)
    return rows, damaged


def _rows_from(connection: sqlite3.Connection, table: str, start: int) -> sqlite3.Cursor:
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    return cursor.execute(f"SELECT rowid AS rowid_, * FROM {table} WHERE rowid >= ? ORDER BY rowid", (start,))


def _next_readable(connection: sqlite3.Connection, table: str, last: int) -> int | None:
    """The first row id after `last` that can be sought, given that damage is one stretch; None if there is none."""
    jump = 1
    while not _can_read(connection, table, last + jump):
        jump *= 2
        if jump > _FARTHEST:
            return None
    bad, good = jump // 2, jump
    while good - bad > 1:
        middle = (bad + good) // 2
        bad, good = (bad, middle) if _can_read(connection, table, last + middle) else (middle, good)
    return last + good


def _can_read(connection: sqlite3.Connection, table: str, start: int) -> bool:
    try:
        _rows_from(connection, table, start).fetchone()
    except sqlite3.DatabaseError:
        return False
    return True
