"""Which plans are tried at another learning rate as well."""

import math
from types import SimpleNamespace
from typing import Any

import pytest

from isograd.facts import Cause
from isograd.facts.treatment import Dose, Plan
from isograd.treatment.curing.choice import _at_root, at_other_rates


def plan(*names: str) -> Plan:
    return Plan(tuple(map(Dose, names)))


def test_what_runs_away_is_slowed_and_what_stands_still_is_hastened() -> None:
    plans = [plan("init:he"), plan("norm:batch"), plan("residual:skip"), plan("activation:relu"), plan("clip:norm")]
    losses = {"init:he": math.nan, "norm:batch": 9.0, "residual:skip": 2.29, "activation:relu": 0.4, "clip:norm": 8.0}
    names = [one.name for one in at_other_rates(plans, losses, began=2.3)]
    assert names == ["init:he + lr:lower", "norm:batch + lr:lower", "residual:skip + lr:raise"]


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
    assert _at_root(case) == remedy
