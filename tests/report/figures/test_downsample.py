import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from isograd.report.figures.downsample import breaks, envelope, groups, strongest


@settings(max_examples=40, deadline=None)
@given(arrays(np.float64, st.integers(0, 400), elements=st.floats(-1e6, 1e6)), st.integers(2, 50))
def test_the_envelope_keeps_the_extremes_the_order_and_the_bound(y, most):
    x = np.arange(len(y), dtype=np.float64)
    kept_x, kept_y = envelope(x, y, most)
    assert len(kept_x) <= max(most, 2)
    assert np.all(np.diff(kept_x) > 0)
    assert np.array_equal(kept_y, y[kept_x.astype(int)])
    if len(y):
        assert (kept_y.min(), kept_y.max()) == (y.min(), y.max())


def test_one_spike_among_a_hundred_thousand_steps_survives():
    y = np.zeros(100_000)
    y[54_321] = 7.0
    x, kept = envelope(np.arange(100_000.0), y, 1000)
    assert x[np.argmax(kept)] == 54_321
    assert len(x) <= 1000


def test_what_was_not_measured_is_left_out_and_an_exact_zero_is_kept():
    y = np.array([np.nan, -np.inf, 1.0, np.nan])
    x, kept = envelope(np.arange(4.0), y, 10)
    assert x.tolist() == [1.0, 2.0]
    assert kept.tolist() == [-np.inf, 1.0]


def test_a_line_breaks_only_where_the_distance_is_unusual():
    x = np.array([0.0, 10.0, 20.0, 200.0, 210.0])
    assert breaks(x, spacing=10.0).tolist() == [True, False, False, True, False]
    assert breaks(np.zeros(0), 1.0).tolist() == []


def test_groups_cover_everything_in_nearly_equal_parts():
    assert groups(3, 5).tolist() == [0, 1, 2]
    sizes = np.diff([*groups(1003, 100), 1003])
    assert sizes.sum() == 1003
    assert sizes.max() - sizes.min() <= 1


@pytest.mark.parametrize(
    ("values", "winner"),
    [
        ([0.1, -3.0, 2.0], -3.0),
        ([np.nan, 0.5, np.nan], 0.5),
        ([-3.0, -np.inf, 2.0], -np.inf),
        ([-np.inf, np.inf, 2.0], np.inf),
    ],
)
def test_of_neighbours_the_gravest_wins(values, winner):
    column = np.array(values, dtype=np.float32)[:, None]
    assert strongest(column, np.array([0]), axis=0).tolist() == [[winner]]


def test_a_group_that_was_never_measured_stays_so():
    column = np.full((2, 1), np.nan, dtype=np.float32)
    assert np.isnan(strongest(column, np.array([0]), axis=0)).all()
