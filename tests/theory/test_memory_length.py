import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isograd.theory.memory_length import REST, forgotten_lag, memory_length
from isograd.theory.recurrence import time_constant


@pytest.mark.parametrize("bias", [0.0, 1.0, 2.0, 5.0])
def test_it_is_the_time_constant_of_a_forget_gate(bias):
    keeps = 1 / (1 + math.exp(-bias))
    assert memory_length(math.log10(keeps)) == pytest.approx(time_constant(bias))


@given(st.floats(-2, -0.05), st.integers(50, 400))
def test_a_steady_decay_is_forgotten_after_so_many_time_constants(per_step, length):
    lag = np.arange(length)
    expected = -math.log(REST) * memory_length(per_step)
    assert forgotten_lag(lag, per_step * lag) == pytest.approx(expected if expected < length - 1 else math.inf)


def test_a_gradient_that_comes_back_is_not_forgotten_before():
    assert forgotten_lag(np.arange(6), np.array([0.0, -3.0, -3.0, -1.0, -3.0, -3.0])) == pytest.approx(3.5)


def test_exact_zeros_are_forgotten_at_the_first_of_them():
    assert forgotten_lag(np.arange(4), np.array([2.0, 1.5, -np.inf, -np.inf])) == 2.0


def test_without_a_gradient_at_the_end_nothing_is_known():
    assert math.isnan(forgotten_lag(np.arange(3), np.array([-np.inf, 0.0, 0.0])))
    assert math.isnan(forgotten_lag(np.arange(3), np.array([0.0, np.nan, 0.0])))


def test_what_does_not_fall_is_never_forgotten():
    assert memory_length(0.0) == memory_length(1.0) == math.inf
    assert forgotten_lag(np.arange(3), np.zeros(3)) == math.inf
