import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isograd.theory import ACTIVATIONS, Activation, Layer, critical_initialisation, forecast_gain
from isograd.theory.finite_width import INFLATION
from isograd.theory.maps import decades
from isograd.theory.normalised import batch_norm_rate, layer_norm_rate


def _chain(name, sigma_w2, depth=20, width=256, **rest):
    return [Layer(sigma_w2, width, ACTIVATIONS[name], **rest)] * depth


# Width 256, 20 layers, PyTorch's default and Xavier: the published forecast and what was measured.
@pytest.mark.parametrize(
    ("name", "sigma_w2", "sigma_b2", "forecast", "measured"),
    [
        ("sigmoid", 1 / 3, 1 / 768, -16.1, -16.15), ("sigmoid", 1, 0, -11.96, -11.93),
        ("relu", 1 / 3, 1 / 768, -7.39, -7.45), ("relu", 1, 0, -2.86, -2.87), ("tanh", 1 / 3, 1 / 768, -4.66, -4.60),
    ],
)  # fmt: skip
def test_forecasts_of_twenty_layers(name, sigma_w2, sigma_b2, forecast, measured):
    got = forecast_gain(_chain(name, sigma_w2, sigma_b2=sigma_b2))
    assert got.gain == pytest.approx(forecast, abs=0.07)
    assert got.low <= measured <= got.high


def test_unstable_gelu_is_forecast_too():
    assert forecast_gain(_chain("gelu", 2.0, depth=32, width=64)).gain == pytest.approx(-2.86, abs=0.01)


@given(
    name=st.sampled_from(["relu", "tanh", "gelu", "selu"]),
    sigma_w2=st.floats(0.2, 3),
    depth=st.integers(2, 12),
    width=st.integers(8, 512),
)
@settings(max_examples=12, deadline=None)
def test_gain_is_the_sum_of_its_layers_inside_its_bar(name, sigma_w2, depth, width):
    got = forecast_gain(_chain(name, sigma_w2, depth, width))
    assert len(got.rho) == depth - 1
    assert len(got.q) == len(got.c) == depth
    assert got.gain == pytest.approx(sum(got.rho))
    assert got.low < got.gain < got.high < 2 * got.gain - got.low
    wider = forecast_gain(_chain(name, sigma_w2, depth, 4 * width))
    assert wider.high - wider.gain == pytest.approx((got.high - got.gain) / 2)


@pytest.mark.parametrize("name", [n for n in ACTIVATIONS if critical_initialisation(ACTIVATIONS[n], 1.0) is not None])
def test_the_edge_at_length_one_holds_the_gradient(name):
    point = critical_initialisation(ACTIVATIONS[name], 1.0)
    chain = _chain(name, point.sigma_w**2, 60, sigma_b2=point.sigma_b**2)
    input_q = (1 - point.sigma_b**2) / point.sigma_w**2
    assert forecast_gain(chain, input_q).gain == pytest.approx(0, abs=1e-6)


def test_selu_keeps_more_on_the_edge_at_length_one_than_at_its_power_law_point():
    point = critical_initialisation(ACTIVATIONS["selu"])
    lost = forecast_gain(_chain("selu", point.sigma_w**2, 33)).gain
    assert lost == pytest.approx(-1.09, abs=0.01)


def test_deep_normalised_chains_reach_the_closed_forms():
    batch = forecast_gain(_chain("relu", 1.0, normalisation="batch"), num_samples=16)
    assert batch.rho[-1] == pytest.approx(decades(batch_norm_rate(ACTIVATIONS["relu"], 16)), abs=1e-4)
    layer = forecast_gain(_chain("sigmoid", 1.0, normalisation="layer"))
    assert layer.rho[-1] == pytest.approx(decades(layer_norm_rate(ACTIVATIONS["sigmoid"])), abs=1e-4)
    rms = forecast_gain(_chain("sigmoid", 1.0, normalisation="rms"))
    assert rms == layer


