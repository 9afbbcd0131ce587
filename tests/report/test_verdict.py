"""A verdict in words: goldens of every outcome in both languages, the findings file, and nothing that acts."""

import io
import json
from dataclasses import replace

import jsonschema
import pytest
from rich.cells import cell_len
from tests.report.verdict_scenes import NASTY, OUTCOMES

from isograd.facts.verdict import Reproducibility
from isograd.report.findings import schema
from isograd.report.language import _fields
from isograd.report.verdict.findings import verdict_json
from isograd.report.verdict.page import verdict_html
from isograd.report.verdict.terminal import render_verdict
from isograd.report.verdict.words import VERDICT_TEXTS

COMMAND = "isograd cure --write train.py"


class Stream(io.StringIO):
    """A stream that takes every sign and is no terminal."""

    encoding = "utf-8"


def shown(name, language="en", width=80, colour=False):
    return render_verdict(OUTCOMES[name]().verdict, language, width, colour, COMMAND, Stream())


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("name", OUTCOMES)
def test_golden(name, language, snapshot):
    assert shown(name, language) == snapshot


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("name", OUTCOMES)
def test_only_source_is_wider_than_the_terminal(name, language, width):
    verdict = OUTCOMES[name]().verdict
    source = {line.strip() for line in (verdict.patch + "\n".join(verdict.by_hand)).splitlines()}
    for line in shown(name, language, width).splitlines():
        if line.strip() not in source and COMMAND not in line:
            assert cell_len(line) <= width, line


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("name", OUTCOMES)
def test_the_findings_file_is_of_the_schema(name, language):
    judged = OUTCOMES[name]()
    found = json.loads(verdict_json(judged.verdict, judged.scene.record, judged.scene.diagnosis, language))
    jsonschema.validate(found, schema())
    assert found["verdict"]["cured"] == (name == "cured")


@pytest.mark.parametrize("name", OUTCOMES)
def test_names_of_the_user_act_neither_on_a_page_nor_on_a_terminal(name):
    judged = OUTCOMES[name]()
    page = verdict_html(judged.verdict, judged.scene.record, judged.scene.diagnosis, "en", {}, COMMAND)
    assert NASTY not in page
    assert "<img src=x" not in page
    assert "\x1b" not in shown(name)


@pytest.mark.parametrize("name", VERDICT_TEXTS)
def test_both_languages_have_the_same_fields(name):
    assert _fields(VERDICT_TEXTS[name].en) == _fields(VERDICT_TEXTS[name].ko)


def test_cured_says_how_the_change_is_applied_and_others_do_not():
    assert COMMAND in shown("cured")
    assert COMMAND not in shown("not_cured")


@pytest.mark.parametrize(
    ("verified", "exact", "offered"),
    [(True, True, True), (None, True, True), (False, True, False), (False, False, True)],
)
def test_a_change_that_trains_otherwise_is_not_offered(verified, exact, offered):
    verdict = replace(
        OUTCOMES["cured"]().verdict,
        patch_verified=verified,
        reproducibility=Reproducibility(exact, 0.0 if exact else 0.1),
    )
    assert verdict.can_be_applied == offered
    assert (COMMAND in render_verdict(verdict, "en", 80, False, COMMAND, Stream())) == offered
