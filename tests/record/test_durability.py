"""The record is readable while it is written, after `kill -9`, beside forks, and when the disk fails."""

import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest
from record_facts import RUN, network, row, values

from isograd.record import RecordWriter, read
from isograd.record.store import Store

WRITE_FOR_EVER = """
    import sys, time
    sys.path.insert(0, sys.argv[2])
    from pathlib import Path
    from record_facts import RUN, network, row, values
    from isograd.record import RecordWriter

    writer = RecordWriter(Path(sys.argv[1]), RUN)
    writer.network(0, network(5))
    for step in range(10**9):
        writer.step(0, row(step))
        if step % 10 == 0:
            writer.reading(0, step, values(5, step))
        if step % 250 == 249:
            assert writer.flush()
            print(step, flush=True)
            time.sleep(0.005)
"""


def start(script, *arguments, **options):
    here = str(Path(__file__).parent)
    command = [sys.executable, "-c", textwrap.dedent(script), *map(str, arguments), here]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **options)


def run_to_end(script, *arguments, **options):
    process = start(script, *arguments, stderr=subprocess.STDOUT, **options)
    output, _ = process.communicate(timeout=60)
    return process.returncode, output


@pytest.mark.parametrize("attempt", range(5))
def test_killed_at_a_random_moment_it_is_readable_and_lost_nothing_that_was_flushed(tmp_path, attempt):
    process = start(WRITE_FOR_EVER, tmp_path / "record.sqlite")
    acknowledged = int(process.stdout.readline())
    time.sleep(random.Random(attempt).uniform(0.0, 0.3))
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read().split()
    process.wait()
    acknowledged = int(rest[-1]) if rest else acknowledged
    found = read(tmp_path)
    steps = found.observed[0].steps.step
    assert found.run == RUN
    assert steps[-1] >= acknowledged
    assert len(steps) > 20_000 or steps.tolist() == list(range(len(steps)))
    readings = found.observed[0].readings
    assert readings.step[-1] >= acknowledged - 9
    np.testing.assert_array_equal(readings.column("rho")[:, 4], readings.step.astype(np.float32))


def test_it_is_read_while_another_process_writes(tmp_path):
    process = start(WRITE_FOR_EVER, tmp_path / "record.sqlite")
    try:
        seen = [int(process.stdout.readline())]
        until = time.monotonic() + 20  # on a busy machine six reads may pass before the other process has its turn
        while len(seen) < 7 or (seen[-1] == seen[0] and time.monotonic() < until):
            found = read(tmp_path).observed[0]
            assert found.steps.step[-1] >= seen[-1]
            seen.append(int(found.steps.step[-1]))
        assert seen[-1] > seen[0]
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_reader_in_the_same_process_does_not_disturb_the_writer(open_writer, tmp_path):
    writer = open_writer()
    writer.network(0, network())
    for step in range(300):
        writer.step(0, row(step))
        if step % 20 == 0:
            writer.flush()
            assert read(tmp_path).observed[0].steps.step[-1] == step
    writer.close()
    assert writer.fault is None
    assert len(read(tmp_path).observed[0].steps.step) == 300


def test_in_a_forked_child_every_call_does_nothing(open_writer, tmp_path):
    writer = open_writer()
    writer.network(0, network())
    writer.step(0, row(0))
    pid = os.fork()
    if pid == 0:
        try:
            writer.step(0, row(99))
            writer.network(1, network())
            writer.reading(0, 99, values(2, 0.0))
            quiet = not writer.flush() and writer.snapshot().observed == ()
            writer.close()
            os._exit(0 if quiet else 1)
        finally:
            os._exit(2)  # where anything was raised
    assert os.waitpid(pid, 0)[1] == 0
    writer.step(0, row(1))
    writer.close()
    assert writer.fault is None
    assert read(tmp_path).observed[0].steps.step.tolist() == [0, 1]


def test_a_forked_child_that_ends_as_python_does_leaves_the_record_alone(tmp_path):
    code, output = run_to_end(
        """
        import os, sys
        sys.path.insert(0, sys.argv[2])
        from pathlib import Path
        from record_facts import RUN, network, row
        from isograd.record import RecordWriter, read

        writer = RecordWriter(Path(sys.argv[1]), RUN)
        writer.network(0, network())
        for step in range(40):
            writer.step(0, row(step))
            if step % 10 == 5:
                pid = os.fork()
                if pid == 0:
                    sys.exit(7)  # atexit, garbage collection and all
                assert os.waitpid(pid, 0)[1] >> 8 == 7
        writer.flush()
        assert len(read(sys.argv[1]).observed[0].steps.step) == 40
        assert writer.fault is None, writer.fault
        """,
        tmp_path / "record.sqlite",
    )
    assert code == 0, output
    assert len(read(tmp_path).observed[0].steps.step) == 40  # closed at exit
    assert [file.name for file in tmp_path.iterdir()] == ["record.sqlite"]


def test_a_folder_that_cannot_be_made_costs_the_file_and_not_the_data(tmp_path):
    (tmp_path / "file").write_text("in the way")
    writer = RecordWriter(tmp_path / "file" / "record.sqlite", RUN)
    assert writer.fault.startswith("No record is kept on disk (")
    assert writer.fault.count(".") <= 2
    writer.network(0, network(1))
    writer.step(0, row(0))
    writer.reading(0, 0, values(1, 2.0))
    assert writer.snapshot().observed[0].steps.step.tolist() == [0]
    writer.step(0, row(1))
    writer.close()
    assert writer.snapshot().observed[0].steps.step.tolist() == [0, 1]


