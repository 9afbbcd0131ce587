"""Whole trainings of the plan that began best, beside what might turn out to be as good in the end."""

import math
from collections.abc import Sequence

from isograd.facts.treatment import Plan
from isograd.facts.verdict import Attempt
from isograd.treatment.curing.case import Case
from isograd.treatment.curing.log import Log
from isograd.treatment.curing.short_trainings import in_order, train, untreated_loss

MOST_PARTS = 3
"""Plans within another that are held against it."""


def to_the_end(case: Case, plans: Sequence[Plan], untrained: float, log: Log) -> list[Plan]:
    """The same, with what turns out as good in the whole training in front of the plan that began best.

    Two remedies together are nearly always faster than one over the first steps, so that short trainings cannot tell
    whether both are needed; and what the cause asks for may need its time, while something else lowers the loss at once
    and leaves the cause. So these are trained to the end beside it, if they had begun to help.

    Args:
        case: What is to be cured.
        plans: The one that began best in front.
        untrained: The lowest loss at which a plan began; nan if unknown.
        log: What was tried.
    """
    rivals = _rivals(case, plans[0], log) if plans else []
    if not rivals:
        return list(plans)
    first, rivals = plans[0], [plans[0], *rivals]
    losses = train(case, rivals, case.steps, log).losses
    best = in_order(case, rivals, losses, case.steps, untrained)
    before = [plan for plan in best[: best.index(first)] if math.isfinite(losses[plan.name])]
    names = {plan.name for plan in before}
    return [*before, *(plan for plan in plans if plan.name not in names)]


def _rivals(case: Case, first: Plan, log: Log) -> list[Plan]:
    """Parts of the first plan and, where it holds nothing that the causes ask for, what they ask for first."""
    begun = [one.plan for one in log.attempts if _helps(case, one)]
    asked = [remedy.remedy for remedy in case.finding.remedies] if case.finding is not None else []
    rivals = [plan for plan in begun if _is_part(plan, first)][:MOST_PARTS]
    if not {dose.remedy for dose in first.doses} & set(asked):
        rivals += sorted((plan for plan in begun if plan.name in asked), key=lambda plan: asked.index(plan.name))[:1]
    return [plan for plan in rivals if plan.name != first.name]


def _is_part(plan: Plan, whole: Plan) -> bool:
    names, all_names = ({dose.remedy for dose in one.doses} for one in (plan, whole))
    return bool(names) and names < all_names


def _helps(case: Case, attempt: Attempt) -> bool:
    """True if a plan was trained and stands below the unchanged training, or that one diverged."""
    return math.isfinite(attempt.loss) and not attempt.loss >= untreated_loss(case, attempt.steps)
