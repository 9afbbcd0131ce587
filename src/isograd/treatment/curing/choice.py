"""The choice: short trainings under the program's own seed, more steps for the better half."""

import math
from collections.abc import Mapping, Sequence

from isograd.diagnosis.prescriptions import PRESCRIPTIONS
from isograd.facts import Text
from isograd.facts.treatment import Dose, Plan
from isograd.facts.trial import Outlook, Result
from isograd.facts.verdict import Attempt, Reproducibility
from isograd.treatment.curing.case import Case
from isograd.treatment.curing.expectations import combined, promising
from isograd.treatment.curing.log import Log
from isograd.treatment.prescription import together
from isograd.treatment.proof.halving import FEWEST_STEPS, ranked, rungs, tail_loss

SLOWER = Plan((Dose("lr:lower"),))
"""What is added to a plan that restores the gradient and then diverges: the rate was made for the sick network."""
FASTER = Plan((Dose("lr:raise"),))
"""What is added to a plan that restores the gradient and then stands still: the rate that an exploding gradient was
given is too low for a healthy one."""
STILL = 0.03
"""A loss that has fallen by less than this share of where it began stands still."""
RISEN = 1.5
"""A loss that ends at half as much again as it began is running away: a higher rate would take it further."""
MOST_PACED = 2
"""Plans that are tried at another rate as well."""
MOST_PARTS = 3
"""Plans within another that are held against it."""
UNDEFINED = "undefined-operation"
"""A cause that is seen in the graph itself, and that one remedy takes away."""
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
        losses, began = _train(case, plans, steps, log)
        if place == 0:
            untrained = began
            paced = _paced(case, plans, losses)
            losses |= _train(case, paced, steps, log)[0]
            plans += paced
        plans = ranked(plans, losses, tail_loss(_until(case.base, steps)), untrained, _at_root(case))
        log.tried([one for plan in plans for one in log.attempts if one.plan.name == plan.name])
        plans = [plan for plan in plans if math.isfinite(losses[plan.name])][: rung.survivors]
    return _to_the_end(case, plans, untrained, log)


def _to_the_end(case: Case, plans: list[Plan], untrained: float, log: Log) -> list[Plan]:
    """The same, with what turns out as good in the whole training in front of the plan that began best.

    Two remedies together are nearly always faster than one over the first steps, so that short trainings cannot tell
    whether both are needed; and what the cause asks for may need its time, while something else lowers the loss at once
    and leaves the cause. So the parts of the first plan and, where it holds nothing that the causes ask for, what they
    ask for first are trained to the end beside it, if they had begun to help.
    """
    begun = [one.plan for one in log.attempts if _helps(case, one)]
    asked = [remedy.remedy for remedy in case.finding.remedies] if case.finding is not None else []
    rivals = [plan for plan in begun if plans and _is_part(plan, plans[0])][:MOST_PARTS]
    if plans and not {dose.remedy for dose in plans[0].doses} & set(asked):
        rivals += sorted((plan for plan in begun if plan.name in asked), key=lambda plan: asked.index(plan.name))[:1]
    if not rivals:
        return plans
    rivals = [plans[0], *(plan for plan in rivals if plan.name != plans[0].name)]
    losses, _ = _train(case, rivals, case.steps, log)
    best = ranked(rivals, losses, tail_loss(_until(case.base, case.steps)), untrained, _at_root(case))
    before = [plan for plan in best[: best.index(plans[0])] if math.isfinite(losses[plan.name])]
    names = {plan.name for plan in before}
    return [*before, *(plan for plan in plans if plan.name not in names)]


def _is_part(plan: Plan, whole: Plan) -> bool:
    names, all_names = ({dose.remedy for dose in one.doses} for one in (plan, whole))
    return bool(names) and names < all_names


def _helps(case: Case, attempt: Attempt) -> bool:
    """True if a plan was trained and stands below the unchanged training, or that one diverged."""
    untreated = tail_loss(_until(case.base, attempt.steps))
    return math.isfinite(attempt.loss) and not attempt.loss >= untreated


def _train(case: Case, plans: Sequence[Plan], steps: int, log: Log) -> tuple[dict[str, float], float]:
    """Trains each plan on so many steps.

    Returns:
        The loss at the end by name of the plan, nan where it failed; the lowest loss at which one began.
    """
    results = case.series.run("choice", [case.order(plan, max_steps=steps) for plan in plans]) if plans else []
    losses = {plan.name: _loss_of(result) for plan, result in zip(plans, results, strict=True)}
    log.tried([Attempt(p, steps, losses[p.name], _trouble(r)) for p, r in zip(plans, results, strict=True)])
    began = (result.losses.value[0] for result in results if result.losses.value)
    return losses, min(filter(math.isfinite, began), default=math.nan)


def _paced(case: Case, plans: Sequence[Plan], losses: dict[str, float]) -> list[Plan]:
    began = next((value for value in case.base.losses.value if math.isfinite(value)), math.nan)
    known = {plan.name for plan in plans}
    return [plan for plan in at_other_rates(plans, losses, began) if plan.name not in known][:MOST_PACED]


def at_other_rates(plans: Sequence[Plan], losses: Mapping[str, float], began: float) -> list[Plan]:
    """Plans that diverged or ran away with a lower learning rate, then those that stood still with a higher one.

    Args:
        plans: As they were trained.
        losses: At the end of a short training, by name of the plan; nan where it diverged.
        began: Loss at which the unchanged training began; nan if unknown.
    """
    diverged = [plan for plan in plans if math.isnan(losses[plan.name])]
    rest = [plan for plan in plans if not _of_the_rate(plan) and began > 0]
    risen = [plan for plan in rest if losses[plan.name] > RISEN * began]
    still = [plan for plan in rest if (1.0 - STILL) * began < losses[plan.name] <= RISEN * began]
    return [*(together(one, SLOWER) for one in (*diverged, *risen)), *(together(one, FASTER) for one in still)]


def _of_the_rate(plan: Plan) -> bool:
    return any(dose.remedy.startswith(("lr:", "clip:")) for dose in plan.doses)


def _at_root(case: Case) -> str:
    """The remedy of an operation that is undefined at its input: a smaller step only comes less often to that point."""
    causes = case.finding.causes if case.finding is not None else ()
    return PRESCRIPTIONS[UNDEFINED][0].remedy if causes and causes[0].cause == UNDEFINED else ""


def _far_enough(case: Case) -> int:
    first = case.finding.first_step if case.finding is not None else 0
    return min(case.steps, math.ceil(LATER * first) + 1)


def _until(result: Result, steps: int) -> list[float]:
    return [value for step, value in zip(result.losses.step, result.losses.value, strict=True) if step < steps]


def _loss_of(result: Result) -> float:
    return math.nan if result.status == "failed" else tail_loss(result.losses.value)


def _trouble(result: Result) -> Text | None:
    if result.status == "failed":
        return Text("failed: {error}", "실패: {error}", {"error": result.error})
    return Text("diverged", "발산함") if math.isnan(_loss_of(result)) else None


def _repeated(base: Result, again: Result) -> Reproducibility:
    """Whether a second run under the same seed had the same losses."""
    once = dict(zip(base.losses.step, base.losses.value, strict=True))
    pairs = [(once[s], v) for s, v in zip(again.losses.step, again.losses.value, strict=True) if s in once]
    same = all(a == b or (math.isnan(a) and math.isnan(b)) for a, b in pairs)
    noise = abs(tail_loss([a for a, _ in pairs]) - tail_loss([b for _, b in pairs])) if pairs else math.nan
    return Reproducibility(same, 0.0 if same else noise)
