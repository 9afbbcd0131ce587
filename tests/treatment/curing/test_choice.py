"""Which plans come to the proof, in which order, and which are tried at another learning rate as well."""

import math
from types import SimpleNamespace
from typing import Any

import pytest

from isograd.facts import Cause
from isograd.facts.treatment import Dose, Plan
from isograd.facts.trial import LossCurve, Order, Result
from isograd.treatment.curing.choice import choose
from isograd.treatment.curing.log import Log
from isograd.treatment.curing.pacing import at_other_rates
from isograd.treatment.curing.short_trainings import at_root

STEPS = 200


def curve(*levels: float, steps: int = STEPS) -> LossCurve:
    """Losses that hold a level for an equal part of the whole run each."""
    values = [levels[step * len(levels) // STEPS] for step in range(steps)]
    return LossCurve(tuple(range(steps)), tuple(values))


def chosen(
    levels: dict[str, tuple[float, ...]], untreated: tuple[float, ...] = (2.3,), asked: tuple[str, ...] = ()
) -> tuple[list[str], list[str]]:
    """Names of the plans in the order of the choice, and of those that were trained to the end."""
    to_the_end: list[str] = []

    def run(stage: str, orders: list[Order]) -> list[Result]:
        results = []
        for order in orders:
            name = Plan(order.doses).name
            steps = order.max_steps or STEPS
            to_the_end.extend([name] if steps == STEPS else [])
            losses = curve(*(levels.get(name, untreated) if order.doses else untreated), steps=steps)
            results.append(Result(order, "stopped", losses=losses))
        return results

    def order(plan: Plan | None = None, **others: Any) -> Order:
        return Order(doses=plan.doses if plan else (), **others)

    base = Result(Order(), "finished", steps=STEPS, losses=curve(*untreated))
    finding = SimpleNamespace(first_step=0, causes=(), remedies=[SimpleNamespace(remedy=name) for name in asked])
    case: Any = SimpleNamespace(steps=STEPS, base=base, finding=finding, order=order, series=SimpleNamespace(run=run))
    plans = [Plan(tuple(map(Dose, name.split(" + ")))) for name in levels]
    return [plan.name for plan in choose(case, plans, Log())], to_the_end


BOTH = "init:forget-bias + init:orthogonal"


def test_a_remedy_that_is_not_needed_is_left_out() -> None:
    slow = {BOTH: (0.1, 0.01), "init:forget-bias": (1.0, 0.01), "init:orthogonal": (2.3, 2.3)}
    order, to_the_end = chosen(slow)
    assert order[:2] == ["init:forget-bias", BOTH]
    assert to_the_end == [BOTH, "init:forget-bias"]  # the other had not begun to help


def test_a_remedy_that_is_needed_stays() -> None:
    order, _ = chosen({BOTH: (0.1, 0.01), "init:forget-bias": (1.9, 1.9), "init:orthogonal": (2.3, 2.3)})
    assert order[0] == BOTH
    order, _ = chosen({BOTH: (0.1, 0.01), "init:forget-bias": (1.9, math.nan), "init:orthogonal": (2.3, 2.3)})
    assert order[0] == BOTH


def test_a_single_remedy_is_held_against_nothing() -> None:
    order, to_the_end = chosen({"init:he": (0.1, 0.01), "norm:batch": (1.0, 0.01), "lr:lower": (2.2, 2.2)})
    assert (order[0], to_the_end) == ("init:he", [])


def plan(*names: str) -> Plan:
    return Plan(tuple(map(Dose, names)))


def test_what_runs_away_is_slowed_and_what_stands_still_is_hastened() -> None:
    plans = [plan("init:he"), plan("norm:batch"), plan("residual:skip"), plan("activation:relu"), plan("clip:norm")]
    losses = {"init:he": math.nan, "norm:batch": 9.0, "residual:skip": 2.29, "activation:relu": 0.4, "clip:norm": 8.0}
    names = [one.name for one in at_other_rates(plans, losses, began=2.3)]
    assert names == ["init:he + lr:lower", "norm:batch + lr:lower", "residual:skip + lr:raise"]


def test_another_rate_is_not_tried_where_the_plan_is_there_already() -> None:
    plans = [plan("init:he"), plan("init:he", "lr:lower")]
    losses = {"init:he": math.nan, "init:he + lr:lower": 2.0}
    assert at_other_rates(plans, losses, began=2.3) == []


@pytest.mark.parametrize(("loss", "name"), [(2.29, "lr:raise"), (1.4 * 2.3, "lr:raise"), (1.6 * 2.3, "lr:lower")])
def test_a_loss_that_rose_by_half_runs_away(loss: float, name: str) -> None:
    assert [one.name for one in at_other_rates([plan("init:he")], {"init:he": loss}, 2.3)] == [f"init:he + {name}"]


def test_without_a_start_to_compare_with_only_divergence_tells() -> None:
    plans = [plan("init:he"), plan("norm:batch")]
    names = [one.name for one in at_other_rates(plans, {"init:he": math.nan, "norm:batch": 9.0}, began=math.nan)]
    assert names == ["init:he + lr:lower"]


@pytest.mark.parametrize(
    ("causes", "remedy"),
    [
        (("undefined-operation", "learning-rate-too-high"), "loss:stable"),
        (("learning-rate-too-high", "undefined-operation"), ""),
        ((), ""),
    ],
)
def test_an_undefined_operation_is_taken_away_rather_than_kept_clear_of(causes: tuple[str, ...], remedy: str) -> None:
    case: Any = SimpleNamespace(finding=SimpleNamespace(causes=tuple(Cause(name, 0.5) for name in causes)))
    assert at_root(case) == remedy


def test_what_the_cause_asks_for_is_given_its_time() -> None:
    levels = {"norm:batch": (1.8, 1.5), "lr:raise": (2.2, 2.2), "loss:stable": (2.29, 0.1)}
    order, to_the_end = chosen(levels, asked=("loss:stable",))
    assert (order[0], to_the_end) == ("loss:stable", ["norm:batch", "loss:stable"])
    assert chosen(levels, asked=("norm:batch",))[1] == []
    levels["loss:stable"] = (2.29, 2.0)
    assert chosen(levels, asked=("loss:stable",))[0][0] == "norm:batch"
