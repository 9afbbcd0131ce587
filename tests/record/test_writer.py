import sqlite3
import statistics
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from record_facts import RUN, assert_same, network, records, row, values, write

from isograd.facts import Event
from isograd.record import RecordWriter, inbox, read


@given(records)
@settings(max_examples=40, deadline=None)
def test_what_is_written_is_read_back_from_the_file_and_from_the_writer(record):
    with tempfile.TemporaryDirectory() as folder:
        writer = RecordWriter(Path(folder) / "record.sqlite", record.run)
        write(writer, record)
        assert_same(writer.snapshot(), record)
        assert_same(read(folder), record)
        writer.close()
        assert writer.fault is None
        assert_same(read(folder), record)
        assert_same(writer.snapshot(), record)


def test_a_closed_record_is_a_single_file(open_writer, tmp_path):
    writer = open_writer()
    writer.step(0, row(0))
    writer.close()
    assert [file.name for file in tmp_path.iterdir()] == ["record.sqlite"]


def test_calls_after_close_do_nothing(open_writer):
    writer = open_writer()
    writer.network(0, network())
    writer.close()
    writer.step(0, row(0))
    writer.run(replace(RUN, status="failed"))
    assert not writer.flush()
    assert writer.snapshot().run == RUN
    writer.close()


def test_run_is_updated(open_writer, tmp_path):
    writer = open_writer()
    ended = replace(RUN, status="failed", error="ValueError: no", notes=("compiled",))
    writer.run(ended)
    writer.flush()
    assert read(tmp_path).run == ended


def test_sites_may_grow_and_move_and_older_readings_follow_by_name(open_writer):
    writer = open_writer()
    writer.network(0, network(names=["a", "b"]))
    writer.reading(0, 0, np.concatenate([values(1, 1.0), values(1, 2.0)]))
    writer.network(0, network(names=["a", "new", "b"]))
    writer.reading(0, 1, np.concatenate([values(1, 3.0), values(1, 4.0), values(1, 5.0)]))
    found = writer.snapshot().observed[0].readings.column("rho")
    np.testing.assert_array_equal(found, np.array([[1, np.nan, 2], [3, 4, 5]], np.float32))


def test_a_reading_wider_than_the_known_sites_finds_its_place_once_they_are_known(open_writer):
    writer = open_writer()
    writer.network(0, network(1))
    writer.reading(0, 0, np.concatenate([values(1, 1.0), values(1, 2.0), values(1, 3.0)]))
    assert writer.snapshot().observed[0].readings.column("rho").tolist() == [[1.0]]
    writer.network(0, network(2))
    assert writer.snapshot().observed[0].readings.column("rho").tolist() == [[1.0, 2.0]]


def test_the_same_step_twice_is_replaced(open_writer):
    writer = open_writer()
    writer.network(0, network(1))
    for loss in (1.0, 2.0):
        writer.step(0, row(7)._replace(loss=loss))
        writer.reading(0, 7, values(1, loss))
    found = writer.snapshot().observed[0]
    assert found.steps.loss.tolist() == [2.0]
    assert found.readings.column("rho").tolist() == [[2.0]]


def test_values_are_copied(open_writer):
    writer = open_writer()
    writer.network(0, network(1))
    matrix = values(1, 1.0)
    writer.reading(0, 0, matrix)
    matrix[:] = 9.0
    assert writer.snapshot().observed[0].readings.column("rho").tolist() == [[1.0]]


def test_numbers_of_numpy_are_taken(open_writer):
    writer = open_writer()
    writer.network(np.int64(0), replace(network(1), depth=np.int64(3), settings={"lr": np.float32(0.5)}))
    writer.step(np.int64(0), row(np.int64(4), np.int64(2))._replace(loss=np.float32(0.25)))
    writer.event(0, Event(np.int64(4), "non-finite", "a", "forward", "Log", {"at": np.arange(2), "x": np.float64(1.0)}))
    found = writer.snapshot().observed[0]
    assert writer.fault is None
    assert found.network.depth == 3
    assert found.network.settings == {"lr": 0.5}
    assert (found.steps.step[0], found.steps.loss[0], found.steps.nonfinite[0]) == (4, 0.25, 2)
    assert found.events[0].detail == {"at": [0, 1], "x": 1.0}


