"""Trainings under the program's own seed, from which the choice is made, and the order that follows from them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from isograd.diagnosis.prescriptions import PRESCRIPTIONS
from isograd.facts import Text
from isograd.facts.treatment import Plan
from isograd.facts.trial import Result
from isograd.facts.verdict import Attempt
from isograd.treatment.curing.case import Case
from isograd.treatment.curing.log import Log
from isograd.treatment.proof.halving import ranked, tail_loss

UNDEFINED = "undefined-operation"
"""A cause that is seen in the graph itself, and that one remedy takes away."""


@dataclass(frozen=True)
class Trained:
    """What some plans came to on so many steps."""

    losses: Mapping[str, float]
    """The loss at the end, by name of the plan; nan where it failed."""
    began: float
    """The lowest loss at which one of them began; nan if none is known."""


def train(case: Case, plans: Sequence[Plan], steps: int, log: Log) -> Trained:
    """Trains each plan on so many steps, and notes it."""
    results = case.series.run("choice", [case.order(plan, max_steps=steps) for plan in plans]) if plans else []
    losses = {plan.name: _loss_of(result) for plan, result in zip(plans, results, strict=True)}
    log.tried([Attempt(p, steps, losses[p.name], _trouble(r)) for p, r in zip(plans, results, strict=True)])
    began = (result.losses.value[0] for result in results if result.losses.value)
    return Trained(losses, min(filter(math.isfinite, began), default=math.nan))


def in_order(
    case: Case, plans: Sequence[Plan], losses: Mapping[str, float], steps: int, untrained: float
) -> list[Plan]:
    """The plans, the one to prove first in front, see `halving.ranked`."""
    return ranked(plans, losses, untreated_loss(case, steps), untrained, at_root(case))


def untreated_loss(case: Case, steps: int) -> float:
    """The loss of the unchanged training after so many steps; nan where it diverged."""
    curve = case.base.losses
    return tail_loss([value for step, value in zip(curve.step, curve.value, strict=True) if step < steps])


def at_root(case: Case) -> str:
    """The remedy of an operation that is undefined at its input: a smaller step only comes less often to that point."""
    causes = case.finding.causes if case.finding is not None else ()
    return PRESCRIPTIONS[UNDEFINED][0].remedy if causes and causes[0].cause == UNDEFINED else ""


def _loss_of(result: Result) -> float:
    return math.nan if result.status == "failed" else tail_loss(result.losses.value)


def _trouble(result: Result) -> Text | None:
    if result.status == "failed":
        return Text("failed: {error}", "실패: {error}", {"error": result.error})
    return Text("diverged", "발산함") if math.isnan(_loss_of(result)) else None
