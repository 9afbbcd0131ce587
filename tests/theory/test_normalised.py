import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isograd.theory import ACTIVATIONS
from isograd.theory.depth_scales import MULTIPLES_BATCH_NORM, trainable_depth
from isograd.theory.normalised import (
    activation_variance,
    affine,
    batch_norm_rate,
    batch_norm_relu_rate,
    layer_norm_rate,
    post_activation_rate,
    rms_norm_rate,
    standardisation_gain,
)
from isograd.theory.sphere import expect_batch

# ReLU behind batch normalisation: B, squared rate, norm rate, 16 xi.
RELU = [
    (4, 3.084, 1.756, 14.2), (8, 1.788, 1.337, 27.5), (16, 1.590, 1.261, 34.5), (32, 1.522, 1.234, 38.1),
    (64, 1.493, 1.222, 39.9), (128, 1.4797, 1.2164, 40.8), (256, 1.4732, 1.2138, 41.3), (None, 1.4669, 1.2112, 41.8),
]  # fmt: skip
# Squared rates at a large batch: activation, batch normalisation, layer normalisation.
RATES = [
    ("relu", 1.467, 1.000), ("tanh", 1.178, 1.178), ("sigmoid", 1.034, 0.153), ("gelu", 1.319, 1.072),
    ("silu", 1.212, 1.067), ("selu", 1.072, 1.072), ("elu", 1.079, 1.036), ("softplus", 1.081, 0.318),
    ("linear", 1.0, 1.0),
]  # fmt: skip
GAINS = {
    "relu": 1.712859, "gelu": 1.700926, "silu": 1.787187, "tanh": 1.592537, "sigmoid": 4.801313, "elu": 1.270843,
    "softplus": 1.919126, "mish": 1.592025,
}  # fmt: skip
# Hardshrink jumps, and the inequality wants a function without jumps.
NAMES = sorted(set(ACTIVATIONS) - {"hardshrink"})


def _digits(text):
    return 0.6 * 10.0 ** -len(str(text).partition(".")[2])


@pytest.mark.parametrize(("batch", "squared", "norm", "depth"), RELU)
def test_relu_behind_batch_normalisation(batch, squared, norm, depth):
    rate = batch_norm_rate(ACTIVATIONS["relu"], batch)
    assert rate == pytest.approx(squared, abs=_digits(squared))
    assert math.sqrt(rate) == pytest.approx(norm, abs=_digits(norm))
    assert trainable_depth(rate, MULTIPLES_BATCH_NORM) == pytest.approx(depth, abs=0.06)


def test_relu_rate_is_that_of_yang():
    assert batch_norm_rate(ACTIVATIONS["relu"]) == pytest.approx(math.pi / (math.pi - 1), rel=1e-12)
    for batch in (5, 8, 31, 1000):
        assert batch_norm_rate(ACTIVATIONS["relu"], batch) == pytest.approx(batch_norm_relu_rate(batch), rel=1e-9)
    # At the smallest batch the density has a square root at the rim, and quadrature keeps five digits.
    assert batch_norm_rate(ACTIVATIONS["relu"], 4) == pytest.approx(batch_norm_relu_rate(4), rel=1e-5)


@pytest.mark.parametrize("batch", [4, 5, 16, 128, 4096])
def test_linear_rate_is_that_of_yang(batch):
    assert batch_norm_rate(ACTIVATIONS["linear"], batch) == pytest.approx((batch - 2) / (batch - 3), rel=1e-10)


@pytest.mark.parametrize(("name", "batch_rate", "layer_rate"), RATES)
def test_rates_of_a_large_batch(name, batch_rate, layer_rate):
    assert batch_norm_rate(ACTIVATIONS[name]) == pytest.approx(batch_rate, abs=6e-4)
    assert layer_norm_rate(ACTIVATIONS[name]) == pytest.approx(layer_rate, abs=6e-4)
    assert rms_norm_rate(ACTIVATIONS[name]) == layer_norm_rate(ACTIVATIONS[name])


