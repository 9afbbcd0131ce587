"""The run's file: one SQLite database that is written while training runs and can be read at any moment.

`RecordWriter` takes what is observed from the training thread and returns at once; a thread of its own writes it.
`read` turns the file back into a `facts.Record`, while it is being written, after the end, and after `kill -9`;
`to_pandas` lays a record out as a table.

**Asking the file directly.** It opens in `sqlite3` or any other SQLite tool. An unmeasured number (nan) is NULL,
an exact zero gradient is -Inf.

| table or view | one row for each | columns |
|---|---|---|
| `run` | run (exactly one) | name, command, started, seconds, status, error, versions, overhead_share, notes |
| `network` | network | id, name, type, num_parameters, optimizer, settings, sites, ... (lists and mappings are JSON) |
| `steps` | optimizer step | name of the network, step, loss, raw_log10, applied_log10, gain, learning_rate, ... |
| `readings` | detailed reading | name of the network, step, site_names (JSON), data |
| `time_profiles` | gradient through time | name of the network, site, step, length, cell, gated, quantity, lag, ... |
| `events` | event | name of the network, step, kind, site, direction, operation, detail (JSON) |
| `meta` | key | `quantities`: names of the columns of `data` (JSON); `dropped`: readings lost to a slow disk |

`steps`, `readings`, `time_profiles` and `events` are views that join the tables `step`, `reading`, `time_profile` and
`event` with the network's name. `data` holds little-endian float32 of shape (sites, quantities), `lag` int64 and
`gradient_log10` float64. The gain over the run, and one reading as a matrix:

    SELECT step, loss, gain FROM steps WHERE network = 'model' AND step % 100 = 0;

    names, quantities, data = connection.execute(
        "SELECT site_names, (SELECT value FROM meta WHERE key = 'quantities'), data FROM readings LIMIT 1").fetchone()
    matrix = numpy.frombuffer(data, "<f4").reshape(-1, len(json.loads(quantities)))

**Bounds.** However long the run is, a network keeps at most 20,000 step rows and as many readings, 2,000 time profiles
and 2,000 steps with events (fewer beside more than three networks), and the file stays within 64 MiB; `thinning` says
what goes first. The log beside it, `record.sqlite-wal`, is there only while the run goes on and takes some MiB more.

Example:
    >>> import tempfile
    >>> from pathlib import Path
    >>> from isograd.facts import Run
    >>> folder = Path(tempfile.mkdtemp())
    >>> run = Run("train", ("train.py",), 0.0, 1.5, "finished", "", {}, 0.01)
    >>> writer = RecordWriter(folder / "record.sqlite", run)
    >>> writer.close()
    >>> read(folder).run == run
    True
"""

from isograd.facts.tables import to_pandas
from isograd.record.reader import read
from isograd.record.writer import RecordWriter

__all__ = ["RecordWriter", "read", "to_pandas"]
