"""Plans at another learning rate: the one that the program has was made for the sick network."""

import math
from collections.abc import Mapping, Sequence

from isograd.facts.treatment import Dose, Plan
from isograd.treatment.prescription import together

SLOWER = Plan((Dose("lr:lower"),))
"""What is added to a plan that restores the gradient and then diverges."""
FASTER = Plan((Dose("lr:raise"),))
"""What is added to a plan that restores the gradient and then stands still: the rate that an exploding gradient was
given is too low for a healthy one."""
STILL = 0.03
"""A loss that has fallen by less than this share of where it began stands still."""
RISEN = 1.5
"""A loss that ends at half as much again as it began is running away: a higher rate would take it further."""
MOST_PACED = 2
"""Plans that are tried at another rate as well."""


def at_other_rates(plans: Sequence[Plan], losses: Mapping[str, float], began: float) -> list[Plan]:
    """Plans that diverged or ran away with a lower learning rate, then those that stood still with a higher one.

    Args:
        plans: As they were trained.
        losses: At the end of a short training, by name of the plan; nan where it diverged.
        began: Loss at which the unchanged training began; nan if unknown.

    Returns:
        Those that are not among the plans; `MOST_PACED` of them are worth a training.
    """
    diverged = [plan for plan in plans if math.isnan(losses[plan.name])]
    rest = [plan for plan in plans if not _of_the_rate(plan) and began > 0]
    risen = [plan for plan in rest if losses[plan.name] > RISEN * began]
    still = [plan for plan in rest if (1.0 - STILL) * began < losses[plan.name] <= RISEN * began]
    paced = [*(together(one, SLOWER) for one in (*diverged, *risen)), *(together(one, FASTER) for one in still)]
    known = {plan.name for plan in plans}
    return [plan for plan in paced if plan.name not in known]


def _of_the_rate(plan: Plan) -> bool:
    return any(dose.remedy.startswith(("lr:", "clip:")) for dose in plan.doses)
