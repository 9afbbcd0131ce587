"""Arms against each other: losses by their logarithm, runs that left no number as no better than they can have been."""

import math

import pytest

from isograd.facts.trial import LossCurve, MetricPattern, Order, PrintedMetric, Result
from isograd.facts.verdict import Metric
from isograd.treatment.proof.comparison import compare
from isograd.treatment.proof.metric import metric_of, value_of

LOSS = Metric("training-loss", False)
ACCURACY = Metric("printed", True, "acc (.*)")


def trained(*losses, status="finished"):
    curve = LossCurve(tuple(range(len(losses))), losses)
    return Result(Order(), status, losses=curve, metric_kinds=("training-loss",))


def printed(*values, status="finished"):
    numbers = tuple(PrintedMetric(step, value) for step, value in enumerate(values))
    kinds = ("printed", "training-loss") if numbers else ("training-loss",)
    return Result(Order(), status, metrics=numbers, losses=LossCurve((0,), (2.3,)), metric_kinds=kinds)


def test_losses_are_compared_in_decades():
    effect = compare(LOSS, [trained(0.1), trained(0.01)], [trained(10.0), trained(1.0)])
    assert (effect.mean, effect.unit) == (pytest.approx(2.0), "decades")
    assert compare(LOSS, [trained(-1.0)] * 2, [trained(1.0)] * 2).unit == ""  # a likelihood of densities


def test_where_all_diverged_each_counts_as_untrained():
    effect = compare(LOSS, [trained(2.0, 0.2), trained(2.0, 0.21)], [trained(2.3, math.nan), trained(2.3, math.inf)])
    assert effect.mean == pytest.approx(math.log10(2.3) - math.log10(0.2 * 0.21) / 2)
    assert effect.low > 0


def test_what_was_never_defined_stands_where_the_treated_runs_began():
    never = trained(math.nan, math.nan)
    effect = compare(LOSS, [trained(2.4, 0.2), trained(2.0, 0.3)], [never, never])
    assert effect.mean == pytest.approx(math.log10(2.0) - math.log10(0.2 * 0.3) / 2)
    assert not compare(LOSS, [trained(2.4, 2.4), trained(2.4, 2.4)], [never, never]).low > 0  # learns nothing
    begun = compare(LOSS, [trained(2.0, 0.2)] * 2, [trained(2.3, math.nan), never])
    assert begun.mean == pytest.approx(math.log10(2.3 * 2.0) / 2 - math.log10(0.2))


def test_what_is_worse_than_untrained_is_no_cure_of_what_diverged():
    effect = compare(LOSS, [trained(5.0), trained(6.0)], [trained(2.3, math.nan)] * 2)
    assert not effect.low > 0
    assert effect.mean == pytest.approx(math.log10(6.0) - math.log10(30.0) / 2)


def test_where_some_diverged_they_are_the_worst_of_all():
    control = [trained(3.0, 1.0), trained(1e9, math.nan)]
    assert compare(LOSS, [trained(0.1)] * 2, control).mean == pytest.approx(1.0)


def test_a_run_that_failed_was_never_finished():
    failed = trained(2.3, 0.001, status="failed")
    assert math.isnan(value_of(failed, LOSS))
    assert compare(LOSS, [trained(0.5), trained(0.6)], [failed, failed]).low > 0


def test_printed_numbers_of_what_diverged_begin_with_the_first():
    effect = compare(ACCURACY, [printed(0.1, 0.9), printed(0.1, 0.92)], [printed(0.1, math.nan)] * 2)
    assert effect.mean == pytest.approx(0.81)
    nothing = compare(ACCURACY, [printed(0.9), printed(0.92)], [printed(math.nan)] * 2)
    assert nothing.mean == pytest.approx(0.01)  # nobody printed what it began at


def test_a_metric_that_no_unchanged_run_left_as_a_number_does_not_decide():
    pattern = MetricPattern("acc (.*)")
    assert metric_of([printed(math.nan), printed(math.inf)], pattern) == LOSS
    assert metric_of([printed(0.5), printed(math.nan)], pattern) == ACCURACY
    assert metric_of([printed(0.5), printed(status="failed")], pattern) == ACCURACY
    assert metric_of([printed(status="failed")] * 2, pattern) == LOSS
