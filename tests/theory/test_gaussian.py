import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial.hermite_e import hermegauss

from isograd.theory import ACTIVATIONS
from isograd.theory.gaussian import expect, expect_pair

SMOOTH = ("tanh", "sigmoid", "erf", "sin", "gelu", "gelu_tanh", "silu", "mish", "softplus")


@pytest.mark.parametrize("name", SMOOTH)
def test_smooth_expectations_agree_with_gauss_hermite(name):
    nodes, weights = hermegauss(200)
    act = ACTIVATIONS[name]
    for f in (act.phi, lambda x: act.phi(x) ** 2, lambda x: act.slope(x) ** 2):
        hermite = weights @ f(math.sqrt(0.3) * nodes) / math.sqrt(2 * math.pi)
        assert expect(f, 0.3) == pytest.approx(hermite, abs=1e-12)


@pytest.mark.parametrize("q", [1e-8, 0.1, 1.0, 30.0, 1e6])
def test_kinked_expectations_are_exact(q):
    relu, hard = ACTIVATIONS["relu"], ACTIVATIONS["hardtanh"]
    inside = math.erf(1 / math.sqrt(2 * q))
    tail = 2 * math.sqrt(q / (2 * math.pi)) * math.exp(-1 / (2 * q))
    assert expect(relu.phi, q, relu.breaks) == pytest.approx(math.sqrt(q / (2 * math.pi)), rel=1e-13)
    assert expect(lambda x: relu.slope(x) ** 2, q, relu.breaks) == pytest.approx(0.5, abs=1e-13)
    assert expect(lambda x: hard.slope(x) ** 2, q, hard.breaks) == pytest.approx(inside, abs=1e-13)
    exact = q * inside - tail + 1 - inside
    assert expect(lambda x: hard.phi(x) ** 2, q, hard.breaks) == pytest.approx(exact, abs=1e-13)


@given(mean=st.floats(-30, 30), q=st.floats(1e-6, 100))
@settings(max_examples=40)
def test_moments_of_a_shifted_gaussian(mean, q):
    assert expect(lambda x: x, q, mean=mean) == pytest.approx(mean, abs=1e-11)
    assert expect(np.square, q, mean=mean) == pytest.approx(q + mean**2, rel=1e-12)


@given(c=st.floats(-1, 1), q=st.floats(1e-4, 100))
@settings(max_examples=25, deadline=None)
def test_pair_of_relus_is_the_arc_cosine_kernel(c, q):  # Cho and Saul 2009
    relu = ACTIVATIONS["relu"]
    exact = q * (math.sqrt(1 - c * c) + c * (math.pi - math.acos(c))) / (2 * math.pi)
    assert expect_pair(lambda a, b: relu.phi(a) * relu.phi(b), q, c, relu.breaks) == pytest.approx(exact, abs=1e-12 * q)
    slopes = expect_pair(lambda a, b: relu.slope(a) * relu.slope(b), q, c, relu.breaks)
    assert slopes == pytest.approx((math.pi - math.acos(c)) / (2 * math.pi), abs=1e-7)


@pytest.mark.parametrize("q", [1e-3, 1.0, 50.0])
@pytest.mark.parametrize("c", [-1.0, -0.9, 0.0, 0.5, 0.999999, 1.0])
def test_pair_of_erfs_is_the_arc_sine_kernel(q, c):  # Williams 1997
    phi = ACTIVATIONS["erf"].phi
    exact = 2 / math.pi * math.asin(2 * q * c / (1 + 2 * q))
    assert expect_pair(lambda a, b: phi(a) * phi(b), q, c) == pytest.approx(exact, abs=1e-12)


@pytest.mark.parametrize("name", ["hardtanh", "hardswish", "softshrink"])
def test_pairs_with_several_kinks_agree_with_random_draws(name):
    act, rng = ACTIVATIONS[name], np.random.default_rng(0)
    z = rng.standard_normal((2, 1_000_000))
    draws = act.phi(z[0]) * act.phi(0.6 * z[0] + 0.8 * z[1])
    value = expect_pair(lambda a, b: act.phi(a) * act.phi(b), 1.0, 0.6, act.breaks)
    assert value == pytest.approx(draws.mean(), abs=4 * draws.std() / 1000)


@pytest.mark.parametrize("q", [-1.0, math.inf, math.nan])
def test_a_variance_must_be_one(q):
    with pytest.raises(ValueError, match="variance"):
        expect(np.square, q)


def test_a_correlation_must_be_one():
    with pytest.raises(ValueError, match="correlation"):
        expect_pair(lambda a, b: a * b, 1.0, 1.5)
