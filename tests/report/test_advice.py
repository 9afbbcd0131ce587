"""Advice that is no remedy of the vocabulary stands before the remedies, in every form of the report."""

import json
from dataclasses import replace

import jsonschema
import pytest
from tests.report.page_scenes import vanishing

from isograd.facts import Diagnosis, Record, Text
from isograd.report.findings import findings, schema
from isograd.report.issue_text import issue_text
from isograd.report.page.document import render_html
from isograd.report.terminal.run import render_terminal

ADVICE = Text("Look at {what} by eye.", "{what}[을/를] 눈으로 확인합니다.", {"what": "a batch"})


@pytest.fixture
def advised() -> tuple[Record, Diagnosis]:
    record, diagnosis = vanishing(60)
    return record, replace(diagnosis, findings=(replace(diagnosis.findings[0], advice=(ADVICE,)),))


def test_the_terminal_counts_it_first(advised: tuple[Record, Diagnosis]) -> None:
    lines = [line.strip() for line in render_terminal(*advised, "en", width=120, colour=False).splitlines()]
    assert any(line.endswith("1. Look at a batch by eye.") for line in lines)
    assert any(line.startswith("2. ReLU as activation") for line in lines)


def test_the_page_and_its_headline_tell_it_first(advised: tuple[Record, Diagnosis]) -> None:
    page = render_html(*advised, "en")
    assert "What to do first: Look at a batch by eye." in page
    assert page.index("<li>Look at a batch by eye.</li>") < page.index("<strong>ReLU as activation</strong>")


def test_the_page_shows_it_without_any_remedy(advised: tuple[Record, Diagnosis]) -> None:
    record, diagnosis = advised
    alone = replace(diagnosis, findings=(replace(diagnosis.findings[0], remedies=()),))
    assert "<li>a batch를 눈으로 확인합니다.</li>" in render_html(record, alone, "ko")


def test_the_text_for_an_issue_tells_it(advised: tuple[Record, Diagnosis]) -> None:
    assert "- Look at a batch by eye.\n- ReLU as activation" in issue_text(*advised, "en")


def test_the_findings_file_holds_it_beside_the_remedies(advised: tuple[Record, Diagnosis]) -> None:
    document = json.loads(json.dumps(findings(*advised)))
    jsonschema.validate(document, schema())
    assert document["findings"][0]["advice"] == ["Look at a batch by eye."]
    assert document["findings"][0]["remedies"][0]["remedy"] == "activation:relu"
