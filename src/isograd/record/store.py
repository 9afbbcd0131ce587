"""The writer's side of the disk: one database, on disk for as long as that works and in memory after that."""

import contextlib
import itertools
import os
import sqlite3
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from isograd.errors import RecordError
from isograd.facts import Record, Run
from isograd.record import codec, schema, thinning
from isograd.record.reader import connect_read_only, load
from isograd.record.salvage import intact_rows

Cells = tuple[codec.Cell, ...]
Fault = (sqlite3.Error, OSError)
"""What the disk may do to us."""

_BUSY_SECONDS = 5.0  # for another program that locks the file
_ROWS_A_STATEMENT = 64
# sqlite3 gives up the GIL for each statement that it runs, and gets it back late while the training thread computes:
# few long statements instead of many short ones.
_ROWS_A_CHECK = 1024
_KEYS = {"run": 1, "network": 1, "layout": 2}
# Length of the key of the tables without which no other row can be read: should the disk not even give them back after
# a fault, they are written anew from memory.


@dataclass(frozen=True)
class Limits:
    """How far a record may grow."""

    max_bytes: int = 64 << 20
    """Of the file."""
    max_rows: int = 20_000
    """Step rows, and readings, of one network."""

    @property
    def rows(self) -> Mapping[str, int]:
        """The limit of each table, in steps of one network."""
        rare = max(8, self.max_rows // 10)
        return {"step": self.max_rows, "reading": self.max_rows, "time_profile": rare, "event": rare}


@dataclass
class Batch:
    """What is to be written in one transaction."""

    steps: list[Cells] = field(default_factory=list)
    """Rows of `step`."""
    rows: list[tuple[str, Cells]] = field(default_factory=list)
    """Rows of other tables, each with the table's name."""
    num_dropped: int = 0
    """How many rows have been dropped since the run began."""


class Store:
    """A record's database, used by one thread only.

    Attributes:
        fault: None while the record is on disk, else one sentence that says why it is not.
    """

    def __init__(self, path: Path, run: Run, limits: Limits) -> None:
        self.fault: str | None = None
        self._path = path
        self._limits = limits
        self._inode = 0
        self._num_dropped = 0
        self._remembered: dict[tuple[object, ...], tuple[str, Cells]] = {}
        first = Batch(rows=[("run", (1, *codec.encode(run)))])
        try:
            self._connection = self._on_disk()
            self._write(first)
            self._inode = os.stat(path).st_ino
        except (*Fault, RecordError) as error:
            self.fault = f"No record is kept on disk ({_reason(error, path)}); the run goes on, held in memory."
            self._connection = _in_memory()
            self._write(first)

    def apply(self, batch: Batch) -> None:
        """Commit a batch; a disk that fails is left as it is and memory takes its place."""
        try:
            if self.fault is None:
                self._still_there()
            self._write(batch)
        except Fault as error:
            if self.fault is not None:
                raise  # memory itself fails: nothing is left to fall back on
            self._go_on_in_memory(_reason(error, self._path))
            self._write(batch)

    def load(self) -> Record:
        """All that was written so far."""
        return load(self._connection)

    def close(self) -> None:
        """Turn the database into a single file without a log beside it, and let go of it."""
        with contextlib.suppress(sqlite3.Error):
            # Refused while somebody reads: then the log stays, and is read with the file.
            self._connection.execute("PRAGMA busy_timeout = 200")
            self._connection.execute("PRAGMA journal_mode = DELETE")
        with contextlib.suppress(sqlite3.Error):  # a full disk: what is committed stays readable
            self._connection.close()

    def _on_disk(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        _make_way(self._path)
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=_BUSY_SECONDS)
        try:
            connection.execute("PRAGMA synchronous = NORMAL")  # kill -9 loses nothing that was committed
            schema.create(connection)
            _set_up(connection)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA journal_size_limit = 1048576")
        except BaseException:
            connection.close()
            raise
        return connection

    def _still_there(self) -> None:
        """Notice that the run's folder was removed: SQLite would go on writing to a file without a name."""
        if os.stat(self._path).st_ino != self._inode:
            raise FileNotFoundError(2, "another file has taken its place")

    def _write(self, batch: Batch) -> None:
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            for rows in _chunks(batch.steps, _ROWS_A_CHECK):
                _insert_steps(connection, rows)
                thinning.enforce(connection, self._limits.rows, self._limits.max_bytes)
            self._insert_rows(batch.rows)
            if batch.num_dropped > self._num_dropped:
                connection.execute(schema.insert_sql("meta", 2), ("dropped", str(batch.num_dropped)))
            connection.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):  # SQLite has rolled back by itself after a full disk
                connection.execute("ROLLBACK")
            raise
        self._num_dropped = batch.num_dropped

    def _insert_rows(self, rows: list[tuple[str, Cells]]) -> None:
        """Insert row by row, and look at the bounds each time that a sixteenth of the file's bound has come in."""
        num_bytes = 0
        for table, cells in rows:
            self._connection.execute(schema.insert_sql(table, len(cells)), cells)
            if table in _KEYS:
                self._remembered[(table, *cells[: _KEYS[table]])] = (table, cells)
            num_bytes += 64 + sum(len(cell) for cell in cells if isinstance(cell, bytes | str))
            if num_bytes > self._limits.max_bytes // 16:
                thinning.enforce(self._connection, self._limits.rows, self._limits.max_bytes)
                num_bytes = 0
        if num_bytes:
            thinning.enforce(self._connection, self._limits.rows, self._limits.max_bytes)

    def _go_on_in_memory(self, reason: str) -> None:
        """Copy what can be read from disk into memory and go on there; what is on disk stays as it is."""
        self.fault = (
            f"The record stopped at {time.strftime('%H:%M:%S')} ({reason}); what was written before can be read, "
            "and the run goes on, held in memory."
        )
        disk, self._connection = self._connection, _in_memory()
        disk.execute("PRAGMA busy_timeout = 0")
        for table in schema.COPIED_TABLES:
            found, _ = intact_rows(disk, table)
            _copy_rows(self._connection, table, found)
        for table, cells in self._remembered.values():
            self._connection.execute(schema.insert_sql(table, len(cells)), cells)
        with contextlib.suppress(sqlite3.Error):  # its last checkpoint may fail once more
            disk.close()


