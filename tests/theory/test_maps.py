import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isograd.theory import ACTIVATIONS
from isograd.theory.finite_width import slope_moment_ratio
from isograd.theory.gaussian import expect
from isograd.theory.maps import (
    Ensemble,
    chi_1,
    chi_parallel,
    correlation_map,
    correlation_slope,
    decades,
    length_map,
)
from isograd.theory.piecewise import leaky_relu

# Constants at q = 1: E phi | E phi^2 | E phi'^2 | forward gain | backward gain | chi at the forward gain | slope of the
# length map there. Six digits as published, the slope to three.
CONSTANTS = {
    "linear": (0, 1, 1, 1, 1, 1, 1),
    "relu": (0.398942, 0.5, 0.5, 1.414214, 1.414214, 1, 1),
    "leaky_relu": (0.394953, 0.500050, 0.500050, 1.414143, 1.414143, 1, 1),
    "prelu": (0.299207, 0.53125, 0.53125, 1.371989, 1.371989, 1, 1),
    "tanh": (0, 0.394294, 0.464403, 1.592537, 1.467414, 1.17781, 0.461),
    "sigmoid": (0.5, 0.293379, 0.044836, 1.846229, 4.722646, 0.15283, 0.106),
    "hardtanh": (0, 0.516059, 0.682689, 1.392036, 1.210287, 1.32289, 0.385),
    "softsign": (0, 0.183014, 0.227671, 2.337533, 2.095781, 1.24401, 0.477),
    "erf": (0, 0.464559, 0.569410, 1.467167, 1.325218, 1.22570, 0.409),
    "elu": (0.160521, 0.644945, 0.668102, 1.245198, 1.223429, 1.03590, 0.891),
    "selu": (0, 1, 1.071575, 1, 0.966026, 1.07157, 0.783),
    "gelu": (0.282095, 0.425221, 0.455851, 1.533530, 1.481114, 1.07203, 1.144),
    "silu": (0.206621, 0.355776, 0.379482, 1.676532, 1.623320, 1.06663, 1.173),
    "mish": (0.240404, 0.452342, 0.479084, 1.486848, 1.444755, 1.05912, 1.076),
    "hardswish": (0.166217, 0.331567, 0.358532, 1.736657, 1.670076, 1.08132, 1.224),
    "softplus": (0.806059, 0.921246, 0.293379, 1.041867, 1.846229, 0.31846, 0.492),
}
# mu_2 / mu_1^2 at q = 1; SiLU's is 1.990048, so 1.9900 and not 1.9901 as once noted.
MOMENT_RATIOS = {
    "relu": 2, "tanh": 1.5835, "sigmoid": 1.1370, "gelu": 2.0883, "silu": 1.9900, "selu": 1.3162, "erf": 5 / 3,
}  # fmt: skip

names = st.sampled_from(sorted(ACTIVATIONS))
lengths = st.floats(1e-3, 100)


@pytest.mark.parametrize("name", CONSTANTS)
def test_constants_of_activations(name):
    act = ACTIVATIONS[name]
    mean, second, slope, forward, backward, chi, stability = CONSTANTS[name]
    assert expect(act.phi, 1.0, act.breaks) == pytest.approx(mean, abs=6e-7)
    assert length_map(Ensemble(act, 1.0), 1.0) == pytest.approx(second, abs=6e-7)
    assert chi_1(Ensemble(act, 1.0), 1.0) == pytest.approx(slope, abs=6e-7)
    assert length_map(Ensemble(act, 1.0), 1.0) ** -0.5 == pytest.approx(forward, abs=6e-7)
    assert chi_1(Ensemble(act, 1.0), 1.0) ** -0.5 == pytest.approx(backward, abs=6e-7)
    unit = Ensemble(act, 1 / length_map(Ensemble(act, 1.0), 1.0))
    assert chi_1(unit, 1.0) == pytest.approx(chi, abs=6e-6)
    assert chi_parallel(unit, 1.0) == pytest.approx(stability, abs=6e-4)


def test_leaky_relu_of_slope_a_fifth():
    act = leaky_relu(0.2)
    assert expect(act.phi, 1.0, act.breaks) == pytest.approx(0.319154, abs=6e-7)
    assert chi_1(Ensemble(act, 1.0), 1.0) == pytest.approx(0.52, abs=1e-12)
    assert chi_1(Ensemble(act, 1.0), 1.0) ** -0.5 == pytest.approx(1.386750, abs=6e-7)


