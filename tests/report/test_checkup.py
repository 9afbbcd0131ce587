"""A checkup in words: both languages say the same, nothing acts on the terminal or the page."""

import math
from dataclasses import replace

import pytest
from tests.report.scenes import SCENES

from isograd.facts import Checkup, Intervened, InterventionTable, Text
from isograd.report.catalogue.labels import LABELS
from isograd.report.checkup.findings import checkup_json
from isograd.report.checkup.page import checkup_html
from isograd.report.checkup.terminal import render_checkup
from isograd.report.checkup.texts import CHECKUP_TEXTS, decades, sentence
from isograd.report.language import _fields

ROWS = (
    Intervened(("weight-scale",), -7.7),
    Intervened(("activation",), -4.7),
    Intervened(("bias",), math.nan),
    Intervened(("weight-scale", "activation"), -0.7),
)
LABELS_OF = {
    "weight-scale": Text("weights rescaled", "가중치 크기 조정"),
    "activation": Text("{names} to tanh", "{names} 대신 tanh", {"names": "sigmoid"}),
    "bias": Text("biases to <zero>\x1b[31m", "편향을 <0>으로\x1b[31m"),
}
TABLE = InterventionTable(
    "net", "", -16.2, 1.5, ROWS, LABELS_OF, (("weight-scale", "activation"),), {"activation": 0.6, "weight-scale": 0.4}
)


@pytest.fixture
def checkup():
    scene = SCENES["vanishing"]
    scene = scene() if callable(scene) else scene
    return Checkup(scene.record, scene.diagnosis, None, (TABLE,), Text("Do this.", "이렇게 하세요."))


def test_the_sentence_of_the_table():
    words = "weights rescaled alone: -16.2 to -7.7 decades; sigmoid to tanh alone: -4.7; both: -0.7"
    assert sentence(TABLE, "en") == words
    assert sentence(TABLE, "ko").count("-16.2") == 1
    assert sentence(replace(TABLE, sufficient=()), "en") == ""
    assert "both" not in sentence(replace(TABLE, sufficient=(("weight-scale",), ("activation",))), "en")


@pytest.mark.parametrize("name", CHECKUP_TEXTS)
def test_both_languages_have_the_same_fields(name):
    assert _fields(CHECKUP_TEXTS[name].en) == _fields(CHECKUP_TEXTS[name].ko)


def test_gains_without_a_number():
    assert (decades(math.inf, "en"), decades(-math.inf, "ko"), decades(-0.0, "en")) == ("inf", "정확히 0", "+0.0")


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_terminal_gets_words_and_no_commands(checkup, language):
    text = render_checkup(checkup, language, width=80, colour=False)
    assert "\x1b" not in text
    assert {"en": "restored", "ko": "회복"}[language] in text
    assert text.rstrip().endswith({"en": "Do this.", "ko": "이렇게 하세요."}[language])


def test_the_page_escapes_what_it_shows(checkup):
    page = checkup_html(checkup, "en")
    assert "biases to &lt;zero&gt;" in page
    assert "<zero>" not in page
    assert "\x1b" not in page


@pytest.mark.parametrize(("language", "kicker"), [("en", "Check before the first step"), ("ko", "첫 스텝 전 점검")])
def test_the_page_leads_with_the_check_and_not_with_the_figures_of_a_run(checkup, language, kicker):
    page = checkup_html(checkup, language)
    head, _, _ = page.partition('id="network-1"')
    assert kicker in head
    assert {"en": "Do this.", "ko": "이렇게 하세요."}[language] in head
    assert {"en": "of the run", "ko": "실행 시간 대비"}[language] not in head


def test_the_findings_file_says_in_words_what_is_no_number(checkup):
    assert '"gain": "NaN"' in checkup_json(checkup)
    assert '"source": "check"' in checkup_json(checkup)


def test_causes_by_intervention_have_a_label():
    assert set(LABELS) >= {"how_intervention", "how_rule", "how_forecast"}
