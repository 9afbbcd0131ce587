"""The choice: what one batch says of each plan, then short trainings, with more steps for the better half."""

import math
from collections.abc import Sequence

from isograd.facts.treatment import Plan
from isograd.facts.trial import Outlook, Result
from isograd.facts.verdict import Attempt, Reproducibility
from isograd.treatment.curing.case import Case
from isograd.treatment.curing.expectations import combined, promising
from isograd.treatment.curing.log import Log
from isograd.treatment.curing.pacing import MOST_PACED, at_other_rates
from isograd.treatment.curing.short_trainings import in_order, train
from isograd.treatment.curing.whole_trainings import to_the_end
from isograd.treatment.proof.halving import FEWEST_STEPS, rungs, tail_loss

LATER = 1.25
"""Short trainings go on for a quarter longer than the unchanged one took to show the trouble."""


def look_ahead(case: Case, plans: Sequence[Plan], log: Log) -> list[Plan]:
    """The plans worth a training, after what one batch says of each before any training."""
    finding = case.finding
    assert finding is not None, "asked only where there is something to cure"
    outlooks = _outlooks(case, plans)
    pairs = combined(outlooks, finding)
    if pairs:
        outlooks += _outlooks(case, pairs)
    kept, left_out = promising(outlooks, finding)
    log.tried(left_out)
    return kept


def _outlooks(case: Case, plans: Sequence[Plan]) -> list[Outlook]:
    order = case.order(outlooks=tuple(plans), max_steps=1)
    return list(case.series.run("outlook", [order])[0].outlooks)


def choose(case: Case, plans: Sequence[Plan], log: Log) -> list[Plan]:
    """The plans in the order in which they are to be proved; those that failed or diverged are left out."""
    plans = list(plans)
    rounds = rungs(case.steps, len(plans))
    if plans:
        steps = max(rounds[0].steps if rounds else FEWEST_STEPS, _far_enough(case))
        log.repeated = _repeated(case.base, case.series.run("choice", [case.order(max_steps=steps)])[0])
    if not rounds:  # nothing to choose from: it comes to the proof at once
        log.tried([Attempt(plan, 0, math.nan) for plan in plans])
    untrained = math.nan
    for place, rung in enumerate(rounds):
        steps = max(rung.steps, _far_enough(case))
        trained = train(case, plans, steps, log)
        losses = dict(trained.losses)
        if place == 0:
            untrained = trained.began
            paced = at_other_rates(plans, losses, _began(case.base))[:MOST_PACED]
            losses |= train(case, paced, steps, log).losses
            plans += paced
        plans = in_order(case, plans, losses, steps, untrained)
        log.tried([one for plan in plans for one in log.attempts if one.plan.name == plan.name])
        plans = [plan for plan in plans if math.isfinite(losses[plan.name])][: rung.survivors]
    return to_the_end(case, plans, untrained, log)


def _began(result: Result) -> float:
    return next((value for value in result.losses.value if math.isfinite(value)), math.nan)


def _far_enough(case: Case) -> int:
    first = case.finding.first_step if case.finding is not None else 0
    return min(case.steps, math.ceil(LATER * first) + 1)


def _repeated(base: Result, again: Result) -> Reproducibility:
    """Whether a second run under the same seed had the same losses."""
    once = dict(zip(base.losses.step, base.losses.value, strict=True))
    pairs = [(once[s], v) for s, v in zip(again.losses.step, again.losses.value, strict=True) if s in once]
    same = all(a == b or (math.isnan(a) and math.isnan(b)) for a, b in pairs)
    noise = abs(tail_loss([a for a, _ in pairs]) - tail_loss([b for _, b in pairs])) if pairs else math.nan
    return Reproducibility(same, 0.0 if same else noise)
