"""One suite that every rule passes: it fires where it should, keeps silent where it should, and its page is whole."""

import re
from string import Formatter

import numpy as np
import pytest
from builders import RUN, falling, flat, observed, record, through_time

from isograd.diagnosis import RULES, Rule, diagnose
from isograd.diagnosis.prescriptions import PRESCRIPTIONS
from isograd.diagnosis.prescriptions.advice import ADVICE, EMPTY, IDLE
from isograd.diagnosis.prescriptions.rate_words import rate_words
from isograd.facts import Event, Observed, Text
from isograd.facts.vocabulary import CAUSES, REMEDIES
from isograd.report.language import faults, render

LN10 = float(np.log(10))
SICK = np.where(np.arange(200) < 120, 0, 15)

FIRES: dict[str, Observed] = {
    "IG101": observed(depth=10, rho=-0.85, loss=flat(LN10)),
    "IG102": observed(
        loss=flat(LN10), kind="recurrent", times=tuple(through_time(-0.24, step=s) for s in (0, 50, 100, 150))
    ),
    "IG201": observed(depth=10, rho=0.7, loss=flat(40.0)),
    "IG202": observed(loss=flat(LN10), kind="recurrent", times=(through_time(0.1), through_time(0.1, step=100))),
    "IG301": observed(activation="relu", loss=flat(LN10), readings={"dead_share": 0.97, "dead_lasting_share": 0.97}),
    "IG401": observed(loss=flat(LN10), readings={"saturation_share": 0.9, "input_rms": 300.0}),
    "IG501": observed(
        loss=np.where(SICK > 0, np.nan, falling(LN10, 0.5)),
        applied=np.where(SICK > 0, np.nan, 0.0),
        nonfinite=SICK,
        events=(Event(120, "non-finite", "layers.5", "backward", "Log"),),
    ),
    "IG601": observed(loss=flat(LN10), number_format="float16", readings={"zero_share": 0.95}),
    "IG701": observed(loss=np.concatenate([falling(LN10, 1.0, 50), flat(30.0, 150)]), readings={"update_ratio": 0.3}),
    "IG801": observed(loss=flat(LN10), readings={"update_ratio": 1e-7}),
}
SILENT: dict[str, tuple[Observed, ...]] = {
    "IG101": (
        observed(depth=10, rho=-0.05),
        observed(depth=10, rho=-0.4, loss=falling(LN10, 0.01)),
        observed(depth=10, rho=-0.12, loss=flat(LN10)),
        observed(depth=12, rho=-0.25, normalised=True, residual=True),
    ),
    "IG102": (
        observed(kind="recurrent", times=(through_time(-0.24), through_time(-0.24, step=100))),
        observed(loss=flat(LN10), kind="recurrent", times=(through_time(-0.02), through_time(-0.02, step=100))),
        observed(loss=flat(LN10), times=(through_time(-0.03, cell="LSTM"),)),
    ),
    "IG201": (
        observed(depth=10, rho=0.05),
        observed(depth=8, rho=0.2, normalised=True, residual=True),
        observed(applied=-1.5, raw=0.0),
    ),
    "IG202": (observed(times=(through_time(0.01),)), observed(times=(through_time(0.1),))),
    "IG301": (
        observed(activation="relu", readings={"dead_share": 0.6, "dead_lasting_share": 0.6}),
        observed(activation="relu", loss=flat(LN10), readings={"dead_share": 0.3, "dead_lasting_share": 0.2}),
        observed(activation="tanh", loss=flat(LN10), readings={"dead_share": 1.0}),
    ),
    "IG401": (
        observed(readings={"saturation_share": 0.8}),
        observed(loss=flat(LN10), readings={"saturation_share": [0.1] * 5 + [1.0]}, output="sigmoid"),
    ),
    "IG501": (observed(), observed(nonfinite=np.where(np.arange(200) < 4, 16 + 2, 0))),
    "IG601": (
        observed(number_format="float16", activation="relu", readings={"zero_share": 0.5}),
        observed(loss=flat(LN10), activation="relu", readings={"zero_share": 0.9}),
        observed(optimizer="Adam", readings={"epsilon_floor_share": 0.9}),
    ),
    "IG701": (
        observed(),
        observed(loss=falling(LN10, 0.001, noise=0.3)),
        observed(loss=falling(1.0, 0.9), loss_name="MseLoss"),
    ),
    "IG801": (observed(), observed(loss=flat(0.05)), observed(loss=flat(LN10, steps=20))),
}


