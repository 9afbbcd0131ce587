"""One arm against another by the metric that decides.

Losses are compared by their logarithm: how large one is that has exploded is no measure of how sick it was. A run that
left no number, because it diverged or failed, counts as the worst among all that are compared: it is no better than
that. Where no run of the control left one, that would be the worst of the treated runs, and nothing could ever be
proved: then each counts as untrained, and stands at its first loss, or at the first number that it printed, if that is
worse. One that never had a number, because the very first loss is not defined, stands where the treated runs began, at
the best of their first numbers: that is what the network was before any training.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

from isograd.facts.trial import Result
from isograd.facts.verdict import Effect, Metric
from isograd.treatment.proof.metric import value_of
from isograd.treatment.proof.statistics import ERROR, paired_effect

_LOSSES = ("evaluation-loss", "training-loss")


def compare(metric: Metric, treated: Sequence[Result], control: Sequence[Result], error: float = ERROR) -> Effect:
    """The mean of paired differences with its interval, see `statistics.paired_effect`.

    Args:
        metric: What decides.
        treated: Runs with the plan, one a seed.
        control: Runs of the control on the same seeds.
        error: What the interval may miss.
    """
    y, x = ([value_of(result, metric) for result in results] for results in (treated, control))
    if not any(map(math.isfinite, x)):
        worst, beginning = _worst(y, metric), _best([_began(result, metric) for result in treated], metric)
        began = [_began(result, metric) for result in control]
        x = [_worst((beginning if math.isnan(one) else one, worst), metric) for one in began]
    if metric.kind not in _LOSSES or not all(value > 0 for value in (*y, *x) if math.isfinite(value)):
        return paired_effect(y, x, metric.higher_is_better, error)
    y, x = ([math.log10(value) if math.isfinite(value) else math.nan for value in values] for values in (y, x))
    return replace(paired_effect(y, x, metric.higher_is_better, error), unit="decades")


def _began(result: Result, metric: Metric) -> float:
    return next((number for number in _numbers(result, metric) if math.isfinite(number)), math.nan)


def _numbers(result: Result, metric: Metric) -> Sequence[float]:
    """What a run left of the metric, the first first; of an untrained network the task's own score is not known."""
    if metric.kind == "printed":
        return [match.value for match in result.metrics]
    if metric.kind == "evaluation-loss":
        return [one.loss for one in result.evaluations]
    return result.losses.value if metric.kind == "training-loss" else ()


def _worst(values: Sequence[float], metric: Metric) -> float:
    """Of those that are finite; nan if none is."""
    return (min if metric.higher_is_better else max)(filter(math.isfinite, values), default=math.nan)


def _best(values: Sequence[float], metric: Metric) -> float:
    """Of those that are finite; nan if none is."""
    return (max if metric.higher_is_better else min)(filter(math.isfinite, values), default=math.nan)
