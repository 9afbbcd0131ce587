"""The metric that decides: held out from the choice, the best that the untreated training offers."""

import math
from collections.abc import Sequence

from isograd.facts.trial import LossCurve, MetricPattern, Result
from isograd.facts.verdict import Metric

HELD_OUT_SHARE = 0.25
"""The last quarter of a run's training losses: over batches that came after all that the choice looked at."""


def metric_of(untreated: Sequence[Result], pattern: MetricPattern | None) -> Metric | None:
    """The first metric, in the order of their worth, that every untreated run left.

    Args:
        untreated: Runs of the unchanged training.
        pattern: What the user asked to look for in its output.

    Returns:
        None if the runs left none, such as a script that takes too few steps.
    """
    kinds = [kind for kind in untreated[0].metric_kinds if all(kind in one.metric_kinds for one in untreated)]
    if not kinds:
        return None
    kind = kinds[0]
    if kind == "printed" and pattern is not None:
        return Metric("printed", not pattern.lower, pattern.pattern)
    return Metric(kind, kind == "evaluate")


def value_of(result: Result, metric: Metric) -> float:
    """The metric of one run; nan where it left none, as one that failed or diverged."""
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