def test_a_name_that_is_no_unicode_is_taken(open_writer):
    writer = open_writer()
    writer.run(replace(RUN, name="run\udce9", command=("run\udce9.py",)))
    found = writer.snapshot().run
    assert writer.fault is None
    assert found.name == "run\\udce9"
    assert found.command == ("run\udce9.py",)


def test_a_second_run_replaces_the_record_of_the_first(open_writer, tmp_path):
    first = open_writer()
    first.network(0, network())
    first.close()
    second = open_writer(run=replace(RUN, name="second"))
    second.flush()
    assert read(tmp_path).run.name == "second"
    assert read(tmp_path).observed == ()


def test_a_call_costs_the_training_thread_a_few_microseconds(open_writer):
    writer = open_writer()
    writer.network(0, network(200))
    one, matrix = row(0), values(200, 1.0)
    step_seconds, reading_seconds = [], []
    for step in range(2000):
        began = time.perf_counter()
        writer.step(0, one)
        between = time.perf_counter()
        writer.reading(0, step % 50, matrix)
        step_seconds.append(between - began)
        reading_seconds.append(time.perf_counter() - between)
    # Medians, for the machine may be busy; an unloaded one shows 0.5 and 5 microseconds.
    assert statistics.median(step_seconds) < 5e-6
    assert statistics.median(reading_seconds) < 100e-6


def test_a_slow_disk_drops_rows_and_never_blocks(open_writer, tmp_path, monkeypatch):
    monkeypatch.setattr(inbox, "_QUEUED_BYTES", 10 * values(2, 0.0).nbytes)
    monkeypatch.setattr(inbox, "_QUEUED_ROWS", 20)
    writer = open_writer()
    writer.network(0, network(2))
    writer.flush()
    disk_is_stuck, disk_goes_on = threading.Event(), threading.Event()

    def hang(store):
        disk_is_stuck.set()
        disk_goes_on.wait(30)

    writer._inbox.put_request(inbox.Request(hang))
    disk_is_stuck.wait(30)
    for step in range(50):
        writer.step(0, row(step))
        writer.reading(0, step, values(2, step))
        writer.event(0, Event(step, "scaler-skip", "", "", ""))
    assert not writer.flush(timeout_seconds=0.01)
    disk_goes_on.set()
    assert writer.flush()
    found = read(tmp_path)
    assert found.observed[0].readings.step.tolist() == list(range(10))
    assert found.observed[0].steps.step.tolist() == list(range(20))
    assert len(found.observed[0].events) == 20
    assert writer.num_dropped == 40 + 30 + 30
    assert found.run.notes == ("100 readings and rows were not recorded because the disk was too slow.",)


def test_a_mistake_of_ours_ends_in_a_fault_and_not_in_the_training_thread(open_writer):
    writer = open_writer()
    writer.network(0, network())
    writer.flush()
    writer.event(0, Event("no number", "rebuilt", "", "", "", None))
    writer._inbox.put_row("event", lambda: (1 / 0,))
    assert writer.flush()
    assert "ZeroDivisionError" in writer.fault
    writer.step(0, row(3))
    assert writer.snapshot().observed[0].steps.step.tolist() == [3]


@pytest.mark.parametrize("view", ["steps", "readings", "time_profiles", "events"])
def test_views_answer_questions_in_sql(open_writer, tmp_path, view):
    from isograd.facts import TimeProfile

    writer = open_writer()
    writer.network(0, network(name="generator"))
    writer.step(0, row(5)._replace(loss=float("nan"), raw_log10=float("-inf")))
    writer.reading(0, 5, values(2, 1.0))
    writer.time_profile(0, TimeProfile("a", 5, 1, np.zeros(1, np.int64), np.zeros(1), "RNN", False))
    writer.event(0, Event(5, "non-finite", "a", "forward", "Log"))
    writer.close()
    connection = sqlite3.connect(tmp_path / "record.sqlite")
    assert connection.execute(f"SELECT network, step FROM {view}").fetchall() == [("generator", 5)]
    if view == "steps":
        assert connection.execute("SELECT loss IS NULL, raw_log10 FROM steps").fetchone() == (1, float("-inf"))
    connection.close()
