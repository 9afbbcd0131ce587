import math

import numpy as np
import pytest

from isograd.theory.singular_values import (
    MEAN_SQUARE_LAYER,
    largest_squared_linear,
    mean_squared,
    squared_variance,
)


def _jacobian(rng, size, depth, *, relu, orthogonal):
    product = np.eye(size)
    for _ in range(depth):
        weight = rng.standard_normal((size, size)) / math.sqrt(size)
        if orthogonal:
            weight = np.linalg.qr(weight)[0]
        gate = (rng.random(size) < 0.5) * math.sqrt(2) if relu else np.ones(size)
        product = gate[:, None] * (weight @ product)
    return np.linalg.svd(product, compute_uv=False) ** 2


@pytest.mark.parametrize(
    ("relu", "orthogonal", "variance"), [(False, False, 4), (True, False, 8), (True, True, 4), (False, True, 0)]
)
def test_moments_of_four_layers(relu, orthogonal, variance):
    rng = np.random.default_rng(0)
    squared = np.array([_jacobian(rng, 250, 4, relu=relu, orthogonal=orthogonal) for _ in range(8)])
    expected = squared_variance(2.0 if relu else 1.0, 4, orthogonal=orthogonal)
    assert expected == variance
    assert squared.mean() == pytest.approx(mean_squared(1.0, 4), abs=0.15)
    assert squared.var() == pytest.approx(expected, rel=0.2, abs=1e-9)


def test_largest_value_of_four_linear_layers():
    squared = _jacobian(np.random.default_rng(1), 400, 4, relu=False, orthogonal=False)
    assert largest_squared_linear(4) == pytest.approx(12.2, abs=0.06)
    assert largest_squared_linear(16) == pytest.approx(44.8, abs=0.06)
    assert squared.max() == pytest.approx(largest_squared_linear(4), rel=0.1)


def test_mean_value_of_one_layer():
    values = np.sqrt(_jacobian(np.random.default_rng(2), 400, 1, relu=False, orthogonal=False))
    assert pytest.approx(0.8488, abs=6e-5) == MEAN_SQUARE_LAYER
    assert values.mean() == pytest.approx(MEAN_SQUARE_LAYER, rel=0.01)


def test_off_criticality_the_moments_scale():
    assert squared_variance(1.0, 3, orthogonal=False, chi=2.0) == 64 * squared_variance(1.0, 3, orthogonal=False)


def test_a_jacobian_has_layers():
    with pytest.raises(ValueError, match="at least one"):
        largest_squared_linear(0)