@pytest.mark.skipif(not hasattr(os, "setuid"), reason="needs users")
def test_a_read_only_folder_costs_the_file_and_not_the_data(tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(0o555)
    code, output = run_to_end(
        """
        import os, sys
        sys.path.insert(0, sys.argv[2])
        from pathlib import Path
        from record_facts import RUN, network, row
        from isograd.record import RecordWriter

        if os.getuid() == 0:  # whom no permission stops
            os.setresuid(65534, 65534, 65534)
        writer = RecordWriter(Path(sys.argv[1]), RUN)
        writer.network(0, network())
        writer.step(0, row(3))
        print(writer.fault)
        print(writer.snapshot().observed[0].steps.step)
        """,
        "/proc/isograd/record.sqlite" if not _others_may_enter(folder) else folder / "record.sqlite",
    )
    assert code == 0, output
    assert output.startswith("No record is kept on disk (")
    assert output.splitlines()[-1] == "[3]"
    assert list(folder.iterdir()) == []


def _others_may_enter(folder):
    return os.getuid() != 0 or all(parent.stat().st_mode & 0o001 for parent in folder.parents)


def test_something_else_at_the_path_is_left_alone(tmp_path):
    path = tmp_path / "record.sqlite"
    path.write_text("my thesis")
    writer = RecordWriter(path, RUN)
    assert "is no record of isograd: name another folder" in writer.fault
    writer.close()
    assert path.read_text() == "my thesis"


def test_a_file_size_limit_in_mid_run_keeps_both_halves(tmp_path):
    code, output = run_to_end(FILL_THE_DISK, tmp_path / "record.sqlite", preexec_fn=lambda: _limit_file_size(300_000))
    assert code == 0, output
    _check_disk_that_filled(output, tmp_path)


def test_a_full_disk_in_mid_run_keeps_both_halves(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("may not mount a small disk here; the file size limit stands in for it")
    try:
        code, output = run_to_end(FILL_THE_DISK, disk / "record.sqlite")
        assert code == 0, output
        _check_disk_that_filled(output, disk)
    finally:
        subprocess.run(["umount", disk], check=True)


FILL_THE_DISK = """
    import sys
    sys.path.insert(0, sys.argv[2])
    from pathlib import Path
    from record_facts import RUN, network, row, values
    from isograd.record import RecordWriter, read

    writer = RecordWriter(Path(sys.argv[1]), RUN)
    writer.network(0, network(100))
    for step in range(300):
        writer.step(0, row(step))
        writer.reading(0, step, values(100, step))
        if step % 10 == 0:
            writer.flush()
    writer.flush()
    found = writer.snapshot().observed[0]
    assert found.steps.step.tolist() == list(range(300)), found.steps.step
    assert found.readings.column("rho")[:, 99].tolist() == list(range(300))
    writer.close()
    assert len(writer.snapshot().observed[0].steps.step) == 300
    print(writer.fault)
"""


def _limit_file_size(num_bytes):
    resource.setrlimit(resource.RLIMIT_FSIZE, (num_bytes, num_bytes))


def _check_disk_that_filled(output, folder):
    assert output.startswith("The record stopped at ")
    assert len(output.splitlines()) == 1
    kept = read(folder)
    steps = kept.observed[0].steps.step
    assert 5 < len(steps) < 300
    assert steps.tolist() == list(range(len(steps)))
    assert kept.run.notes == ()


def test_a_folder_removed_in_mid_run_is_noticed(open_writer, tmp_path):
    writer = open_writer(tmp_path / "run" / "record.sqlite")
    writer.network(0, network())
    writer.step(0, row(0))
    writer.flush()
    for file in (tmp_path / "run").iterdir():
        file.unlink()
    writer.step(0, row(1))
    assert writer.snapshot().observed[0].steps.step.tolist() == [0, 1]
    assert "No such file or directory" in writer.fault


def test_a_record_replaced_in_mid_run_is_noticed(open_writer, tmp_path):
    first = open_writer()
    first.network(0, network())
    first.flush()
    second = open_writer()
    first.step(0, row(1))
    assert first.snapshot().observed[0].steps.step.tolist() == [1]
    assert "another file has taken its place" in first.fault
    assert second.fault is None


def test_a_database_that_breaks_altogether_still_leaves_what_comes_after(open_writer, monkeypatch):
    writer = open_writer()
    writer.network(0, network())
    writer.step(0, row(0))
    writer.flush()
    original = Store._write

    def breaks(store, batch):
        if store.fault is None:
            raise sqlite3.OperationalError("disk I/O error")
        original(store, batch)

    monkeypatch.setattr(Store, "_write", breaks)
    monkeypatch.setattr("isograd.record.store.intact_rows", lambda *_: ([], True))
    writer.step(0, row(1))
    found = writer.snapshot()
    assert "disk I/O error" in writer.fault
    assert found.run == RUN
    assert found.observed[0].network == network()
    assert found.observed[0].steps.step.tolist() == [1]