def test_a_large_epsilon_tames_batch_normalisation():
    sharp = forecast_gain(_chain("relu", 1.0, normalisation="batch"))
    blunt = forecast_gain(_chain("relu", 1.0, normalisation="batch", epsilon=1.0))
    assert blunt.rho[-1] < sharp.rho[-1]


ACTS = ["relu", "tanh", "sigmoid", "gelu", "silu", "elu", "selu", "softplus", "mish", "hardtanh", "softsign"]


def _random_configuration(nets, rng):
    name, kind = str(rng.choice(ACTS)), str(rng.choice(["none", "none", "batch", "layer", "rms"]))
    depth, width = int(rng.integers(3, 17)), int(rng.choice([32, 64, 128]))
    batch = int(rng.choice([8, 32])) if kind == "batch" else int(rng.choice([1, 8, 32]))
    orthogonal, sigma_w2 = rng.random() < 0.25, float(np.exp(rng.uniform(np.log(0.2), np.log(4))))
    if orthogonal:
        weights = [nets.orthogonal(rng, width) * math.sqrt(sigma_w2) for _ in range(depth)]
    else:
        weights = [nets.gaussian(rng, width, width, sigma_w2) for _ in range(depth)]
    norms = nets.gradient_norms(rng, weights, ACTIVATIONS[name], rng.standard_normal((batch, width)), kind)
    chain = _chain(name, sigma_w2, depth, width, normalisation=kind, epsilon=0.0, orthogonal=orthogonal)
    return math.log10(norms[0] / norms[-1]), forecast_gain(chain, num_samples=batch)


def test_bar_covers_random_configurations_and_the_forecast_is_unbiased(nets):
    rng = np.random.default_rng(11)
    results = [_random_configuration(nets, rng) for _ in range(120)]
    inside = [got.low <= measured <= got.high for measured, got in results]
    errors = [measured - got.gain for measured, got in results]
    assert np.mean(inside) >= 0.95
    assert abs(np.mean(errors)) < 0.06
    assert np.median(np.abs(errors)) < 0.15


def test_orthogonal_weights_have_a_narrower_bar():
    plain = forecast_gain(_chain("relu", 2.0))
    square = forecast_gain(_chain("relu", 2.0, orthogonal=True))
    assert (square.high - square.gain) / (plain.high - plain.gain) == pytest.approx(math.sqrt(3 / 5))


def test_bar_is_two_inflated_deviations():
    got = forecast_gain(_chain("linear", 1.0, depth=11, width=100))
    assert got.high - got.gain == pytest.approx(2 * INFLATION * math.sqrt(10 * 2 / 100) / (2 * math.log(10)))


def test_dropout_enlarges_the_gradient_and_keeps_inputs_apart():
    plain = forecast_gain(_chain("relu", 2.0), input_c=0.5)
    dropped = forecast_gain(_chain("relu", 2.0, keep=0.8), input_c=0.5)
    assert dropped.rho[0] == pytest.approx(decades(1 / 0.8))
    assert dropped.c[-1] < 0.8 < 0.9 < plain.c[-1]


def test_a_dead_activation_passes_nothing():
    nothing = Activation("nothing", np.zeros_like, np.zeros_like)
    got = forecast_gain([Layer(1.0, 64, nothing)] * 3)
    assert got.gain == -math.inf
    assert got.rho == (-math.inf, -math.inf)


def test_layers_may_differ():
    first = Layer(1.0, 64, ACTIVATIONS["tanh"])
    mixed = forecast_gain([first, replace(first, sigma_w2=4.0), replace(first, sigma_w2=0.25)])
    assert mixed.rho[0] > mixed.rho[1]


def test_a_single_layer_has_no_gain_and_none_is_refused():
    assert forecast_gain(_chain("relu", 2.0, depth=1)).gain == 0
    with pytest.raises(ValueError, match="at least one"):
        forecast_gain([])
