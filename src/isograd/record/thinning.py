"""Which old rows go when a run grows long.

Per network a table is thinned to half of its limit whenever it exceeds it; all networks together may have one row for
each KiB of the file's bound, so that very many networks have fewer rows each. What stays, in this order: the first 200
steps (training is decided early), the newest quarter of the rows, the steps with a non-finite value or an event and
the row before each, and of the rest one row in every cell of 2, 4, 8, ... steps, so that what stays is spread
evenly over the run and a later thinning keeps a subset of an earlier one.

When the file nears its bound in bytes, all networks' readings are halved in the same way, then time profiles, step rows
and events. Freed pages are used again, so the file never shrinks while it is written and never grows beyond the bound.
"""

import json
import sqlite3
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

FIRST_STEPS = 200
"""Rows at the start of a run that thinning leaves alone (at most a quarter of the limit)."""
_PRESSED = (("reading", 16), ("reading", 16), ("time_profile", 16), ("step", 200), ("event", 50))
# What gives way when the file nears its bound, and the number of rows below which it does not; readings come twice
# because the first halving may leave pages half full, which only a second one frees.


def keep_mask(step: NDArray[np.int64], marks: NDArray[np.int64], limit: int) -> NDArray[np.bool_]:
    """Which rows stay.

    Args:
        step: Shape (N,), strictly ascending: the steps that have rows.
        marks: Shape (M,), ascending: steps at which something happened; the row of each (or the first after it) and
            the row before stay, for the earliest of them up to a quarter of the limit.
        limit: Rows that may stay, at least 8.

    Returns:
        Shape (N,), at most `limit` of it True.

    Example:
        >>> keep_mask(np.arange(32), np.array([17]), 16).nonzero()[0].tolist()
        [0, 1, 2, 3, 4, 8, 12, 16, 17, 20, 24, 28, 29, 30, 31]
    """
    if len(step) <= limit:
        return np.ones(len(step), bool)
    keep = np.zeros(len(step), bool)
    keep[: min(FIRST_STEPS, limit // 4)] = True
    keep[-(limit // 4) :] = True
    rows = np.unique(np.searchsorted(step, marks))[: limit // 8]
    rows = rows[rows < len(step)]
    keep[rows] = True
    keep[np.maximum(rows - 1, 0)] = True
    stride = 2
    while (thinned := keep | _first_of_cells(step, stride)).sum() > limit:
        stride *= 2
    return thinned


def thin(connection: sqlite3.Connection, table: str, network: int, limit: int) -> int:
    """Thin one network's rows of one table to at most `limit` distinct steps; returns how many steps went."""
    step = _column(connection, f"SELECT DISTINCT step FROM {table} WHERE network = :network ORDER BY step", network)
    marks = _column(
        connection,
        "SELECT step FROM step WHERE network = :network AND nonfinite <> 0"
        " UNION SELECT step FROM event WHERE network = :network ORDER BY step",
        network,
    )
    gone = step[~keep_mask(step, marks, limit)]
    connection.execute(
        f"DELETE FROM {table} WHERE network = ? AND step IN (SELECT value FROM json_each(?))",
        (network, json.dumps(gone.tolist())),
    )
    return len(gone)


def enforce(connection: sqlite3.Connection, limits: Mapping[str, int], max_bytes: int) -> None:
    """Bring every table within its limit of rows a network, and the database within three quarters of its bytes."""
    for table, limit in limits.items():
        counts = _counts(connection, table)
        share = (max_bytes >> 10) // max(1, len(counts))  # rows are few enough to leave most bytes to the readings
        allowed = min(limit, max(64, share))
        for network, num_steps in counts:
            if num_steps > allowed:
                thin(connection, table, network, allowed // 2)
    for table, floor in _PRESSED:
        if used_bytes(connection) <= max_bytes * 3 // 4:
            return
        for network, num_steps in _counts(connection, table):
            if num_steps > floor:
                thin(connection, table, network, max(num_steps // 2, 8))


def used_bytes(connection: sqlite3.Connection) -> int:
    """Bytes of all pages that hold something."""
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def _first_of_cells(step: NDArray[np.int64], stride: int) -> NDArray[np.bool_]:
    cell = step // stride
    return np.concatenate(([True], cell[1:] != cell[:-1]))


def _counts(connection: sqlite3.Connection, table: str) -> list[tuple[int, int]]:
    # Steps and readings are unique in their step; counting them plainly takes the index alone and a tenth of the time.
    count = "COUNT(*)" if table in ("step", "reading") else "COUNT(DISTINCT step)"
    return connection.execute(f"SELECT network, {count} FROM {table} GROUP BY network").fetchall()


def _column(connection: sqlite3.Connection, query: str, network: int) -> NDArray[np.int64]:
    # One JSON array instead of many rows: sqlite3 gives up the GIL for every row, and while the training thread
    # computes in pure Python it takes up to 5 ms each time to get it back.
    found = connection.execute(f"SELECT json_group_array(step) FROM ({query})", {"network": network}).fetchone()[0]
    return np.sort(np.array(json.loads(found), np.int64))
