"""The tables of a record and the marks by which a record is known; `isograd.record` describes them for users."""

import json
import sqlite3

from isograd.facts import QUANTITIES

APPLICATION_ID = 0x49534F47
"""`ISOG`, in the header of the file: tells a record from any other SQLite database."""
VERSION = 1
"""Of the tables below, in `PRAGMA user_version`. Further columns and quantities do not raise it; readers go by name."""
OLDEST_VERSION = 1
"""The oldest version that this code still reads."""
FILE_NAME = "record.sqlite"
"""Name of the record in a run's folder."""
COPIED_TABLES = ("meta", "run", "network", "layout", "step", "reading", "time_profile", "event")
"""All tables, in an order in which they can be copied."""

_TABLES = """
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT);
CREATE TABLE run(
    id INTEGER PRIMARY KEY, name TEXT, command TEXT, started REAL, seconds REAL, status TEXT, error TEXT,
    versions TEXT, overhead_share REAL, notes TEXT);
CREATE TABLE network(
    id INTEGER PRIMARY KEY, name TEXT, type TEXT, num_parameters INTEGER, num_frozen INTEGER, optimizer TEXT,
    settings TEXT, sites TEXT, depth INTEGER, unreached TEXT, loss TEXT, number_format TEXT, normalised INTEGER,
    residual INTEGER);
CREATE TABLE layout(network INTEGER, id INTEGER, site_names TEXT, PRIMARY KEY(network, id));
CREATE TABLE step(
    network INTEGER, step INTEGER, loss REAL, raw_log10 REAL, applied_log10 REAL, gain REAL, learning_rate REAL,
    seconds REAL, nonfinite INTEGER, UNIQUE(network, step));
CREATE TABLE reading(
    network INTEGER, step INTEGER, layout INTEGER, crc INTEGER, data BLOB, UNIQUE(network, step));
CREATE TABLE time_profile(
    network INTEGER, site TEXT, step INTEGER, length INTEGER, lag BLOB, gradient_log10 BLOB, cell TEXT, gated INTEGER,
    quantity TEXT);
CREATE TABLE event(
    network INTEGER, step INTEGER, kind TEXT, site TEXT, direction TEXT, operation TEXT, detail TEXT);
"""

_VIEWS = """
CREATE VIEW steps AS
    SELECT name AS network, step, step.loss AS loss, raw_log10, applied_log10, gain, learning_rate, seconds, nonfinite
    FROM step JOIN network ON network.id = step.network;
CREATE VIEW readings AS
    SELECT name AS network, step, site_names, data
    FROM reading JOIN network ON network.id = reading.network
    JOIN layout ON layout.network = reading.network AND layout.id = reading.layout;
CREATE VIEW time_profiles AS
    SELECT name AS network, site, step, length, cell, gated, quantity, lag, gradient_log10
    FROM time_profile JOIN network ON network.id = time_profile.network;
CREATE VIEW events AS
    SELECT name AS network, step, kind, site, direction, operation, detail
    FROM event JOIN network ON network.id = event.network;
"""


def create(connection: sqlite3.Connection) -> None:
    """Lay out an empty database in one transaction, so that nobody ever meets half a schema."""
    connection.executescript(
        f"BEGIN IMMEDIATE; PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION};"
        f"{_TABLES}{_VIEWS}"
        f"INSERT INTO meta VALUES('quantities', '{json.dumps(QUANTITIES)}'); COMMIT;"
    )


def insert_sql(table: str, num_columns: int, num_rows: int = 1) -> str:
    """Statement that inserts or replaces `num_rows` rows at once.

    Example:
        >>> insert_sql("meta", 2)
        'INSERT OR REPLACE INTO meta VALUES (?,?)'
    """
    row = f"({','.join('?' * num_columns)})"
    return f"INSERT OR REPLACE INTO {table} VALUES {','.join([row] * num_rows)}"
