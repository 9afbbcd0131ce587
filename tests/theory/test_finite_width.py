import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isograd.theory import ACTIVATIONS, Activation
from isograd.theory.finite_width import INFLATION, gain_spread, layer_beta, slope_moment_ratio


def test_layers_of_known_activations():
    linear, relu = (slope_moment_ratio(ACTIVATIONS[n]) for n in ("linear", "relu"))
    assert layer_beta(linear, 100) == pytest.approx(2 / 100)
    assert layer_beta(relu, 100) == pytest.approx(5 / 100)
    assert layer_beta(relu, 100, orthogonal=True) == pytest.approx(3 / 100)
    assert layer_beta(linear, 100, orthogonal=True) == pytest.approx(0, abs=1e-12)


@given(beta=st.floats(0, 10), parts=st.integers(1, 50))
def test_layers_add_up(beta, parts):
    shift, sd = gain_spread([beta / parts] * parts)
    assert shift == pytest.approx(-beta / (4 * math.log(10)))
    assert (2 * math.log(10) * sd) ** 2 == pytest.approx(beta)


@given(name=st.sampled_from(sorted(ACTIVATIONS)), q=st.floats(0.01, 50))
def test_a_moment_ratio_is_at_least_one(name, q):
    assert slope_moment_ratio(ACTIVATIONS[name], q) >= 1 - 1e-9


def test_no_slope_at_all_has_ratio_one():
    assert slope_moment_ratio(Activation("nothing", np.zeros_like, np.zeros_like)) == 1.0


@pytest.mark.parametrize(("kind", "name"), [("gaussian", "relu"), ("gaussian", "linear"), ("orthogonal", "relu")])
def test_simulated_spread_and_shift(nets, kind, name):
    rng, act, width, depth = np.random.default_rng(3), ACTIVATIONS[name], 64, 17
    logs = []
    for _ in range(250 if kind == "gaussian" else 150):
        if kind == "gaussian":
            weights = [nets.gaussian(rng, width, width) for _ in range(depth)]
        else:
            weights = [nets.orthogonal(rng, width) for _ in range(depth)]
        norms = nets.gradient_norms(rng, weights, act, rng.standard_normal((1, width)))
        chi = float(np.mean(act.slope(np.array([-1.0, 1.0])) ** 2))
        logs.append(2 * math.log(norms[0] / norms[-1]) - (depth - 1) * math.log(chi))
    beta = (depth - 1) * layer_beta(slope_moment_ratio(act), width, orthogonal=kind == "orthogonal")
    assert np.mean(logs) == pytest.approx(-beta / 2, abs=0.2)
    assert 0.7 * beta < np.var(logs) < INFLATION**2 * 1.25 * beta


def test_a_width_must_be_positive():
    with pytest.raises(ValueError, match="positive"):
        layer_beta(1.0, 0)
