"""A record file, or the database of a running writer, back into a `facts.Record`."""

import contextlib
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from isograd.errors import RecordError
from isograd.facts import QUANTITIES, Network, Observed, Readings, Record, StepRow, Steps
from isograd.record import codec, schema
from isograd.record.salvage import intact_rows

_T = TypeVar("_T")
Rows = Sequence[sqlite3.Row]
DAMAGED = "The record is damaged"
"""How the note begins that tells of lost rows."""
_LARGEST_BYTES = 1 << 30  # a damaged header may ask for terabytes


def read(path: str | Path) -> Record:
    """Read a run's record; it may still be written to, or have been cut short by `kill -9`.

    What is damaged is left out and said in `Record.run.notes`; the rest is read.

    Args:
        path: The file, or the run's folder that holds `record.sqlite`.

    Raises:
        RecordError: There is no such file, it is no record of isograd, it was written by a newer or by a much older
            isograd, or it is damaged beyond reading.

    >>> read("nowhere")
    Traceback (most recent call last):
      ...
    isograd.errors.RecordError: There is no record at nowhere...
    """
    file = Path(path)
    if file.is_dir():
        file = file / schema.FILE_NAME
    if not file.is_file():
        raise RecordError(f"There is no record at {file}: give the folder of a run, or the {schema.FILE_NAME} in it.")
    try:
        with _opened(file) as connection:
            check(connection, file)
            return load(connection)
    except sqlite3.DatabaseError as error:
        raise RecordError(f"{file} cannot be read ({error}): it is damaged, or no record of isograd.") from error


def check(connection: sqlite3.Connection, file: Path) -> None:
    """Make sure that a database is a record that this version reads.

    Raises:
        RecordError: It is not.
    """
    mark = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if mark == 0 and connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0] == 0:
        raise RecordError(f"{file} is empty: the run ended before anything was recorded, or this is no record.")
    if mark != schema.APPLICATION_ID:
        raise RecordError(
            f"{file} is a SQLite database but no record of isograd (application id {mark:#x} instead of "
            f"{schema.APPLICATION_ID:#x}): give the {schema.FILE_NAME} of a run."
        )
    if version > schema.VERSION:
        raise RecordError(
            f"{file} was written by a newer isograd (record version {version}, this one reads up to "
            f"{schema.VERSION}): upgrade isograd to read it."
        )
    if version < schema.OLDEST_VERSION:
        raise RecordError(
            f"{file} was written by an older isograd (record version {version}, this one reads from "
            f"{schema.OLDEST_VERSION} on): read it with the isograd that wrote it."
        )


def load(connection: sqlite3.Connection) -> Record:
    """All that is intact in a database, as of one moment.

    Raises:
        sqlite3.DatabaseError: Not even the row of the run can be read.
    """
    connection.execute("BEGIN")  # one snapshot over all tables, while the writer goes on
    try:
        tables = {name: intact_rows(connection, name) for name in schema.COPIED_TABLES}
    finally:
        connection.execute("ROLLBACK")
    lost = [name for name, (_, damaged) in tables.items() if damaged]
    rows: dict[str, Rows] = {name: found for name, (found, _) in tables.items()}
    runs = _decoded(codec.decode_run, "run", rows["run"], lost)
    if not runs:
        raise sqlite3.DatabaseError("the row of the run is gone")
    meta = dict(_decoded(lambda row: (row["key"], json.loads(row["value"])), "meta", rows["meta"], lost))
    networks = _decoded(lambda row: (row["id"], codec.decode_network(row)), "network", rows["network"], lost)
    observed = tuple(
        _observed(network, _of_network(index, rows), meta.get("quantities", QUANTITIES), lost)
        for index, network in networks
    )
    return Record(replace(runs[0], notes=runs[0].notes + _notes(lost, meta.get("dropped", 0))), observed)


def _decoded(decode: Callable[[sqlite3.Row], _T], table: str, rows: Rows, lost: list[str]) -> list[_T]:
    """What the rows of a table say; the table's name goes to `lost` if some say nothing that makes sense."""
    facts = []
    for row in rows:
        try:
            facts.append(decode(row))
        except (ValueError, KeyError, TypeError):  # said in the notes of the run
            lost.append(table)
    return facts


def _of_network(index: int, rows: Mapping[str, Rows]) -> dict[str, Rows]:
    owned = ("layout", "step", "reading", "time_profile", "event")
    return {name: [row for row in rows[name] if row["network"] == index] for name in owned}