@pytest.mark.parametrize("name", MOMENT_RATIOS)
def test_moment_ratios_of_the_slope(name):
    assert slope_moment_ratio(ACTIVATIONS[name]) == pytest.approx(MOMENT_RATIOS[name], abs=6e-5)


@given(name=names, q=lengths, sigma_w2=st.floats(0, 20), keep=st.floats(0.1, 1))
@settings(max_examples=60, deadline=None)
def test_chi_is_never_negative_and_grows_with_dropout(name, q, sigma_w2, keep):
    chi = chi_1(Ensemble(ACTIVATIONS[name], sigma_w2), q)
    assert chi >= 0
    assert chi_1(Ensemble(ACTIVATIONS[name], sigma_w2, keep=keep), q) == pytest.approx(chi / keep)


@given(name=names.filter(lambda n: n not in ("hardshrink", "sin")), q=lengths)
@settings(max_examples=40, deadline=None)
def test_chi_parallel_is_the_slope_of_the_length_map(name, q):
    ensemble, h = Ensemble(ACTIVATIONS[name], 1.0), 1e-4 * q
    slope = (length_map(ensemble, q + h) - length_map(ensemble, q - h)) / (2 * h)
    assert chi_parallel(ensemble, q) == pytest.approx(slope, abs=1e-6)


@given(name=names.filter(lambda n: n != "hardshrink"), q=st.floats(0.1, 5), c=st.floats(-0.9, 0.9))
@settings(max_examples=15, deadline=None)
def test_correlation_slope_is_the_slope_of_the_map(name, q, c):
    ensemble, h = Ensemble(ACTIVATIONS[name], 1.5, 0.1), 1e-4
    slope = (correlation_map(ensemble, q, c + h) - correlation_map(ensemble, q, c - h)) / (2 * h)
    assert correlation_slope(ensemble, q, c) == pytest.approx(slope, abs=1e-6)


@given(name=names, q=st.floats(0.1, 5))
@settings(max_examples=25, deadline=None)
def test_slope_at_one_is_chi_at_a_fixed_point(name, q):
    act = ACTIVATIONS[name]
    gain = length_map(Ensemble(act, 1.0), q)
    sigma_w2 = 0.9 * q / gain if gain > 0 else 1.0
    ensemble = Ensemble(act, sigma_w2, q - sigma_w2 * gain)
    assert length_map(ensemble, q) == pytest.approx(q)
    assert correlation_slope(ensemble, q, 1.0) == pytest.approx(chi_1(ensemble, q), rel=1e-9)


@given(name=names, q=st.floats(0.1, 5))
@settings(max_examples=10, deadline=None)
def test_correlation_map_rises_and_is_convex_on_positive_correlations(name, q):
    ensemble = Ensemble(ACTIVATIONS[name], 1.0, 0.1)
    values = [correlation_map(ensemble, q, c) for c in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert values[-1] == pytest.approx(1.0, abs=1e-9)
    assert np.diff(values).min() >= -1e-10
    assert np.diff(values, 2).min() >= -1e-10


def test_relu_correlation_map_is_known_in_closed_form():
    ensemble = Ensemble(ACTIVATIONS["relu"], 2.0)
    for c in (0.0, 0.3, 0.95):
        exact = (math.sqrt(1 - c * c) + c * (math.pi - math.acos(c))) / math.pi
        assert correlation_map(ensemble, 4.0, c) == pytest.approx(exact, abs=1e-12)


def test_a_dead_signal_counts_as_fully_correlated():
    assert correlation_map(Ensemble(ACTIVATIONS["relu"], 0.0), 1.0, 0.0) == 1.0


@pytest.mark.parametrize("bad", [{"sigma_w2": -1.0}, {"sigma_w2": 1.0, "sigma_b2": -1.0}])
def test_negative_variances_are_refused(bad):
    with pytest.raises(ValueError, match="negative"):
        Ensemble(ACTIVATIONS["relu"], **bad)


@pytest.mark.parametrize("keep", [0.0, 1.1])
def test_keep_share_is_a_share(keep):
    with pytest.raises(ValueError, match="keep"):
        Ensemble(ACTIVATIONS["relu"], 1.0, keep=keep)


def test_decades_of_a_squared_factor():
    assert decades(1e-4) == pytest.approx(-2.0)
    assert decades(0.0) == -math.inf
