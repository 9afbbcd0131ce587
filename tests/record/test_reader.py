import json
import os
import shutil
import sqlite3

import numpy as np
import pytest
from record_facts import RUN, network, row, values

from isograd.errors import RecordError
from isograd.facts import QUANTITIES, Event, TimeProfile
from isograd.record import read, schema


@pytest.fixture
def recorded(open_writer, tmp_path):
    """A closed record of 2,000 steps and 200 readings."""
    writer = open_writer()
    writer.network(0, network(40))
    for step in range(2000):
        writer.step(0, row(step))
        if step % 10 == 0:
            writer.reading(0, step, values(40, step))
    writer.close()
    return tmp_path / "record.sqlite"


def change(path, *statements):
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def assert_one_sentence(error, *words):
    text = str(error.value)
    assert "\n" not in text
    assert text.endswith(".")
    for word in words:
        assert word in text


def test_no_such_file(tmp_path):
    for path in (tmp_path, tmp_path / "gone", str(tmp_path / "gone.sqlite")):
        with pytest.raises(RecordError) as error:
            read(path)
        assert_one_sentence(error, "There is no record at", str(tmp_path))


def test_path_may_be_the_file_or_its_folder_and_text(recorded):
    for path in (recorded, recorded.parent, str(recorded)):
        assert read(path).run == RUN


@pytest.mark.parametrize("content", [b"name,loss\n1,2\n", os.urandom(5000), b"SQLite format 3\0" + bytes(84)])
def test_any_other_file(tmp_path, content):
    path = tmp_path / "record.sqlite"
    path.write_bytes(content)
    with pytest.raises(RecordError) as error:
        read(path)
    assert_one_sentence(error, str(path), "no record")


def test_an_empty_file(tmp_path):
    (tmp_path / "record.sqlite").touch()
    with pytest.raises(RecordError) as error:
        read(tmp_path)
    assert_one_sentence(error, "is empty")


def test_a_foreign_database(tmp_path):
    change(tmp_path / "record.sqlite", "CREATE TABLE run(id)")
    with pytest.raises(RecordError) as error:
        read(tmp_path)
    assert_one_sentence(error, "is a SQLite database but no record of isograd")


def test_a_newer_record(recorded):
    change(recorded, f"PRAGMA user_version = {schema.VERSION + 1}")
    with pytest.raises(RecordError) as error:
        read(recorded)
    assert_one_sentence(error, "newer isograd", "upgrade")


def test_an_older_record(recorded):
    change(recorded, f"PRAGMA user_version = {schema.OLDEST_VERSION - 1}")
    with pytest.raises(RecordError) as error:
        read(recorded)
    assert_one_sentence(error, "older isograd")


def test_fewer_other_and_reordered_quantities_are_read_by_name(recorded):
    names = ["gone_since", *QUANTITIES[:0:-1]]
    change(recorded, f"UPDATE meta SET value = '{json.dumps(names)}' WHERE key = 'quantities'")
    found = read(recorded).observed[0].readings
    assert np.isnan(found.column(QUANTITIES[0])).all()
    np.testing.assert_array_equal(found.column(QUANTITIES[-1])[:, 0], found.step.astype(np.float32))


def test_a_damaged_blob_is_left_out_and_said(recorded):
    change(recorded, "UPDATE reading SET data = zeroblob(length(data)) WHERE step = 50")
    found = read(recorded)
    assert 50 not in found.observed[0].readings.step
    assert len(found.observed[0].readings.step) == 199
    assert len(found.observed[0].steps.step) == 2000
    assert "damaged" in found.run.notes[0]
    assert "reading" in found.run.notes[0]