def _make_way(path: Path) -> None:
    """Remove an earlier record of the same name.

    Raises:
        RecordError: Something else lies there.
    """
    if not path.exists():
        return
    if path.stat().st_size and not _is_record(path):
        raise RecordError(f"{path} exists and is no record of isograd: name another folder")
    for suffix in ("-wal", "-shm", "-journal", ""):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def _is_record(path: Path) -> bool:
    try:
        with contextlib.closing(connect_read_only(path)) as connection:
            mark: int = connection.execute("PRAGMA application_id").fetchone()[0]
            return mark == schema.APPLICATION_ID
    except sqlite3.DatabaseError:  # any other file
        return False


def _in_memory() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    schema.create(connection)
    _set_up(connection)
    return connection


def _set_up(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA secure_delete = OFF")  # some builds would write zeros over every row that is thinned
    connection.execute("PRAGMA temp_store = MEMORY")


def _insert_steps(connection: sqlite3.Connection, steps: list[Cells]) -> None:
    for rows in _chunks(steps, _ROWS_A_STATEMENT):
        sql = schema.insert_sql("step", len(rows[0]), len(rows))
        connection.execute(sql, tuple(itertools.chain.from_iterable(rows)))


def _copy_rows(connection: sqlite3.Connection, table: str, rows: Iterable[sqlite3.Row]) -> None:
    for row in rows:
        rowid, *cells = tuple(row)
        columns = ",".join(["rowid", *row.keys()[1:]])
        marks = ",".join("?" * (len(cells) + 1))
        connection.execute(f"INSERT OR REPLACE INTO {table}({columns}) VALUES ({marks})", (rowid, *cells))


def _chunks(rows: list[Cells], size: int) -> Iterable[list[Cells]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))


def _reason(error: Exception, path: Path) -> str:
    if isinstance(error, RecordError):
        return str(error)
    return f"{path}: {getattr(error, 'strerror', None) or error}"