def _notes(lost: Sequence[str], num_dropped: int) -> tuple[str, ...]:
    notes = []
    if lost:
        tables = ", ".join(dict.fromkeys(lost))
        notes.append(f"{DAMAGED}: some rows could not be read (of {tables}) and are left out.")
    if num_dropped:
        notes.append(f"{num_dropped} readings and rows were not recorded because the disk was too slow.")
    return tuple(notes)


def _observed(network: Network, rows: Mapping[str, Rows], quantities: Sequence[str], lost: list[str]) -> Observed:
    layouts = dict(_decoded(lambda row: (row["id"], json.loads(row["site_names"])), "layout", rows["layout"], lost))
    steps = sorted(_decoded(codec.decode_step, "step", rows["step"], lost), key=lambda row: row.step)
    found = _decoded(lambda row: codec.decode_reading(row, quantities), "reading", rows["reading"], lost)
    return Observed(
        network,
        _steps(steps),
        _readings(network, sorted(found, key=lambda one: one.step), layouts),
        tuple(_decoded(codec.decode_time_profile, "time_profile", rows["time_profile"], lost)),
        tuple(_decoded(codec.decode_event, "event", rows["event"], lost)),
    )


def _steps(rows: Sequence[StepRow]) -> Steps:
    return Steps(
        step=np.array([row.step for row in rows], np.int64),
        loss=np.array([row.loss for row in rows], np.float64),
        raw_log10=np.array([row.raw_log10 for row in rows], np.float64),
        applied_log10=np.array([row.applied_log10 for row in rows], np.float64),
        gain=np.array([row.gain for row in rows], np.float64),
        learning_rate=np.array([row.learning_rate for row in rows], np.float64),
        seconds=np.array([row.seconds for row in rows], np.float64),
        nonfinite=np.array([row.nonfinite for row in rows], np.int64),
    )


def _readings(network: Network, found: Sequence[codec.Reading], layouts: Mapping[int, Sequence[str]]) -> Readings:
    """The readings, each site's values at its place in `network.sites`; nan where it had none."""
    place = {site.name: index for index, site in enumerate(network.sites)}
    values = np.full((len(found), len(place), len(QUANTITIES)), np.nan, np.float32)
    for index, one in enumerate(found):
        source, target = _places(len(one.values), layouts.get(one.layout, ()), place)
        values[index, target] = one.values[source]
    return Readings(np.array([one.step for one in found], np.int64), values)


def _places(
    num_sites: int, names: Sequence[str], place: Mapping[str, int]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Which rows of a reading go where: by the names of its time, by position for rows that had no name yet."""
    wanted = [place.get(name, -1) for name in names[:num_sites]]
    wanted += [index if index < len(place) else -1 for index in range(len(wanted), num_sites)]
    target = np.array(wanted, np.intp)
    source = np.flatnonzero(target >= 0)
    return source, target[source]


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    """A read-only connection; never by way of `open` while SQLite itself can open the file.

    Closing any descriptor of the file drops this process's POSIX locks on it, those of a writer in the same process
    too. A copy is made only where SQLite fails, so that no writer can be at work on it here: after `kill -9` in a
    folder that has become read-only, where it cannot lay out its shared memory, or when the file's end is missing.
    """
    with contextlib.ExitStack() as stack:
        try:
            connection = connect_read_only(file)
            stack.callback(connection.close)
            connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_NOTADB:
                raise
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            connection = connect_read_only(_copy(file, Path(folder)))
            stack.callback(connection.close)
        yield connection


def connect_read_only(file: Path) -> sqlite3.Connection:
    """A connection that changes nothing; transactions are begun and ended by hand."""
    uri = file.resolve().as_uri() + "?mode=ro"
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=10)


def _copy(file: Path, folder: Path) -> Path:
    """Copy a database and its log, with empty pages for those that are missing at its end.

    Raises:
        RecordError: They cannot be read.
    """
    target = folder / schema.FILE_NAME
    try:
        shutil.copyfile(file, target)
        log = Path(f"{file}-wal")
        if log.exists():
            shutil.copyfile(log, f"{target}-wal")
    except OSError as error:
        raise RecordError(f"{file} cannot be read ({error.strerror}): check its permissions.") from error
    with target.open("r+b") as copy:
        header = copy.read(32)
        wanted = int.from_bytes(header[16:18]) * int.from_bytes(header[28:32])  # page size, number of pages
        if target.stat().st_size < wanted <= _LARGEST_BYTES:
            copy.truncate(wanted)
    return target
