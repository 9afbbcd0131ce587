"""`isograd cure` from end to end, on scripts as users write them: proved, refused, broken off, taken up again."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import jsonschema
import pytest
import scripts

from isograd.errors import UsageError
from isograd.facts.trial import MetricPattern
from isograd.observation.target import Target
from isograd.report.findings import schema
from isograd.treatment.curing.cure import cure
from isograd.treatment.curing.options import Options
from isograd.treatment.trial import Subject

CHEAP = ("init:orthogonal", "norm:batch")
ACCURACY = MetricPattern(r"test accuracy: (\S+)")


def heal(place, source, monkeypatch, **options):
    """Cures a script in an empty folder, in this process: trials fork from one server."""
    monkeypatch.chdir(place)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # it differs from test to test, and each environment has its own server
    (place / "train.py").write_text(source)
    subject = Subject.of(Target.script("train.py"))
    return cure(subject, Options(place / "cure", **{"seeds": 3, "remedies": CHEAP, **options}))


def plainly(place, name="train.py"):
    """What a script prints when plain Python runs it."""
    done = subprocess.run(
        [sys.executable, name], cwd=place, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_plain_loop_is_cured_and_the_written_change_does_the_same(tmp_path, monkeypatch):
    (tmp_path / "checkpoint.pt").write_bytes(b"mine")
    found = heal(tmp_path, scripts.SIGMOID, monkeypatch, metric=ACCURACY)
    verdict = found.verdict
    assert verdict.outcome == "cured"
    assert verdict.finding.problem == "vanishing"
    assert verdict.metric.kind == "printed"
    assert verdict.effect.low > 0.2
    assert verdict.against_sham.low > 0
    assert verdict.patch_verified
    assert verdict.reproducibility.exact
    assert (tmp_path / "checkpoint.pt").read_bytes() == b"mine"
    assert (tmp_path / "train.py").read_text() == scripts.SIGMOID
    assert {file.name for file in tmp_path.iterdir()} == {"train.py", "checkpoint.pt", "cure"}
    (tmp_path / "change.diff").write_text(verdict.patch)
    copy = tmp_path / "copy"
    copy.mkdir()
    shutil.copy(tmp_path / "train.py", copy)
    subprocess.run(["git", "apply", "--unsafe-paths", "-p1", "../change.diff"], cwd=copy, check=True)
    assert "isograd" not in (copy / "train.py").read_text()
    assert float(plainly(copy).rpartition(" ")[2]) > verdict.baseline.mean + 0.2


def test_lbfgs_in_a_main_function(tmp_path, monkeypatch):
    verdict = heal(tmp_path, scripts.LBFGS, monkeypatch).verdict
    assert verdict.outcome == "cured"
    assert verdict.patch_verified


def test_of_a_gan_only_the_sick_network_is_treated(tmp_path, monkeypatch):
    metric = MetricPattern(r"distance (\S+)", lower=True)
    verdict = heal(tmp_path, scripts.GAN, monkeypatch, metric=metric, remedies=("norm:batch",)).verdict
    assert verdict.finding.network == "generator"
    assert verdict.metric.kind == "printed"
    assert not verdict.metric.higher_is_better
    assert not any(verdict.treated.sick)
    assert all("discriminator" not in change.site for change in verdict.changes)


def test_a_healthy_training_is_left_alone(tmp_path, monkeypatch):
    verdict = heal(tmp_path, scripts.HEALTHY, monkeypatch).verdict
    assert verdict.outcome == "no-remedy-needed"
    assert verdict.trials == 1
    assert not verdict.patch


def test_what_was_not_seen_is_not_called_healthy(tmp_path, monkeypatch):
    verdict = heal(tmp_path, scripts.ONE_STEP, monkeypatch).verdict
    assert verdict.outcome == "unknown"
    assert "at least" in verdict.reasons[0].en


def test_an_error_of_the_programs_own_is_told(tmp_path, monkeypatch):
    verdict = heal(tmp_path, scripts.FAILS_AFTERWARDS, monkeypatch).verdict
    assert verdict.outcome == "no-remedy-needed"
    assert verdict.reasons[-1].values["error"] == "ValueError: no such folder for figures"


def test_labels_out_of_step_are_no_gradient_problem(tmp_path, monkeypatch):
    verdict = heal(tmp_path, scripts.SHUFFLED_LABELS, monkeypatch, remedies=()).verdict
    assert verdict.outcome == "not-a-gradient-problem"
    assert verdict.reasons


def test_a_program_that_does_not_repeat_itself_is_told_so(tmp_path, monkeypatch):
    verdict = heal(tmp_path, scripts.NOT_REPRODUCIBLE, monkeypatch).verdict
    assert not verdict.reproducibility.exact
    assert verdict.reproducibility.noise > 0
    assert any("not reproducible" in reason.en for reason in verdict.reasons)


@pytest.mark.parametrize(
    ("source", "said"),
    [(scripts.NEVER_STEPS, "took no optimizer step"), (scripts.FAILS_AT_ONCE, "ValueError: no data")],
)
def test_what_does_not_train_cannot_be_cured(tmp_path, monkeypatch, source, said):
    with pytest.raises(UsageError, match=said):
        heal(tmp_path, source, monkeypatch)


def test_a_spent_budget_tells_the_best_seen_and_proves_nothing(tmp_path, monkeypatch):
    verdict = heal(tmp_path, scripts.SIGMOID, monkeypatch, trials=6).verdict
    assert verdict.outcome == "interrupted"
    assert verdict.trials <= 6
    assert verdict.plan.doses
    assert "budget" in verdict.reasons[0].en


def command(*words):
    return [sys.executable, "-m", "isograd", "cure", *words]


def run(place, *words):
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "LC_ALL": "C.UTF-8"}
    return subprocess.run(command(*words), cwd=place, capture_output=True, text=True, env=environment)


def test_a_task_on_the_command_line(tmp_path):
    (tmp_path / "train.py").write_text(scripts.TASK)
    words = ("--seeds", "3", "--remedy", "norm:batch", "--json", "-", "train.py:task")
    done = run(tmp_path, *words)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    jsonschema.validate(found, schema())
    assert found["source"] == "cure"
    assert found["verdict"]["cured"]
    assert found["verdict"]["metric"]["kind"] == "evaluate"
    korean = run(tmp_path, "--lang", "ko", *words)  # taken up, not run again
    assert "치료됨" in korean.stderr
    assert json.loads(korean.stdout)["verdict"]["effect"] == found["verdict"]["effect"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--remedy", "init:hee", "train.py"), "did you mean init:he?"),
        (("--metric", "(", "train.py"), "no regular expression"),
        (("--lower", "train.py"), "--metric"),
        (("tran.py",), "did you mean train.py?"),
        (("train.py:task", "--epochs", "3"), "takes no arguments"),
    ],
)
def test_bad_input_gets_one_sentence(tmp_path, words, said):
    (tmp_path / "train.py").write_text(scripts.HEALTHY)
    done = run(tmp_path, *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") <= 2


def verdict_of(text):
    """A verdict without what a clock says: times, and the gain at the last reading, whose step follows the budget."""
    found = json.loads(text)["verdict"]
    for name in ("seconds", "run_seconds"):
        found.pop(name)
    for arm in ("baseline", "treated", "sham", "reseed"):
        found[arm].pop("seconds")
        found[arm].pop("gains")
    return found


def left_running(mark):
    """Processes that were started with a mark in their environment and still run; they may take a second to end."""
    for _ in range(40):
        found = []
        for environ in Path("/proc").glob("[0-9]*/environ"):
            with suppress(OSError):
                if f"ISOGRAD_TEST_MARK={mark}".encode() in environ.read_bytes():
                    found.append(environ.parent.name)
        if not found:
            break
        time.sleep(0.1)
    return found


def test_killed_at_random_moments_it_comes_to_the_same_verdict(tmp_path):
    (tmp_path / "train.py").write_text(scripts.SIGMOID)
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "ISOGRAD_TEST_MARK": str(tmp_path)}
    words = command("--seeds", "3", "--remedy", "norm:batch", "--quiet", "--json", "found.json", "train.py")
    draw = random.Random(3)
    for _ in range(3):
        started = subprocess.Popen(words, cwd=tmp_path, env=environment)
        time.sleep(draw.uniform(2.0, 5.0))
        started.send_signal(signal.SIGKILL)
        started.wait()
        assert not left_running(tmp_path)
    assert subprocess.run(words, cwd=tmp_path, env=environment).returncode == 0
    broken = verdict_of((tmp_path / "found.json").read_text())
    assert subprocess.run([*words[:-1], "--fresh", words[-1]], cwd=tmp_path, env=environment).returncode == 0
    assert verdict_of((tmp_path / "found.json").read_text()) == broken


def test_ctrl_c_keeps_what_was_seen(tmp_path):
    (tmp_path / "train.py").write_text(scripts.SIGMOID)
    words = command("--seeds", "5", "--json", "found.json", "train.py")
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "ISOGRAD_TEST_MARK": str(tmp_path)}
    started = subprocess.Popen(words, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, start_new_session=True)
    line = b""
    while b"short trainings" not in line:
        line = started.stderr.readline()
        assert line, "it ended before it could be broken off"
    time.sleep(1.0)
    os.killpg(started.pid, signal.SIGINT)  # as a terminal does
    said = started.communicate(timeout=60)[1].decode()
    assert started.returncode == 130
    assert "Traceback" not in said
    assert not left_running(tmp_path)
    assert json.loads((tmp_path / "found.json").read_text())["verdict"]["outcome"] == "interrupted"


def test_write_applies_the_change_and_nothing_else(tmp_path):
    (tmp_path / "train.py").write_text(scripts.SIGMOID)
    done = run(tmp_path, "--seeds", "3", "--remedy", "norm:batch", "--write", "--json", "found.json", "train.py")
    assert done.returncode == 0, done.stderr
    assert "BatchNorm1d" in (tmp_path / "train.py").read_text()
    assert {file.name for file in tmp_path.iterdir()} == {"train.py", "found.json", ".isograd"}
