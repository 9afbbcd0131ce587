"""Faults of isograd's own around the session: said once, and the script goes on."""

import sys
from pathlib import Path

import numpy as np
import pytest

from isograd.cli.folder import RECORD, OutFolder, choose
from isograd.cli.options import Outputs
from isograd.cli.watcher import Plan, Watcher, empty_record
from isograd.diagnosis import diagnose
from isograd.facts import StepRow
from isograd.observation.own_imports import OwnImports
from isograd.observation.runner import Outcome
from isograd.observation.target import Target
from isograd.record import read

FINISHED = Outcome(0, "", False, False)


class Session:
    """Takes the place of the real one: writes one row."""

    def __init__(self, sink, budget, name, command) -> None:
        self.sink = sink

    def start(self) -> None:
        self.sink.step(0, StepRow(0, 1.0, 0.0, 0.0, -1.0, 0.1, 0.01, 0))

    def stop(self, status, error="") -> None:
        self.status = status

    def vitals(self) -> None:
        return None

    def keepsakes(self) -> dict:
        return {}


@pytest.fixture
def make(tmp_path, monkeypatch):
    """Builds a watcher with the fake session, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("isograd.observation.session.Session", Session)
    (tmp_path / "train.py").touch()

    def build(folder: OutFolder | None = None, debug: bool = False, live: bool = False) -> Watcher:
        target = Target.script("train.py")
        outputs = Outputs(None, None, "en", False, "never", debug)
        plan = Plan(target, folder or choose(None, "train", None), 0.01, live, outputs)
        return Watcher(plan, OwnImports(None))

    return build


def test_it_records_from_arming_to_finish(make, capsys) -> None:
    watcher = make()
    watcher.arm()
    watcher.hush()
    record = watcher.finish(FINISHED)
    assert watcher.saw_torch
    assert record is not None
    assert capsys.readouterr().err == ""
    assert read(watcher.folder).run.versions["torch"] == sys.modules["torch"].__version__
    watcher.discard()
    assert not list(Path(".isograd/runs").iterdir())


def test_what_was_asked_for_or_holds_more_is_not_discarded(make, tmp_path) -> None:
    asked = make(choose("out", "train", None))
    asked.arm()
    asked.finish(FINISHED)
    asked.discard()
    assert (tmp_path / "out" / RECORD).exists()
    other = make()
    other.arm()
    other.finish(FINISHED)
    (other.folder / "notes.txt").touch()
    other.discard()
    assert [path.name for path in other.folder.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("debug", [False, True])
def test_a_session_that_cannot_start_is_said_and_no_more(make, monkeypatch, capsys, debug: bool) -> None:
    def refuse(self) -> None:
        raise RuntimeError("no hooks today")

    monkeypatch.setattr(Session, "start", refuse)
    watcher = make(debug=debug)
    watcher.arm()
    assert watcher.finish(FINISHED) is None
    *before, last = capsys.readouterr().err.splitlines()
    assert last == "isograd: watching could not start, the script runs on without it: RuntimeError: no hooks today"
    assert bool(before) == debug


def test_a_live_view_that_cannot_start_costs_only_itself(make, monkeypatch, capsys) -> None:
    def refuse(self) -> None:
        raise RuntimeError("no cursor")

    monkeypatch.setattr("isograd.report.live.view.LiveView.start", refuse)
    watcher = make(live=True)
    watcher.arm()
    assert watcher.finish(FINISHED) is not None
    assert (
        "the live view could not start, watching goes on without it: RuntimeError: no cursor" in capsys.readouterr().err
    )


def test_a_folder_that_cannot_be_made_costs_only_the_record(make, tmp_path, capsys) -> None:
    (tmp_path / ".isograd").touch()
    watcher = make()
    watcher.arm()
    assert watcher.finish(FINISHED) is not None
    assert watcher.folder is None
    said = capsys.readouterr().err
    assert said.startswith(f"isograd: {tmp_path}/.isograd/runs/")
    assert said.endswith("so this run leaves no record; --out names another folder.\n")
    assert said.count("\n") == 1


def test_a_disk_that_fails_is_said_once(make, monkeypatch, capsys) -> None:
    monkeypatch.setattr("isograd.record.RecordWriter.fault", property(lambda self: "The disk is full."))
    watcher = make()
    watcher.arm()
    assert watcher.finish(FINISHED) is not None
    assert capsys.readouterr().err == "isograd: The disk is full.\n"


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (FINISHED, "finished"),
        (Outcome(1, "ValueError: x", False, False), "failed"),
        (Outcome(1, "KeyboardInterrupt", True, False), "interrupted"),
    ],
)
def test_an_empty_record_says_how_the_run_ended(make, outcome: Outcome, status: str) -> None:
    record = empty_record(Target.script("train.py"), outcome)
    assert (record.run.status, record.run.error, record.observed) == (status, outcome.error, ())
    assert diagnose(record).health == "unknown"
    assert np.isfinite(record.run.started)
