"""Complaints in Korean: of the sentences that are raised in English, as the parts raise them."""

import sqlite3

import pytest

from isograd.errors import RecordError
from isograd.record import read
from isograd.report.complaints import complaint


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
