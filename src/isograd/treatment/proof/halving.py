"""Successive halving: many plans on few steps, the better half on more, so that weak plans cost little.

Source: Jamieson and Talwalkar 2016, "Non-stochastic best arm identification and hyperparameter optimization".
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from isograd.facts.treatment import Plan
from isograd.treatment.prescription import invasiveness

FEWEST_STEPS = 20
"""A loss says little after fewer."""
SHARES = (0.15, 0.4)
"""Of the whole run, the steps of each rung."""
ERROR_SHARES = (0.8, 0.2)
"""Of the error that a proof allows, for the best plan and for one more should that fail: two proofs with all of it are
two chances. The best one has most, since it mostly ends there."""
FINALISTS = len(ERROR_SHARES)
"""Plans that may come to a proof."""
NEAR = 0.9
"""A plan that reaches nine tenths of the best one's gain in loss is as good: then the least invasive comes first."""


@dataclass(frozen=True)
class Rung:
    """One round of the choice."""

    steps: int
    """Optimizer steps of each run."""
    survivors: int
    """How many plans go on."""


def rungs(total_steps: int, num_plans: int) -> tuple[Rung, ...]:
    """The rounds of a choice among so many plans; none where there is nothing to choose.

    Args:
        total_steps: Of a whole run.
        num_plans: How many plans there are.

    >>> rungs(400, 6)
    (Rung(steps=60, survivors=3), Rung(steps=160, survivors=2))
    >>> rungs(400, 1)
    ()
    """
    if num_plans < 2:
        return ()
    found: list[Rung] = []
    left = num_plans
    for share in SHARES:
        steps = min(total_steps, max(FEWEST_STEPS, math.ceil(share * total_steps)))
        left = max(FINALISTS, math.ceil(left / 2))
        if not found or (steps > found[-1].steps and left < found[-1].survivors):
            found.append(Rung(steps, left))
    return tuple(found)


def ranked(
    plans: Sequence[Plan],
    losses: Mapping[str, float],
    untreated: float,
    untrained: float = math.nan,
    at_root: str = "",
) -> list[Plan]:
    """The plans, the one to prove first in front.

    Args:
        plans: In the order in which they were prescribed.
        losses: Training loss at the end of the same number of steps, by name of the plan; nan where a run diverged.
        untreated: The same of the unchanged training; nan where it diverged.
        untrained: The lowest loss at which one of the plans began, nan if unknown: an untreated loss above that tells
            how a training exploded, not what a gain is worth.
        at_root: Name of a plan that takes the cause itself away, where others can only keep clear of it; or empty.

    Returns:
        Plans near the best one, that one first, in the order of how little they change, then the others by loss.
    """
    order = {plan.name: place for place, plan in enumerate(plans)}
    score = {name: losses.get(name, math.nan) for name in order}
    finite = [loss for loss in score.values() if math.isfinite(loss)]
    if not finite:
        return list(plans)
    best = min(finite)
    start = min(filter(math.isfinite, (untreated, untrained)), default=max(finite))
    line = best + (1.0 - NEAR) * max(start - best, 0.0)
    near = sorted(
        (p for p in plans if score[p.name] <= line), key=lambda p: (p.name != at_root, invasiveness(p), order[p.name])
    )
    far = [p for p in plans if not score[p.name] <= line]
    return [*near, *sorted(far, key=lambda p: (_or_worst(score[p.name]), order[p.name]))]


def _or_worst(loss: float) -> float:
    return loss if math.isfinite(loss) else math.inf


def tail_loss(losses: Sequence[float], share: float = 0.2) -> float:
    """The median of the last losses of a run, nan if one of them is not finite.

    >>> tail_loss([5.0, 4.0, 3.0, 2.0, 1.0]), tail_loss([1.0, float("nan")])
    (1.0, nan)
    """
    tail = sorted(losses[-max(1, round(share * len(losses))) :])
    if not tail or not all(map(math.isfinite, tail)):
        return math.nan
    return tail[len(tail) // 2]
