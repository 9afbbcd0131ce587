import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from isograd.theory.number_formats import FORMATS, flushed_share, loss_scale_limit


@pytest.mark.parametrize("name", FORMATS)
def test_limits_are_those_of_torch(name):
    limits, info = FORMATS[name], torch.finfo(getattr(torch, name))
    assert limits.maximum == info.max
    assert limits.smallest_normal == info.tiny
    assert limits.epsilon == info.eps


def test_half_precision_as_quoted():
    half = FORMATS["float16"]
    assert half.maximum == 65504
    assert half.smallest_normal == pytest.approx(6.10e-5, rel=1e-3)
    assert half.smallest_subnormal == 2.0**-24
    assert half.flush == 2.0**-25


@pytest.mark.parametrize("name", ["float16", "bfloat16", "float32"])
def test_numbers_at_the_flush_become_zero_and_above_it_do_not(name):
    limits, dtype = FORMATS[name], getattr(torch, name)
    values = torch.tensor([limits.flush, limits.flush * 1.01, limits.smallest_subnormal], dtype=torch.float64)
    assert (values.to(dtype) != 0).tolist() == [False, True, True]


def test_double_precision_flushes_below_what_python_can_say():
    assert FORMATS["float64"].smallest_subnormal == 5e-324
    assert FORMATS["float64"].flush == 0.0


def test_squares_flush_long_before_the_numbers_do():
    floor = FORMATS["float32"].square_flush
    assert floor == pytest.approx(2.6e-23, rel=0.02)
    below, above = np.float32(0.99 * floor), np.float32(1.01 * floor)
    assert below > 0
    assert below * below == 0
    assert above * above > 0


@pytest.mark.parametrize(("rms", "scale"), [(1e-8, 1.0), (3e-8, 1.0), (1e-7, 1.0), (1e-8, 8.0)])
def test_flushed_share_of_gaussian_gradients(rms, scale):
    g = np.random.default_rng(0).standard_normal(200_000) * rms * scale
    zeros = np.mean(g.astype(np.float16) == 0)
    assert flushed_share(rms, FORMATS["float16"], scale) == pytest.approx(zeros, abs=0.005)


@given(st.floats(1e-12, 1e4))
def test_the_largest_loss_scale_just_fits(gradient):
    half = FORMATS["float16"]
    scale = loss_scale_limit(gradient, half)
    assert gradient * scale <= half.maximum * (1 + 1e-12)
    assert 2 * gradient * scale > half.maximum
    assert math.log2(scale).is_integer()


@pytest.mark.parametrize("call", [lambda f: flushed_share(0.0, f), lambda f: loss_scale_limit(0.0, f)])
def test_sizes_must_be_positive(call):
    with pytest.raises(ValueError, match="positive"):
        call(FORMATS["float16"])
