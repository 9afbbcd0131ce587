import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isograd.theory import ACTIVATIONS
from isograd.theory.fixed_points import correlation_fixed_point, length_fixed_point
from isograd.theory.maps import Ensemble, chi_1, correlation_map, decades, length_map


@given(
    name=st.sampled_from(["tanh", "sigmoid", "elu", "softsign", "hardtanh", "erf", "silu"]),
    sigma_w2=st.floats(0.1, 1.9),
    sigma_b2=st.floats(0.01, 1),
)
@settings(max_examples=25, deadline=None)
def test_length_rests_at_the_fixed_point_and_iteration_leads_there(name, sigma_w2, sigma_b2):
    ensemble = Ensemble(ACTIVATIONS[name], sigma_w2, sigma_b2)
    q = length_fixed_point(ensemble)
    assert length_map(ensemble, q) == pytest.approx(q, rel=1e-9)
    step = 1.0
    for _ in range(50):
        step = length_map(ensemble, step)
    assert abs(step - q) <= abs(1.0 - q) + 1e-12


def test_marginal_lengths_stay_where_they_start():
    assert length_fixed_point(Ensemble(ACTIVATIONS["relu"], 2.0), 3.7) == 3.7


def test_signals_may_die_or_explode():
    assert length_fixed_point(Ensemble(ACTIVATIONS["tanh"], 0.9)) == 0.0
    assert length_fixed_point(Ensemble(ACTIVATIONS["relu"], 2.1)) == math.inf


def test_critical_tanh_decays_as_a_power_of_depth():
    q, critical = 1.0, Ensemble(ACTIVATIONS["tanh"], 1.0)
    for _ in range(2000):
        q = length_map(critical, q)
    assert q * 2 * 2000 == pytest.approx(1.0, abs=0.01)


def test_gelu_under_he_initialisation_decays_to_half():
    he = Ensemble(ACTIVATIONS["gelu"], 2.0)
    assert length_fixed_point(he) == 0.0
    assert chi_1(he, 0.0) == pytest.approx(0.5, abs=1e-9)


# PyTorch's default of linear and convolutional layers, sigma_w^2 = 1/3, in decades a layer.
@pytest.mark.parametrize(
    ("name", "per_layer"),
    [("linear", -0.239), ("tanh", -0.239), ("relu", -0.389), ("gelu", -0.540), ("silu", -0.540), ("sigmoid", -0.849)],
)
def test_decades_a_layer_of_the_default_initialisation(name, per_layer):
    ensemble = Ensemble(ACTIVATIONS[name], 1 / 3)
    assert decades(chi_1(ensemble, length_fixed_point(ensemble))) == pytest.approx(per_layer, abs=6e-4)


# What torch.nn.init.calculate_gain leads to: tanh 5/3, SELU 3/4, sigmoid 1.
@pytest.mark.parametrize(
    ("name", "gain", "q", "chi"),
    [("tanh", 5 / 3, 1.178, 1.2098), ("selu", 0.75, 0.023, 1.0037), ("sigmoid", 1, 0.265, 0.0557)],
)
def test_recommended_gains_are_not_critical(name, gain, q, chi):
    ensemble = Ensemble(ACTIVATIONS[name], gain**2)
    rest = length_fixed_point(ensemble)
    assert rest == pytest.approx(q, abs=6e-4)
    assert chi_1(ensemble, rest) == pytest.approx(chi, abs=6e-5)


def test_correlation_is_complete_in_the_ordered_phase_only():
    ordered, chaotic = Ensemble(ACTIVATIONS["tanh"], 1.2, 0.05), Ensemble(ACTIVATIONS["tanh"], 3.0, 0.05)
    assert correlation_fixed_point(ordered, length_fixed_point(ordered)) == 1.0
    q = length_fixed_point(chaotic)
    c = correlation_fixed_point(chaotic, q)
    assert c == pytest.approx(0.299, abs=6e-4)
    assert correlation_map(chaotic, q, c) == pytest.approx(c, abs=1e-10)


@given(keep=st.floats(0.5, 0.99))
@settings(max_examples=5, deadline=None)
def test_dropout_keeps_inputs_apart_even_at_the_edge(keep):
    ensemble = Ensemble(ACTIVATIONS["tanh"], 1.76, 0.05, keep)
    q = length_fixed_point(ensemble)
    c = correlation_fixed_point(ensemble, q)
    assert c < 1 - 1e-3
    assert correlation_map(ensemble, q, c) == pytest.approx(c, abs=1e-9)
