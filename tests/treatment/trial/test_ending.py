"""Whatever ends the process that runs trials ends the trials, and what was finished is taken up."""

import os
import signal
import subprocess
import sys
import time

import pytest

import programs
from isograd.facts.trial import Order
from isograd.treatment.trial import Subject, run_trials
from isograd.treatment.trial.process.processes import environment

SLOW = programs.PLAIN.replace("range(12)", "range(10**9)")
PARENT = """
import sys
from pathlib import Path
from isograd.facts.trial import Order
from isograd.treatment.trial import Subject, run_trials
subject = Subject("script", "train.py", (), sys.argv[1])
run_trials(subject, [Order(), Order(seed=1)], Path(sys.argv[2]), parallel=2, fork=sys.argv[3] == "fork",
           progress=lambda place, steps: print(place, steps, flush=True))
"""


def alive(folder):
    """Processes that have the folder among their arguments or their open files."""
    found = []
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            held = [os.readlink(f"/proc/{process}/fd/{n}") for n in os.listdir(f"/proc/{process}/fd")]
        except OSError:
            continue
        if any(path.startswith(str(folder)) for path in held):
            found.append(int(process))
    return found


@pytest.mark.parametrize("how", ["fork", "fresh"])
@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_no_trial_outlives_its_parent(tmp_path, ending, how):
    (tmp_path / "train.py").write_text(SLOW)
    root = tmp_path / "trials"
    command = [sys.executable, "-c", PARENT, str(tmp_path), str(root), how]
    parent = subprocess.Popen(command, env=environment(1, 1), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    heard = set()
    while heard != {"0", "1"}:
        line = parent.stdout.readline()
        assert line, parent.stderr.read()
        heard.add(line.split()[0])
    assert len(alive(root)) >= 2
    parent.send_signal(ending)
    parent.communicate(timeout=30)
    for _ in range(100):
        if not alive(root):
            break
        time.sleep(0.05)
    assert alive(root) == []


def test_a_deadline_ends_what_runs_and_the_rest_is_taken_up(tmp_path):
    (tmp_path / "train.py").write_text(SLOW)
    subject = Subject("script", "train.py", (), str(tmp_path))
    orders = [Order(max_steps=3), Order(), Order(max_steps=4)]
    heard = []
    run_trials(subject, [Order(max_steps=1)], tmp_path / "before", threads=1)  # the server takes its time to start
    results = run_trials(
        subject,
        orders,
        tmp_path / "trials",
        threads=1,
        parallel=2,
        deadline=time.monotonic() + 4,
        ended=lambda result: heard.append(result.order.max_steps),
    )
    assert [result.status for result in results] == ["stopped", "interrupted", "stopped"]
    until = time.monotonic() + 10  # what was killed is gone when the kernel has cleared it away
    while alive(tmp_path / "trials") and time.monotonic() < until:
        time.sleep(0.1)
    assert alive(tmp_path / "trials") == []
    assert sorted(heard) == [3, 4]
    started = []
    again = run_trials(subject, [orders[0], orders[2]], tmp_path / "trials", threads=1, started=started.append)
    assert (again, started) == ([results[0], results[2]], [])


def test_a_result_that_was_cut_off_is_no_result(tmp_path):
    (tmp_path / "train.py").write_text(programs.PLAIN)
    subject = Subject("script", "train.py", (), str(tmp_path))
    (result,) = run_trials(subject, [Order()], tmp_path / "trials", threads=1)
    path = next((tmp_path / "trials").glob("*/result.json"))
    path.write_text(path.read_text()[:100])
    (again,) = run_trials(subject, [Order()], tmp_path / "trials", threads=1)
    assert again.digest == result.digest
