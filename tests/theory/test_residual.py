import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isograd.theory.maps import decades
from isograd.theory.residual import post_norm_rate, pre_norm_gain, residual_rate


def test_a_plain_residual_sum_doubles_the_squared_gradient():
    assert decades(residual_rate()) == pytest.approx(0.15, abs=6e-4)


def test_scaling_by_the_root_of_depth_costs_a_factor_e_in_all():
    depth = 10_000
    total = depth * decades(residual_rate(a=1 / math.sqrt(depth)))
    assert total == pytest.approx(0.5 * math.log10(math.e), rel=1e-3)  # 0.22 decade


def test_a_sum_of_constant_variance_is_isometric():
    assert residual_rate(a=math.sqrt(0.5), shortcut=math.sqrt(0.5)) == pytest.approx(1.0)


@given(depth=st.integers(1, 200), start=st.floats(0.1, 10), variance=st.floats(0.1, 10))
def test_pre_norm_growth_is_a_power_of_depth(depth, start, variance):
    expected = 0.5 * math.log10((start + depth * variance) / start)
    assert pre_norm_gain(depth, variance, variance, start) == pytest.approx(expected, rel=1e-9)


@given(variance=st.floats(0.01, 10), alpha=st.floats(0.1, 10))
def test_post_norm_keeps_the_gradient_if_the_branch_passes_it(variance, alpha):
    assert post_norm_rate(variance, variance, alpha) == pytest.approx(1.0)
    assert post_norm_rate(variance, 0.5 * variance, alpha) < 1


def test_simulated_residual_nets_have_these_gains():
    rng, width, depth = np.random.default_rng(0), 300, 30
    gains = {"plain": [], "pre": []}
    for _ in range(4):
        x = rng.standard_normal(width)
        weights = [rng.standard_normal((width, width)) / math.sqrt(width) for _ in range(depth)]
        g_plain = g_pre = g = rng.standard_normal(width)
        norms = []
        for weight in weights:
            norms.append(np.sqrt(np.mean(x**2)))
            x = x + weight @ (x / norms[-1])
        for weight, norm in zip(weights[::-1], norms[::-1], strict=True):
            g_plain = g_plain + weight.T @ g_plain
            g_pre = g_pre + weight.T @ g_pre / norm
        gains["plain"].append(math.log10(np.linalg.norm(g_plain) / np.linalg.norm(g)))
        gains["pre"].append(math.log10(np.linalg.norm(g_pre) / np.linalg.norm(g)))
    assert np.mean(gains["plain"]) == pytest.approx(depth * decades(residual_rate()), abs=0.15)
    assert np.mean(gains["pre"]) == pytest.approx(pre_norm_gain(depth), abs=0.1)


def test_a_stream_must_have_a_variance():
    with pytest.raises(ValueError, match="start=0"):
        pre_norm_gain(3, start=0.0)