@pytest.mark.parametrize("name", GAINS)
def test_standardisation_gains(name):
    assert standardisation_gain(ACTIVATIONS[name]) == pytest.approx(GAINS[name], abs=6e-7)


@given(name=st.sampled_from(NAMES), gamma=st.floats(0.2, 3), beta=st.floats(-2, 2))
@settings(max_examples=40, deadline=None)
def test_batch_normalisation_never_shrinks_the_gradient(name, gamma, beta):  # Gaussian Poincare inequality
    scaled = affine(ACTIVATIONS[name], gamma, beta)
    if activation_variance(scaled) > 1e-12:
        assert batch_norm_rate(scaled) >= 1 - 1e-9


@given(name=st.sampled_from(NAMES), batch=st.integers(5, 64))
@settings(max_examples=3, deadline=None)
def test_a_smaller_batch_explodes_faster(name, batch):
    act = ACTIVATIONS[name]
    assert batch_norm_rate(act, batch) > batch_norm_rate(act, 4 * batch) > batch_norm_rate(act) - 1e-9


def test_small_scales_make_the_activation_nearly_linear():
    assert batch_norm_rate(affine(ACTIVATIONS["tanh"], 0.1)) == pytest.approx(1.0, abs=1e-3)
    assert batch_norm_rate(affine(ACTIVATIONS["relu"], 1.0, 2.0)) < 1.1


@pytest.mark.parametrize("batch", [4, 7, 50])
def test_samples_of_a_batch_have_the_moments_of_the_sphere(batch):
    assert expect_batch(lambda a, b: a + 0 * b, batch) == pytest.approx(0, abs=1e-12)
    assert expect_batch(lambda a, b: b * b + 0 * a, batch) == pytest.approx(1, rel=1e-10)
    assert expect_batch(lambda a, b: a * b, batch) == pytest.approx(-1 / (batch - 1), rel=1e-10)
    fourth = 3 * (batch - 1) / (batch + 1)  # E[t^4] = 3 / (d (d + 2)) in d = B - 1 dimensions
    assert expect_batch(lambda a, b: a**4 + 0 * b, batch) == pytest.approx(fourth, rel=1e-10)


@pytest.mark.parametrize(
    ("name", "kind", "batch"),
    [("relu", "batch", 16), ("tanh", "batch", 8), ("sigmoid", "layer", 8), ("gelu", "layer", 8), ("silu", "rms", 8)],
)
def test_simulated_nets_have_these_rates(nets, name, kind, batch):
    rng, act, depth, width = np.random.default_rng(1), ACTIVATIONS[name], 14, 300
    rates = []
    for _ in range(4):
        weights = [nets.gaussian(rng, width, width) for _ in range(depth)]
        norms = nets.gradient_norms(rng, weights, act, rng.standard_normal((batch, width)), kind)
        # Leaves out the layers nearest the input, where the batch has not yet found its geometry.
        rates.append((norms[4] / norms[-2]) ** (2 / (depth - 6)))
    expected = batch_norm_rate(act, batch) if kind == "batch" else layer_norm_rate(act)
    assert np.mean(rates) == pytest.approx(expected, rel=0.04)


def test_normalisation_behind_the_activation():
    relu, tanh = ACTIVATIONS["relu"], ACTIVATIONS["tanh"]
    assert post_activation_rate(relu, 2.0, centred=False) == pytest.approx(1.0)
    assert post_activation_rate(relu, 2.0, centred=True) == pytest.approx(math.pi / (math.pi - 1))
    assert post_activation_rate(tanh, 1e-6, centred=True) == pytest.approx(1.0, abs=1e-5)


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="at least 4"):
        batch_norm_rate(ACTIVATIONS["relu"], 3)
    with pytest.raises(ValueError, match="at least 4"):
        batch_norm_relu_rate(3)
    with pytest.raises(ValueError, match="gamma"):
        affine(ACTIVATIONS["relu"], 0.0)
