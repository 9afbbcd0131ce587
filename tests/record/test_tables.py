import sys

import numpy as np
import pytest
from record_facts import RUN, network, row, values

from isograd.errors import UsageError
from isograd.facts import QUANTITIES, Event, Record, TimeProfile
from isograd.record import to_pandas


@pytest.fixture
def record(open_writer):
    writer = open_writer()
    for index, name in enumerate(("generator", "critic", "idle")):
        writer.network(index, network(2, name))
    for index in range(2):
        writer.step(index, row(0))
        writer.step(index, row(1))
        writer.reading(index, 1, np.concatenate([values(1, 5.0), values(1, 6.0)]))
        writer.event(index, Event(1, "non-finite", "layers.0", "forward", "Log", {"share": 0.5}))
    writer.time_profile(0, TimeProfile("layers.1", 1, 3, np.arange(3), np.array([0.0, -1.0, -2.0]), "LSTM", True))
    return writer.snapshot()


def test_steps(record):
    frame = to_pandas(record)
    assert frame["network"].tolist() == ["generator"] * 2 + ["critic"] * 2
    assert frame["step"].tolist() == [0, 1, 0, 1]
    assert frame["step"].dtype == np.int64
    assert frame["gain"].tolist() == [-3.0] * 4


def test_readings(record):
    frame = to_pandas(record, "readings")
    assert list(frame.columns) == ["network", "step", "site", *QUANTITIES]
    assert frame["site"].tolist() == ["layers.0", "layers.1"] * 2
    assert frame["rho"].tolist() == [5.0, 6.0] * 2
    assert frame["rho"].dtype == np.float32


def test_times_and_events(record):
    times = to_pandas(record, "times")
    assert times["gradient_log10"].tolist() == [0.0, -1.0, -2.0]
    assert times["lag"].tolist() == [0, 1, 2]
    assert set(times["network"]) == {"generator"}
    events = to_pandas(record, "events")
    assert events["detail"].tolist() == [{"share": 0.5}] * 2


@pytest.mark.parametrize("table", ["steps", "readings", "times", "events"])
def test_an_empty_record_has_the_same_columns(record, table):
    assert list(to_pandas(Record(RUN, ()), table).columns) == list(to_pandas(record, table).columns)
    assert list(to_pandas(Record(RUN, record.observed[2:]), table).columns) == list(to_pandas(record, table).columns)


def test_without_pandas_it_says_what_to_do(record, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UsageError, match=r"pip install 'isograd\[pandas\]'"):
        to_pandas(record)


def test_no_such_table(record):
    with pytest.raises(UsageError, match="ask for one of steps, readings, times, events"):
        to_pandas(record, "losses")
