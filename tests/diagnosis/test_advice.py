"""Advice beside remedies: no remedy's title stands above something else."""

import re

import numpy as np
import pytest
from builders import RUN, flat, observed

from isograd.diagnosis.prescriptions import PRESCRIPTIONS, advise, prescribe
from isograd.diagnosis.rules import stalled, underflow
from isograd.facts import Cause, Observed
from isograd.report.language import render

LN10 = float(np.log(10))
ABOUT = {
    "lr:raise": "learning rate",
    "lr:lower": r"learning rate|\{the_rate\}",
    "scale:input": "mean",
    "residual:skip": r"x \+ block",
    "init:xavier": "xavier",
    "clip:norm": "clip_grad_norm_",
    "clip:zscore": "deviation",
    "loss:stable": "log",
}
"""What a change says that truly is of that remedy."""


@pytest.mark.parametrize("cause", sorted(PRESCRIPTIONS))
def test_a_change_is_of_its_remedy(cause: str) -> None:
    for line in PRESCRIPTIONS[cause]:
        assert re.search(ABOUT.get(line.remedy, ""), line.change_en, re.IGNORECASE), line


@pytest.mark.parametrize(("activation", "named"), [("LeakyReLU", "leaky_relu"), ("ReLU", "relu"), ("gelu", "relu")])
def test_initial_values_are_those_of_the_activation_that_is_there(activation: str, named: str) -> None:
    seen = observed(depth=4, activation=activation)
    sites = [site.name for site in seen.network.sites]
    remedies = prescribe(seen, (Cause("init-too-small", 1.0),), sites)
    (he,) = (remedy for remedy in remedies if remedy.remedy == "init:he")
    assert f"nonlinearity='{named}'" in render(he.change, "en")
    assert f"nonlinearity='{named}'" in render(he.change, "ko")


def test_without_an_activation_initial_values_are_xaviers() -> None:
    seen = observed(depth=4, activation="")
    sites = [site.name for site in seen.network.sites]
    assert prescribe(seen, (Cause("init-too-small", 1.0),), sites)[0].remedy == "init:xavier"


def test_a_cut_graph_gets_advice_and_no_remedy() -> None:
    seen = observed(loss=flat(LN10), unreached=("features.0.weight",), num_parameters=10**9)
    (finding,) = stalled.judge(seen, RUN)
    assert finding.causes[0].cause == "detached"
    assert finding.remedies == ()
    (text,) = finding.advice
    assert ".detach()" in text.en
    assert text.values == {"where": "features.0.weight"}


def test_weights_that_no_step_moves_point_at_the_optimizer() -> None:
    (finding,) = stalled.judge(observed(loss=flat(LN10), readings={"update_ratio": 0.0}), RUN)
    assert finding.causes[0].cause == "detached"
    assert "Give the optimizer the parameters" in finding.advice[0].en


def test_advice_is_for_weighty_causes_only() -> None:
    seen = observed()
    assert advise(seen, (Cause("learning-rate-too-low", 0.8), Cause("data", 0.2)), ()) == ()
    assert len(advise(seen, (Cause("outlier-batch", 0.6), Cause("data", 0.4)), ())) == 2
    assert advise(seen, (), ()) == ()


def test_data_gets_no_remedy_of_the_network() -> None:
    assert prescribe(observed(), (Cause("data", 1.0),), ()) == ()


def test_a_gradient_under_epsilon_is_not_told_to_step_less() -> None:
    tiny = observed(loss=flat(LN10), optimizer="Adam", readings={"update_ratio": 1e-7, "epsilon_floor_share": 0.9})
    (finding,) = underflow.judge(tiny, RUN)
    assert [remedy.remedy for remedy in finding.remedies] == ["precision:loss-scale"]
    assert "ordinary size" in finding.advice[0].en


def first_change(cause: str, seen: Observed, sites: tuple[str, ...]) -> tuple[str, object]:
    remedy = prescribe(seen, (Cause(cause, 1.0),), sites)[0]
    assert remedy.change is not None
    return remedy.remedy, remedy.change.values.get("where")


def test_a_change_names_the_layers_to_be_changed() -> None:
    deep, loop = observed(depth=3), observed(depth=3, kind="recurrent")
    harmed = ("layers.1", "layers.2")
    assert first_change("input-scale", deep, harmed) == ("scale:input", "layers.0")
    assert first_change("init-too-large", deep, harmed) == ("init:xavier", "layers.1, layers.2")
    assert first_change("adversary", deep, harmed) == ("lr:lower", "model")
    assert first_change("recurrence-expands", loop, harmed)[1] is None  # clipping has no place
    orthogonal = prescribe(loop, (Cause("recurrence-contracts", 1.0),), ("layers.2",))[0]
    assert orthogonal.change is not None
    assert orthogonal.change.values["where"] == "layers.0, layers.1"  # the last of them is no loop


def test_small_weights_are_drawn_by_xavier_before_tanh_and_by_he_before_relu() -> None:
    sites = tuple(f"layers.{index}" for index in range(6))
    small = (Cause("init-too-small", 1.0),)
    assert prescribe(observed(depth=6, activation="tanh"), small, sites)[0].remedy == "init:xavier"
    assert prescribe(observed(depth=6, activation="relu"), small, sites)[0].remedy == "init:he"


def test_weights_that_moved_by_more_than_their_size_are_not_told_to_move_more() -> None:
    (finding,) = stalled.judge(observed(loss=flat(LN10), readings={"update_ratio": 0.05}), RUN)
    assert [cause.cause for cause in finding.causes] == ["data"]
    assert finding.remedies == ()
    assert finding.advice