@pytest.fixture(params=RULES, ids=lambda rule: rule.code)
def rule(request: pytest.FixtureRequest) -> Rule:
    return request.param


def test_it_fires_where_it_should(rule: Rule) -> None:
    (finding,) = rule.judge(FIRES[rule.code], RUN)
    assert finding.rule == rule.code
    assert finding.problem == rule.problem
    assert finding.severity == "error"
    assert finding.causes
    assert finding.remedies
    assert finding.evidence
    assert finding.first_step <= finding.last_step


def test_it_is_what_the_run_is_told(rule: Rule) -> None:
    diagnosis = diagnose(record(FIRES[rule.code]))
    assert diagnosis.health == "failing"
    assert diagnosis.findings[0].rule == rule.code


def test_it_keeps_silent_where_it_should(rule: Rule) -> None:
    assert [rule.judge(healthy, RUN) for healthy in SILENT[rule.code]] == [()] * len(SILENT[rule.code])


def test_causes_and_remedies_are_of_the_vocabulary(rule: Rule) -> None:
    (finding,) = rule.judge(FIRES[rule.code], RUN)
    assert {cause.cause for cause in finding.causes} <= set(CAUSES)
    assert {remedy.remedy for remedy in finding.remedies} <= set(REMEDIES)
    shares = [cause.share for cause in finding.causes]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1.0)


def test_its_sentences_render_in_both_languages(rule: Rule) -> None:
    (finding,) = rule.judge(FIRES[rule.code], RUN)
    texts = [rule.title, finding.summary, *finding.advice]
    texts += [text for remedy in finding.remedies for text in (remedy.change, remedy.expected) if text is not None]
    for text in texts:
        assert faults(text) == ()
        assert "{" not in render(text, "en") + render(text, "ko")
        assert set(_fields(text.en)) == set(_fields(text.ko))
        assert re.search("[가-힣]", render(text, "ko"))


HEADINGS = {
    "en": (
        "What it sees", "Why it harms", "How we know", "What else looks like it", "Example", "Cure and its risk",
        "Source",
    ),
    "ko": ("무엇을 보는가", "왜 해로운가", "어떻게 아는가", "비슷하지만 다른 것", "예", "처방과 위험", "출처"),
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ko"])
def test_its_page_is_whole(rule: Rule, language: str) -> None:
    page = rule.page(language)  # type: ignore[arg-type]
    assert page.startswith(f"# {rule.code} ")
    assert tuple(re.findall(r"^## (.+)$", page, flags=re.MULTILINE)) == HEADINGS[language]
    assert all(part.strip() for part in re.split(r"^## .+$", page, flags=re.MULTILINE))


def test_codes_are_unique() -> None:
    assert len({rule.code for rule in RULES}) == len({rule.name for rule in RULES}) == len(RULES)


def test_every_cause_has_a_prescription_in_both_languages() -> None:
    assert set(PRESCRIPTIONS) == set(CAUSES)
    assert all(lines or cause in ADVICE for cause, lines in PRESCRIPTIONS.items())
    assert set(ADVICE) <= {*CAUSES, EMPTY, IDLE}
    for text in (text for texts in ADVICE.values() for text in texts):
        assert set(_fields(text.en)) == set(_fields(text.ko)) <= {"where"}
    fields = {"where", "nonlinearity", *rate_words(0.1, adaptive=False)}
    for lines in PRESCRIPTIONS.values():
        for line in lines:
            assert line.remedy in REMEDIES
            assert set(_fields(line.change_en)) == set(_fields(line.change_ko)) <= fields
            assert set(_fields(line.expected_en)) == set(_fields(line.expected_ko)) == set()


def test_a_rule_of_ones_own_can_be_added() -> None:
    mine = Rule("IG999", "mine", "stalled", Text("Mine", "내 규칙"), lambda seen, run: ())
    assert diagnose(record(observed()), rules=(*RULES, mine)).health == "healthy"


def _fields(template: str) -> list[str]:
    return [name for _, name, _, _ in Formatter().parse(template) if name]
