import math

import pytest

from isograd.theory import ACTIVATIONS
from isograd.theory.depth_scales import depth_scale, depth_scales, gain_limit, trainable_depth
from isograd.theory.maps import Ensemble

# tanh, sigma_b^2 = 0.05: sigma_w^2, chi_1, c*, xi_c, 6 xi_c.
TANH = [
    (0.5, 0.432, 1, 1.19, 7.15),
    (1.0, 0.759, 1, 3.63, 21.8),
    (1.2, 0.845, 1, 5.94, 35.7),
    (1.5, 0.939, 1, 15.8, 94.7),
    (1.7, 0.987, 1, 74.9, 449.5),
    (1.8, 1.008, 0.950, 126, 755),
    (2.0, 1.048, 0.744, 25.2, 151),
    (2.5, 1.134, 0.447, 11.8, 70.8),
    (3.0, 1.209, 0.299, 9.05, 54.3),
    (4.0, 1.342, 0.165, 6.98, 41.9),
]


@pytest.mark.parametrize(("sigma_w2", "chi", "c", "xi_c", "limit"), TANH)
def test_depth_scales_of_tanh(sigma_w2, chi, c, xi_c, limit):
    scales = depth_scales(Ensemble(ACTIVATIONS["tanh"], sigma_w2, 0.05))
    assert scales.chi_1 == pytest.approx(chi, abs=6e-4)
    assert scales.c == pytest.approx(c, abs=6e-4)
    assert scales.xi_c == pytest.approx(xi_c, rel=2.5e-3)
    assert 6 * scales.xi_c == pytest.approx(limit, rel=2.5e-3)
    # The length settles within two layers everywhere; at sigma_w^2 = 4 in 0.87, below the "1.0 to 1.8" once noted.
    assert 0.85 < scales.xi_q < 1.85
    if c == 1:
        assert scales.xi_grad == pytest.approx(scales.xi_c, rel=1e-9)


def test_dropout_ends_every_signal():
    on_edge = depth_scales(Ensemble(ACTIVATIONS["tanh"], 1.760955, 0.05))
    dropped = [depth_scales(Ensemble(ACTIVATIONS["tanh"], sw, 0.05, keep=0.95)).xi_c for sw in (1.2, 1.5, 1.76, 2.0)]
    assert on_edge.xi_c > 1e5
    assert max(dropped) < 30


def test_dead_and_exploding_nets_have_no_finite_rest():
    dead = depth_scales(Ensemble(ACTIVATIONS["relu"], 1.0))
    assert (dead.q, dead.c) == (0.0, 1.0)
    assert dead.xi_grad == pytest.approx(1 / math.log(2))
    assert depth_scales(Ensemble(ACTIVATIONS["relu"], 3.0)).q == math.inf


def test_published_rules_are_limits_on_the_gain():
    assert gain_limit(6) == pytest.approx(1.30, abs=0.005)
    assert gain_limit(16) == pytest.approx(3.47, abs=0.005)


def test_scale_of_flat_and_of_dead_slopes():
    assert depth_scale(1.0) == math.inf
    assert depth_scale(0.0) == 0.0
    assert trainable_depth(1.0) == math.inf
