"""A cure needs the mechanism restored and a held-out metric above baseline, sham and reseed; else it says why not."""

import math
from dataclasses import replace

import pytest

from isograd.facts import Finding, Text
from isograd.facts.trial import EvaluationPass, Gains, LossCurve, MetricPattern, Order, PrintedMetric, Result
from isograd.facts.verdict import Metric
from isograd.treatment.proof.judgement import judge, turned
from isograd.treatment.proof.mechanism import is_sick
from isograd.treatment.proof.metric import metric_of, value_of

FINDING = Finding("IG101", "vanishing", "error", "net", (), 0, 9, Text("", ""), ())
SCORE = Metric("evaluate", True)


def run(score, problem="", severity="error", status="finished"):
    found = [{"rule": "IG999", "problem": problem, "severity": severity}] if problem else []
    return Result(Order(), status, score=score, findings={"findings": found}, metric_kinds=("evaluate",), error="why")


def arms(treated, baseline=(0.1, 0.1, 0.1, 0.1, 0.1), sham=(0.1, 0.12, 0.1, 0.1, 0.11)):
    sick = [run(score, "vanishing") for score in baseline]
    return sick, treated, [run(score, "vanishing") for score in sham]


def proof(treated, **others):
    baseline, treated, sham = arms(treated, **others)
    return judge(FINDING, SCORE, baseline, treated, sham)


def test_a_cure():
    found = proof([run(score) for score in (0.9, 0.91, 0.92, 0.9, 0.89)])
    assert found.cured
    assert found.restored
    assert found.effect.low > 0.7
    assert found.against_sham.low > 0.7
    assert found.reseed.values == (0.1, 0.1, 0.1, 0.1, 0.1)


def test_no_cure_while_the_finding_stays():
    found = proof([run(score, "vanishing", "warning") for score in (0.9, 0.91, 0.92, 0.9, 0.89)])
    assert not found.restored
    assert "0 of 5" in found.reasons[0].en.format(**found.reasons[0].values)


def test_one_run_of_five_may_still_show_it_two_may_not():
    scores = (0.9, 0.91, 0.92, 0.9, 0.89)
    one = [run(s, "vanishing" if n == 0 else "") for n, s in enumerate(scores)]
    two = [run(s, "vanishing" if n < 2 else "") for n, s in enumerate(scores)]
    assert proof(one).cured
    assert not proof(two).cured


def test_no_cure_where_the_sham_does_as_well():
    found = proof([run(0.9)] * 5, sham=(0.9, 0.9, 0.9, 0.9, 0.9))
    assert not found.cured
    assert found.effect.low > 0
    assert "sham" in found.reasons[0].values["control"].en


def test_no_cure_where_another_seed_does_as_well():
    found = proof(
        [run(score) for score in (0.5, 0.7, 0.6, 0.5, 0.7)], baseline=(0.4, 0.6, 0.45, 0.49, 0.6), sham=(0.1,) * 5
    )
    assert found.effect.low > 0
    assert not found.against_reseed.low > 0
    assert not found.cured


def test_no_cure_by_a_run_that_fails_or_by_chance():
    failed = [run(0.9)] * 4 + [run(math.nan, status="failed")]
    assert "why" in str(proof(failed).reasons[0].values)
    assert not proof([run(score) for score in (0.0, 0.5, 0.0, 0.3, 0.1)]).cured


@pytest.mark.parametrize(
    ("problem", "severity", "sick"),
    [
        ("vanishing", "error", True),
        ("vanishing", "warning", True),
        ("vanishing", "note", False),
        ("exploding", "error", False),
        ("", "", False),
    ],
)
def test_what_counts_as_sick(problem, severity, sick):
    assert is_sick(run(0.5, problem, severity), FINDING) is sick


@pytest.mark.parametrize("problem", ["exploding", "stalled"])
def test_no_cure_where_most_runs_have_another_error_instead(problem):
    scores = (0.9, 0.91, 0.92, 0.9, 0.89)
    most = proof([run(s, problem if n < 3 else "") for n, s in enumerate(scores)])
    assert not most.cured
    assert "another error" in most.reasons[0].en
    some = proof([run(s, problem if n < 2 else "") for n, s in enumerate(scores)])
    assert some.cured
    assert some.mechanism.doubt.values["others"] == 2
    assert proof([run(s, problem, "warning") for s in scores]).mechanism.doubt is None


def test_each_run_is_held_against_the_next_seed():
    baseline, treated, sham = arms([run(0.9)] * 5, baseline=(1.0, 2.0, 3.0, 4.0, 5.0))
    found = judge(FINDING, SCORE, baseline, treated, sham)
    assert turned(found.baseline).values == (2.0, 3.0, 4.0, 5.0, 1.0) == found.reseed.values


@pytest.mark.parametrize(("rule", "gain"), [("IG101", -1.0), ("IG102", -20.0), ("IG202", -20.0), ("IG701", -1.0)])
def test_the_gain_that_is_shown_is_that_of_the_finding(rule, gain):
    seen = replace(run(0.5), gains=Gains(-3.0, -2.0, -1.0, through_time=-20.0))
    found = judge(replace(FINDING, rule=rule), SCORE, [seen] * 2, [seen] * 2, [])
    assert found.baseline.gains == (gain, gain)


CURVE = LossCurve(tuple(range(8)), (9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 2.0, 4.0))
RICH = Result(
    Order(),
    "finished",
    losses=CURVE,
    metrics=(PrintedMetric(4, 0.3), PrintedMetric(8, 0.8)),
    evaluations=(EvaluationPass(4, 1.5, 10), EvaluationPass(8, 0.5, 10)),
    score=0.7,
    metric_kinds=("printed", "evaluation-loss", "training-loss"),
    gains=Gains(-9.0, -8.0, -7.0),
)


def test_the_metric_is_the_first_that_all_runs_left():
    poor = Result(Order(), "finished", losses=CURVE, metric_kinds=("evaluation-loss", "training-loss"))
    assert metric_of([RICH, RICH], MetricPattern("acc (.*)")) == Metric("printed", True, "acc (.*)")
    assert metric_of([RICH, RICH], MetricPattern("loss (.*)", lower=True)).higher_is_better is False
    assert metric_of([RICH, poor], MetricPattern("acc (.*)")) == Metric("evaluation-loss", False)
    assert metric_of([Result(Order(), "finished")], None) is None


def test_the_values_of_each_metric():
    assert value_of(RICH, Metric("printed", True, "x")) == 0.8
    assert value_of(RICH, Metric("evaluation-loss", False)) == 0.5
    assert value_of(RICH, Metric("training-loss", False)) == 3.0
    assert value_of(RICH, Metric("evaluate", True)) == 0.7
    empty = Result(Order(), "failed")
    assert all(
        math.isnan(value_of(empty, Metric(kind, True))) for kind in ("printed", "evaluation-loss", "training-loss")
    )
    diverged = Result(Order(), "finished", losses=LossCurve((0, 1), (1.0, math.nan)))
    assert math.isnan(value_of(diverged, Metric("training-loss", False)))
