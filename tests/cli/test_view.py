"""`isograd view`, on records made for the purpose."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from isograd.cli import sentences
from isograd.facts import Diagnosis, Finding, Run, StepRow, Text
from isograd.record import RecordWriter
from isograd.report.findings import schema
from isograd.report.language import faults


def write_run(folder: Path, status: str = "finished") -> None:
    run = Run("train", ("train.py",), 1.7e9, 2.0, status, "", {}, 0.0)
    writer = RecordWriter(folder / "record.sqlite", run)
    writer.step(0, StepRow(0, 1.0, 0.0, 0.0, -1.0, 0.1, 0.01, 0))
    writer.close()


@pytest.fixture
def runs(tmp_path) -> Path:
    folder = tmp_path / ".isograd" / "runs"
    for name in ("first", "second", "ranks/rank-0", "ranks/rank-1"):
        write_run(folder / name)
    return folder


FINDING = Finding("IG101", "vanishing", "warning", "model", ("0",), 0, 9, Text("It vanishes.", "사라집니다."), ())


@pytest.fixture
def judged(monkeypatch):
    """Every record gets one warning."""
    monkeypatch.setattr("isograd.diagnosis.diagnose", lambda record: Diagnosis("warning", (FINDING,)))


@pytest.mark.parametrize("name", ["first", "first/record.sqlite", "ranks", "ranks/rank-1"])
def test_a_run_is_viewed_by_its_folder_or_its_record(isograd, runs, judged, name: str) -> None:
    status, stdout, stderr = isograd("view", str(runs / name))
    assert (status, stderr) == (0, "")
    assert "IG101" in stdout


def test_without_a_name_the_latest_run_is_viewed(isograd, runs, judged) -> None:
    assert "IG101" in isograd("view")[1]


def test_files_and_language_are_as_asked(isograd, runs, judged, tmp_path) -> None:
    status, stdout, _ = isograd(
        "view", "--lang", "ko", "--json", "f.json", "--html", "r.html", "-q", str(runs / "first")
    )
    assert (status, stdout) == (0, "")
    found = json.loads((tmp_path / "f.json").read_text(encoding="utf-8"))
    jsonschema.validate(found, schema())
    assert found["findings"][0]["summary"] == "사라집니다."
    assert 'lang="ko"' in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_findings_on_standard_output_stand_alone(isograd, runs, judged) -> None:
    jsonschema.validate(json.loads(isograd("view", "--json", "-", str(runs / "first"))[1]), schema())


@pytest.mark.parametrize(("fail_on", "status"), [("never", 0), ("error", 0), ("warning", 3)])
def test_fail_on_looks_at_the_gravest(isograd, runs, judged, fail_on: str, status: int) -> None:
    assert isograd("view", "-q", "--fail-on", fail_on, str(runs / "first"))[0] == status


def test_an_error_counts_for_fail_on_warning(isograd, runs, monkeypatch) -> None:
    grave = Diagnosis("failing", (replace(FINDING, severity="error"),))
    monkeypatch.setattr("isograd.diagnosis.diagnose", lambda record: grave)
    assert isograd("view", "-q", "--fail-on", "warning", str(runs / "first"))[0] == 3
    assert isograd("view", "-q", "--fail-on", "error", str(runs / "first"))[0] == 3


def test_a_killed_run_that_saw_nothing_is_viewed(isograd, tmp_path) -> None:
    write_run(tmp_path / "killed", "running")
    status, stdout, stderr = isograd("view", "killed")
    assert (status, stderr) == (0, "")
    assert stdout.splitlines()[0].startswith("i isograd: no verdict")


def test_a_damaged_run_without_a_step_left_is_not_taken_for_one_that_trained_nothing(isograd, tmp_path) -> None:
    write_run(tmp_path / "run")
    with closing(sqlite3.connect(tmp_path / "run" / "record.sqlite")) as connection:
        connection.execute("INSERT INTO network (id) VALUES (0)")
        connection.commit()
    status, stdout, stderr = isograd("view", "run")
    assert (status, stdout) == (2, "")
    assert stderr == "isograd: The record of run is damaged and none of its steps can be read: name another run.\n"


def test_a_file_that_cannot_be_written_at_the_end_is_said(isograd, runs, judged, monkeypatch) -> None:
    def full(self, *content, **how) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    status, _, stderr = isograd("view", "--html", "r.html", str(runs / "first"))
    assert status == 0
    assert stderr.endswith("r.html could not be written (No space left on device).\n")


@pytest.mark.parametrize(
    "text",
    [
        sentences.no_torch("a"),
        sentences.no_step("a", True),
        sentences.no_step("a", False),
        sentences.no_folder("a", "b"),
        sentences.no_watching("a"),
        sentences.no_live("a"),
        sentences.no_report("a"),
        sentences.no_file("a", "b"),
        sentences.serving(),
    ],
)
def test_every_sentence_is_whole_in_both_languages(text: Text) -> None:
    assert faults(text) == ()
