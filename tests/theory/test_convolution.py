import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from isograd.theory.convolution import fan_in, valid_share


@given(channels=st.integers(1, 4), groups=st.integers(1, 3), k1=st.integers(1, 5), k2=st.integers(1, 5))
def test_fan_in_is_that_of_torch(channels, groups, k1, k2):
    conv = torch.nn.Conv2d(channels * groups, groups, (k1, k2), groups=groups, device="meta")
    assert fan_in(channels * groups, (k1, k2), groups) == conv.weight[0].numel()


@given(
    size=st.integers(1, 12), kernel=st.integers(1, 5), stride=st.integers(1, 3),
    padding=st.integers(0, 3), dilation=st.integers(1, 2),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_valid_share_counts_the_taps_on_the_input(size, kernel, stride, padding, dilation):
    assume(size + 2 * padding >= dilation * (kernel - 1) + 1)
    ones = torch.ones(1, 1, size)
    counts = torch.nn.functional.conv1d(ones, torch.ones(1, 1, kernel), None, stride, padding, dilation)
    share = valid_share(size, kernel, stride, padding, dilation)
    assert share == pytest.approx(float(counts.mean()) / kernel)
    assert 0 <= share <= 1


def test_gradient_gain_of_a_convolution_is_its_fan_in_times_the_variance():
    rng = torch.Generator().manual_seed(0)
    weight = torch.randn(48, 32, 3, 3, generator=rng) * np.sqrt(2 / fan_in(32, (3, 3)))
    x = torch.zeros(4, 32, 16, 16, requires_grad=True)
    y = torch.nn.functional.conv2d(x, weight, stride=2, padding=1)
    g = torch.randn(y.shape, generator=rng)
    back = torch.autograd.grad(y, x, g)[0]
    expected = 2 * valid_share(16, 3, 2, 1) ** 2
    assert float(back.norm() / g.norm()) ** 2 == pytest.approx(expected, rel=0.03)


def test_impossible_shapes_are_refused():
    with pytest.raises(ValueError, match="divide"):
        fan_in(5, (3,), 2)
    with pytest.raises(ValueError, match="does not fit"):
        valid_share(2, 5)
