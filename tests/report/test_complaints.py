"""Complaints in Korean: of the sentences that are raised in English, as the parts raise them."""

import ast
import re
import sqlite3
from pathlib import Path

import pytest

import isograd
from isograd.errors import RecordError
from isograd.record import read
from isograd.report.complaints import complaint

SOURCE = Path(isograd.__file__).parent
SPOKEN = (
    "cli", "record", "diagnosis/checking.py", "treatment/curing", "observation/probe.py", "observation/spec.py",
    "observation/target.py",
)  # fmt: skip
"""Parts whose errors a command says."""
OPEN_ENDED = (
    "--remedy x:", "nothing is called x;", "x: no such filex", "x ended the program", "the loss has no backward",
    "x do not last for",
)  # fmt: skip
"""Sentences that end in a hint of their own, or are made of more than one piece: `WHOLE` has them as they are said."""
WHOLE = (
    "--remedy init:hee: there is no such remedy; did you mean init:he?",
    "--remedy wxyz: there is no such remedy; isograd explain lists them",
    "nothing is called 'vanishng'; did you mean vanishing?",
    "nothing is called 'wxyz'; isograd explain without a name lists all that there is.",
    "trainer.py: no such file; did you mean train.py?",
    "task.py ended the program while it was loaded; guard it with if __name__ == '__main__'",
    "0.1 minutes do not last for the unchanged training alone; give more, or fewer --steps",
    "the loss has no backward pass: Trying to backward through the graph a second time; return a fresh one each time",
    "the loss has no backward pass: one of the variables was modified by an inplace operation; write that operation "
    "out of place, e.g. x = x + y for x += y",
    "the batch is on meta and the model on cpu; move one of them, e.g. batch.to('cpu')",
    "a part of the batch is on meta and the model on cpu; move one of them, e.g. batch.to('cpu')",
)


def raised() -> list[str]:
    """Every sentence that those parts raise, with x for what is filled in."""
    found = []
    for place in (SOURCE / part for part in SPOKEN):
        for file in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                name = getattr(getattr(getattr(node, "exc", None), "func", None), "id", "")
                if name in ("UsageError", "ScriptError", "RecordError", "ObservationError") and node.exc.args:
                    found.append(_text(node.exc.args[0]))
    return [text for text in found if text and not text.startswith(OPEN_ENDED)]


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "x" for part in node.values)
    return node.value if isinstance(node, ast.Constant) else ""


def test_many_sentences_are_raised() -> None:
    assert len(raised()) > 50


@pytest.mark.parametrize("sentence", [*dict.fromkeys(raised()), *WHOLE])
def test_what_is_raised_is_told_in_korean(sentence: str) -> None:
    assert complaint(sentence, "en") == sentence
    told = complaint(sentence, "ko")
    assert re.search("[가-힣]", told), told
    assert not re.search(r"\[[^\]]*/[^\]]*\]", told), told  # every particle has been chosen


def test_what_a_failing_disk_costs_is_told() -> None:
    fault = (
        "The record stopped at 10:06:55 (a/record.sqlite: database or disk is full); what was written before can be "
        "read, and the run goes on, held in memory."
    )
    assert complaint(fault, "en") == fault
    assert complaint(fault, "ko").startswith(
        "10:06:55에 기록이 중단되었습니다(a/record.sqlite: database or disk is full)"
    )


def test_a_foreign_database_is_told(tmp_path) -> None:
    file = tmp_path / "record.sqlite"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE mine(x)")
    connection.close()
    with pytest.raises(RecordError) as error:
        read(file)
    assert "record.sqlite는 SQLite 데이터베이스이지만 isograd의 기록이 아닙니다" in complaint(str(error.value), "ko")


def test_a_sentence_of_no_known_form_stays() -> None:
    assert complaint("Something else.", "ko") == "Something else."
