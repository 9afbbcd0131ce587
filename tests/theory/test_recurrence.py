import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isograd.theory import ACTIVATIONS
from isograd.theory.recurrence import (
    DEFAULT_RADIUS,
    forget_bias,
    forget_gate_gain,
    hochreiter_bound,
    largest_slope,
    recurrent_fate,
    recurrent_gain,
    spectral_radius,
    time_constant,
)

# Gate bias: decades in 100 steps for deviation 0 and 1, and the time constant in steps.
GATES = [
    (0, -30.1, -26.6, 1.44), (1, -13.6, -14.3, 3.19), (2, -5.5, -6.9, 7.88), (3, -2.1, -3.0, 20.6),
    (5, -0.29, -0.47, 149),
]  # fmt: skip


@pytest.mark.parametrize(("bias", "sharp", "spread", "constant"), GATES)
def test_forget_gates(bias, sharp, spread, constant):
    digits = 6e-3 if bias == 5 else 0.06
    assert forget_gate_gain(bias) == pytest.approx(sharp, abs=digits)
    assert forget_gate_gain(bias, 1.0) == pytest.approx(spread, abs=digits)
    assert time_constant(bias) == pytest.approx(constant, rel=3e-3)


@given(st.floats(0.2, 1e5))
def test_a_bias_for_a_memory_has_that_memory(steps):
    assert time_constant(forget_bias(steps)) == pytest.approx(steps, rel=1e-6)


def test_long_memories_need_the_logarithm_of_their_length():
    assert forget_bias(1000) == pytest.approx(math.log(1000), abs=1e-3)


@pytest.mark.parametrize(
    ("name", "gamma"),
    [("tanh", 1), ("sigmoid", 0.25), ("relu", 1), ("erf", 2 / math.sqrt(math.pi)), ("gelu", 1.128904)],
)
def test_largest_slopes(name, gamma):
    assert largest_slope(ACTIVATIONS[name]) == pytest.approx(gamma, abs=1e-5)


def test_what_the_largest_singular_value_decides():
    assert recurrent_fate(0.99) == "vanishes"
    assert recurrent_fate(3.9, 0.25) == "vanishes"
    assert recurrent_fate(4.1, 0.25) == "may-explode"
    assert recurrent_fate(1.0) == "borderline"
    assert hochreiter_bound(4) == 1.0


@pytest.mark.parametrize("uniform", [True, False])
def test_spectral_radius_of_random_weights(uniform):
    rng, size = np.random.default_rng(0), 300
    w = rng.uniform(-1, 1, (size, size)) if uniform else rng.standard_normal((size, size)) / math.sqrt(3)
    w /= math.sqrt(size)
    assert np.abs(np.linalg.eigvals(w)).max() == pytest.approx(DEFAULT_RADIUS, rel=0.07)
    assert np.linalg.norm(w, 2) == pytest.approx(2 * spectral_radius(math.sqrt(1 / 3)), rel=0.05)


@pytest.mark.parametrize(("sigma_w2", "variance"), [(1 / 3, 0.01), (1.0, 1.0), (4.0, 0.0)])
def test_simulated_recurrent_nets_have_this_gain(sigma_w2, variance):
    rng, size, steps, tanh = np.random.default_rng(5), 300, 30, ACTIVATIONS["tanh"]
    gains = []
    for _ in range(4):
        w = rng.standard_normal((size, size)) * math.sqrt(sigma_w2 / size)
        z, slopes = rng.standard_normal(size), []
        for _ in range(steps + 15):
            z = w @ np.tanh(z) + math.sqrt(variance) * rng.standard_normal(size)
            slopes.append(tanh.slope(z))
        g = start = rng.standard_normal(size)
        for slope in slopes[: -steps - 1 : -1]:
            g = slope * (w.T @ g)
        gains.append(math.log10(np.linalg.norm(g) / np.linalg.norm(start)))
    assert np.mean(gains) == pytest.approx(recurrent_gain(tanh, sigma_w2, steps, variance), abs=0.35)


def test_a_memory_is_positive():
    with pytest.raises(ValueError, match="positive"):
        forget_bias(0)
