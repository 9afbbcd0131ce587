"""A record file, or the database of a running writer, back into a `facts.Record`."""

import contextlib
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from isograd.errors import RecordError
from isograd.facts import QUANTITIES, Network, Observed, Readings, Record, StepRow, Steps
from isograd.facts.record import Column
from isograd.record import codec, schema
from isograd.record.salvage import intact_rows

Rows = Sequence[sqlite3.Row]
_LARGEST_BYTES = 1 << 30  # a damaged header may ask for terabytes


def read(path: str | Path) -> Record:
    """Read a run's record; it may still be written to, or have been cut short by `kill -9`.

    What is damaged is left out and said in `Record.run.notes`; the rest is read.

    Args:
        path: The file, or the run's folder that holds `record.sqlite`.

    Raises:
        RecordError: There is no such file, it is no record of isograd, it was written by a newer or by a much older
            isograd, or it is damaged beyond reading.
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
    if not rows["run"]:
        raise sqlite3.DatabaseError("the row of the run is gone")
    meta = {row["key"]: row["value"] for row in rows["meta"]}
    observed = []
    for row in rows["network"]:
        mine = {name: [r for r in found if r["network"] == row["id"]] for name, found in rows.items() if name in _OWNED}
        one, num_bad = _observed(codec.decode_network(row), mine, json.loads(meta.get("quantities", "null")))
        observed.append(one)
        lost += ["reading"] * bool(num_bad)
    run = codec.decode_run(rows["run"][0])
    return Record(replace(run, notes=run.notes + _notes(lost, int(meta.get("dropped", 0)))), tuple(observed))


_OWNED = ("layout", "step", "reading", "time_profile", "event")


def _notes(lost: Sequence[str], dropped: int) -> tuple[str, ...]:
    notes = []
    if lost:
        tables = ", ".join(dict.fromkeys(lost))
        notes.append(f"The record is damaged: some rows could not be read (of {tables}) and are left out.")
    if dropped:
        notes.append(f"{dropped} readings and rows were not recorded because the disk was too slow.")
    return tuple(notes)


def _observed(network: Network, rows: Mapping[str, Rows], quantities: Sequence[str] | None) -> tuple[Observed, int]:
    layouts = {row["id"]: json.loads(row["site_names"]) for row in rows["layout"]}
    readings, num_bad = _readings(network, rows["reading"], layouts, quantities or QUANTITIES)
    times = tuple(codec.decode_time_profile(row) for row in rows["time_profile"])
    events = tuple(codec.decode_event(row) for row in rows["event"])
    return Observed(network, _steps(rows["step"]), readings, times, events), num_bad


def _steps(rows: Rows) -> Steps:
    ordered = sorted(rows, key=lambda row: int(row["step"]))
    columns = {name: [row[name] for row in ordered] for name in StepRow._fields}
    return Steps(
        step=np.array(columns["step"], np.int64),
        loss=_column(columns["loss"]),
        raw_log10=_column(columns["raw_log10"]),
        applied_log10=_column(columns["applied_log10"]),
        gain=_column(columns["gain"]),
        learning_rate=_column(columns["learning_rate"]),
        seconds=_column(columns["seconds"]),
        nonfinite=np.array(columns["nonfinite"], np.int64),
    )


def _column(values: list[float | None]) -> Column:
    return np.array(values, np.float64)  # None, SQLite's NULL, becomes nan


def _readings(
    network: Network, rows: Rows, layouts: Mapping[int, Sequence[str]], quantities: Sequence[str]
) -> tuple[Readings, int]:
    """The readings in the order of steps, each site's values at its place in `network.sites`; nan where it had none.

    Returns:
        The readings, and how many were damaged and left out.
    """
    place = {site.name: index for index, site in enumerate(network.sites)}
    step: list[int] = []
    values = np.full((len(rows), len(place), len(QUANTITIES)), np.nan, np.float32)
    for row in sorted(rows, key=lambda row: int(row["step"])):
        try:
            found = codec.decode_reading(row, quantities)
        except ValueError:  # counted, and said in the notes of the run
            continue
        source, target = _places(len(found), layouts.get(row["layout"], ()), place)
        values[len(step), target] = found[source]
        step.append(row["step"])
    return Readings(np.array(step, np.int64), values[: len(step)]), len(rows) - len(step)


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