def test_a_cut_off_tail_keeps_what_is_before_it(recorded):
    size = os.path.getsize(recorded)
    with recorded.open("r+b") as file:
        file.truncate(size * 3 // 4)
    found = read(recorded)
    assert found.run.name == RUN.name
    assert "damaged" in found.run.notes[0]
    assert len(found.observed[0].steps.step) + len(found.observed[0].readings.step) > 1000


@pytest.mark.parametrize("seed", range(12))
def test_overwritten_pages_cost_their_own_rows_or_give_one_clear_error(recorded, seed):
    random = np.random.default_rng(seed)
    content = bytearray(recorded.read_bytes())
    num_pages = len(content) // 4096
    for page in random.choice(np.arange(24, num_pages), 3, replace=False):
        content[page * 4096 : (page + 1) * 4096] = random.bytes(4096)
    recorded.write_bytes(content)
    found = read(recorded)
    steps, readings = found.observed[0].steps, found.observed[0].readings
    assert len(steps.step) + len(readings.step) > 500
    assert "damaged" in found.run.notes[0] or len(steps.step) + len(readings.step) == 2200
    np.testing.assert_array_equal(readings.column("rho")[:, 39], readings.step.astype(np.float32))


@pytest.mark.parametrize("page", range(1, 12))
def test_any_overwritten_page_at_the_start_gives_a_record_or_one_clear_error(recorded, page):
    content = bytearray(recorded.read_bytes())
    content[page * 4096 : (page + 1) * 4096] = np.random.default_rng(page).bytes(4096)
    recorded.write_bytes(content)
    try:
        outcome = read(recorded).run.name
    except RecordError as error:
        outcome = str(error)
    assert outcome == RUN.name or "damaged" in outcome


def test_a_record_whose_log_cannot_be_opened_is_read_from_a_copy(open_writer, tmp_path):
    writer = open_writer(tmp_path / "live" / "record.sqlite")
    writer.network(0, network())
    writer.step(0, row(0))
    writer.flush()
    left = tmp_path / "left"
    left.mkdir()
    for suffix in ("", "-wal"):
        shutil.copy(tmp_path / "live" / f"record.sqlite{suffix}", left)
    (left / "record.sqlite-shm").mkdir()  # stands for a folder in which it cannot be made: root may write anywhere
    assert read(left).observed[0].steps.step.tolist() == [0]


def test_reading_does_not_import_torch():
    import subprocess
    import sys

    code = "import isograd.record, sys; raise SystemExit('torch' in sys.modules or 'pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("change_it", "table"),
    [
        ("UPDATE network SET sites = '[{'", "network"),
        ("UPDATE network SET sites = '[{}]'", "network"),
        ("UPDATE step SET loss = 'x' WHERE step = 3", "step"),
        ("UPDATE layout SET site_names = 'x'", "layout"),
        ("UPDATE event SET detail = 'x'", "event"),
        ("UPDATE time_profile SET lag = x'00'", "time_profile"),
        ("UPDATE reading SET data = NULL", "reading"),
    ],
)
def test_rows_that_make_no_sense_are_left_out_and_said(open_writer, tmp_path, change_it, table):
    writer = open_writer()
    writer.network(0, network())
    for step in range(5):
        writer.step(0, row(step))
    writer.reading(0, 1, values(2, 1.0))
    writer.event(0, Event(1, "rebuilt", "", "", ""))
    writer.time_profile(0, TimeProfile("a", 1, 1, np.zeros(1, np.int64), np.zeros(1), "RNN", False))
    writer.close()
    change(tmp_path / "record.sqlite", change_it)
    found = read(tmp_path)
    assert found.run.notes == (f"The record is damaged: some rows could not be read (of {table}) and are left out.",)
    if table == "network":
        assert found.observed == ()
    else:
        assert len(found.observed[0].steps.step) == 5 - (table == "step")


def test_a_record_from_before_profiles_named_their_state(open_writer, tmp_path):
    writer = open_writer()
    writer.network(0, network(2))
    writer.time_profile(0, TimeProfile("a", 1, 3, np.arange(3), np.zeros(3), "LSTM", True, "cell"))
    writer.close()
    path = tmp_path / "record.sqlite"
    assert read(path).observed[0].times[0].quantity == "cell"
    change(path, "DROP VIEW time_profiles", "ALTER TABLE time_profile DROP COLUMN quantity")
    (profile,) = read(path).observed[0].times
    assert (profile.cell, profile.quantity) == ("LSTM", "hidden")
