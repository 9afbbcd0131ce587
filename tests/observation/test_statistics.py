import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from isograd.observation.sizes import total_log10
from isograd.observation.statistics import (
    gradient_statistics,
    input_dependent_share,
    largest_magnitude,
    log10_norm,
    root_mean_square,
    sum_log10,
)


@settings(max_examples=60, deadline=None)
@given(st.integers(-300, 300), st.integers(1, 500))
def test_size_holds_where_float64_squares_overflow(exponent, count):
    values = torch.full((count,), 10.0**exponent, dtype=torch.float64)
    assert log10_norm(values) == pytest.approx(exponent + 0.5 * math.log10(count), abs=1e-9)


@pytest.mark.parametrize(("dtype", "value"), [(torch.float32, 1e-40), (torch.float32, 3e38), (torch.float16, 6e-8),
                                              (torch.bfloat16, 1e-30), (torch.float32, 1e-25)])  # fmt: skip
def test_size_holds_at_the_ends_of_each_format(dtype, value):
    values = torch.full((1000,), value, dtype=dtype)
    assert log10_norm(values) == pytest.approx(math.log10(float(values[0])) + 1.5, abs=1e-4)


def test_zero_nan_and_infinity_are_told_apart():
    assert log10_norm(torch.zeros(3)) == -math.inf
    assert log10_norm(torch.empty(0)) == -math.inf
    assert math.isnan(log10_norm(torch.tensor([1.0, math.nan])))
    assert log10_norm(torch.tensor([1.0, -math.inf])) == math.inf


def test_sparse_uncoalesced_and_complex_gradients():
    indices = torch.tensor([[1, 1, 3]])
    sparse = torch.sparse_coo_tensor(indices, torch.tensor([[4.0], [4.0], [6.0]]), (5, 1))
    assert log10_norm(sparse) == pytest.approx(1.0)
    assert log10_norm(torch.tensor([6 + 8j])) == pytest.approx(1.0)
    assert total_log10([sparse, torch.zeros(2)]) == pytest.approx(1.0)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-200, 200), min_size=1, max_size=6))
def test_parts_add_as_squares(parts):
    largest = max(parts)
    expected = largest + 0.5 * math.log10(sum(10 ** (2 * max(p - largest, -150)) for p in parts))
    assert sum_log10(*parts) == pytest.approx(expected, abs=1e-9)


def test_shares_of_a_gradient():
    half = torch.tensor([0.0, 1e-6, 1.0, 2.0], dtype=torch.float16)
    found = gradient_statistics(half)
    assert (found.zero_share, found.underflow_share, found.nonfinite_share) == (0.25, 0.25, 0.0)
    assert gradient_statistics(torch.tensor([math.inf, 1.0])).nonfinite_share == 0.5


def test_input_dependent_share_is_that_of_the_definition():
    values = torch.randn(64, 10) * 0.3 + 2.0
    expected = float(values.double().var(0, correction=0).sum() / values.double().square().mean(0).sum())
    assert input_dependent_share(values) == pytest.approx(expected, rel=1e-4)
    assert input_dependent_share(torch.ones(8, 4)) == 0.0
    assert math.isnan(input_dependent_share(torch.ones(1, 4)))


def test_plain_sizes():
    assert root_mean_square(torch.tensor([3.0, -3.0])) == pytest.approx(3.0)
    assert largest_magnitude(torch.tensor([1.0, -7.0])) == 7.0
