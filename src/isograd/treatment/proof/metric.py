"""The metric that decides: held out from the choice, the best that the untreated training offers."""

import math
from collections.abc import Sequence

from isograd.facts.trial import LossCurve, MetricPattern, Result
from isograd.facts.verdict import Metric, MetricKind

HELD_OUT_SHARE = 0.25
"""The last quarter of a run's training losses: the runs are made after the choice, on seeds that it has not seen."""


def metric_of(untreated: Sequence[Result], pattern: MetricPattern | None) -> Metric | None:
    """The first metric, in the order of their worth, that every untreated run left which ended well.

    Args:
        untreated: Runs of the unchanged training; those that failed have no part in it unless all did.
        pattern: What the user asked to look for in its output.

    Returns:
        None if the runs left none, such as a script that takes too few steps. Where none of them has a finite number,
        because all diverged or failed, the training loss: of that alone it is known what it is of an untrained network.
    """
    ended = [one for one in untreated if one.status != "failed"] or list(untreated)
    left = [kind for kind in ended[0].metric_kinds if all(kind in one.metric_kinds for one in ended)]
    metrics = [_metric(kind, pattern) for kind in left]
    usable = (metric for metric in metrics if any(math.isfinite(value_of(one, metric)) for one in ended))
    return next(usable, metrics[-1] if metrics else None)


def _metric(kind: MetricKind, pattern: MetricPattern | None) -> Metric:
    if kind == "printed" and pattern is not None:
        return Metric("printed", not pattern.lower, pattern.pattern)
    return Metric(kind, kind == "evaluate")


def value_of(result: Result, metric: Metric) -> float:
    """The metric of one run; nan where it left none, as one that diverged, or that failed and so was never finished."""
    if result.status == "failed":
        return math.nan
    if metric.kind == "evaluate":
        return result.score
    if metric.kind == "printed":
        return result.metrics[-1].value if result.metrics else math.nan
    if metric.kind == "evaluation-loss":
        return result.evaluations[-1].loss if result.evaluations else math.nan
    return _held_out(result.losses)


def _held_out(losses: LossCurve) -> float:
    """Mean training loss over the last quarter of the steps."""
    if not losses.value:
        return math.nan
    begin = (1.0 - HELD_OUT_SHARE) * (losses.step[-1] + 1)
    tail = [value for step, value in zip(losses.step, losses.value, strict=True) if step >= begin] or [losses.value[-1]]
    return math.fsum(tail) / len(tail) if all(map(math.isfinite, tail)) else math.nan
