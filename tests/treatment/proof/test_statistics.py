"""Paired effects against scipy's own, and what happens at the edges."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from isograd.treatment.proof.halving import ERROR_SHARES
from isograd.treatment.proof.statistics import ERROR, paired_effect, quantile

FINITE = st.floats(-1e3, 1e3)


@pytest.mark.parametrize("degrees", [*range(1, 41), 60, 200])
@pytest.mark.parametrize("error", [0.05, 0.025, 0.01])
def test_quantiles_are_students(degrees, error):
    assert quantile(degrees, error) == pytest.approx(stats.t.ppf(1 - error / 2, degrees), rel=1e-8)


def test_two_plans_at_two_looks_at_noise_prove_nothing_more_often_than_one_look_would():
    generator = np.random.default_rng(2)
    fooled = 0
    for _ in range(4000):
        control = generator.normal(0.0, 1.0, 5)
        looks = [
            paired_effect(treated[:n], control[:n], True, share * ERROR / 2)
            for share, treated in zip(ERROR_SHARES, generator.normal(0.0, 1.0, (2, 5)), strict=True)
            for n in (3, 5)
        ]
        fooled += any(effect.low > 0 or effect.high < 0 for effect in looks)
    assert sum(ERROR_SHARES) == 1
    assert fooled / 4000 <= 0.055


@given(st.lists(st.tuples(FINITE, FINITE), min_size=2, max_size=8))
def test_interval_is_that_of_scipy(pairs):
    treated, control = zip(*pairs, strict=True)
    effect = paired_effect(treated, control, True)
    differences = np.subtract(treated, control)
    assert effect.mean == pytest.approx(differences.mean(), abs=1e-9)
    half = stats.t.ppf(0.975, len(pairs) - 1) * differences.std(ddof=1) / math.sqrt(len(pairs))
    assert effect.high - effect.mean == pytest.approx(half, rel=1e-4, abs=1e-9)
    assert effect.low <= effect.mean <= effect.high


@given(st.lists(st.tuples(FINITE, FINITE), min_size=1, max_size=6))
def test_a_loss_is_better_when_lower(pairs):
    treated, control = zip(*pairs, strict=True)
    up, down = paired_effect(treated, control, True), paired_effect(treated, control, False)
    assert up.mean == pytest.approx(-down.mean)


def test_interval_covers_the_truth_as_often_as_it_says():
    generator = np.random.default_rng(1)
    covered = 0
    for _ in range(2000):
        noise = generator.normal(0.3, 1.0, (5, 2))
        effect = paired_effect((noise[:, 0] + 0.5).tolist(), noise[:, 1].tolist(), True)
        covered += effect.low <= 0.5 <= effect.high
    assert 0.935 <= covered / 2000 <= 0.965


def test_a_run_that_diverged_counts_as_the_worst_that_was_seen():
    effect = paired_effect([0.2, 0.3], [math.nan, 2.3], False)
    assert effect.mean == pytest.approx((2.1 + 2.0) / 2)
    assert paired_effect([math.nan], [math.nan], True).mean == 0.0


def test_one_pair_proves_nothing_and_none_says_nothing():
    assert paired_effect([1.0], [0.0], True).low == -math.inf
    assert math.isnan(paired_effect([], [], True).mean)
    with pytest.raises(ValueError, match="got 1 treated and 2 control"):
        paired_effect([1.0], [0.0, 1.0], True)
