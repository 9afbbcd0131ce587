"""What could not be observed is told in the reader's language, wherever it is told."""

import re
from dataclasses import replace
from importlib.resources import files

import pytest
from tests.report.page_scenes import run, vanishing

from isograd.report.issue_text import issue_text
from isograd.report.language import faults
from isograd.report.page.document import render_html
from isograd.report.run_notes import NOTES, run_notes
from isograd.report.terminal.run import render_terminal

COMPILED = "a compiled region hides its layers: only its parameters were watched"
WRITERS = ("observation/session.py", "record/reader.py", "diagnosis/checking.py")


def korean(note: str) -> str:
    (told,) = run_notes(run(notes=(note,)), "ko")
    return told


@pytest.mark.parametrize(
    ("note", "told"),
    [
        ("only the first 64 optimizers were watched", "옵티마이저는 처음 64개만 관찰했습니다"),
        (
            "watching ended early by a fault of isograd: KeyError: {x} (walk, line 3)",
            "isograd 자체의 오류로 관찰이 도중에 끝났습니다: KeyError: {x} (walk, line 3)",
        ),
        (
            "The record is damaged: some rows could not be read (of step, reading) and are left out.",
            "기록이 손상되어 읽을 수 없는 행(step, reading)은 제외했습니다.",
        ),
    ],
)
def test_what_is_in_the_fields_stays(note: str, told: str) -> None:
    assert korean(note) == told
    assert run_notes(run(notes=(note,)), "en") == (note,)


def test_an_unknown_note_is_shown_as_it_is() -> None:
    assert korean("something of somebody's own") == "something of somebody's own"


def test_the_notes_are_those_that_are_written() -> None:
    source = " ".join((files("isograd") / name).read_text(encoding="utf-8") for name in WRITERS)
    for known in NOTES:
        begins = re.split(r"[{:]", known.en)[0]
        assert begins in source, known.en
        assert set(re.findall(r"{\w+}", known.en)) == set(re.findall(r"{\w+}", known.ko))
        assert faults(replace(known, values=dict.fromkeys(re.findall(r"{(\w+)}", known.en), "x"))) == ()


def test_every_report_tells_them_in_korean() -> None:
    record, diagnosis = vanishing(60)
    record = replace(record, run=run(notes=(COMPILED,)))
    pages = (
        render_terminal(record, diagnosis, "ko", width=200),
        render_html(record, diagnosis, "ko"),
        issue_text(record, diagnosis, "ko"),
    )
    for page in pages:
        assert korean(COMPILED) in page
        assert COMPILED not in page
