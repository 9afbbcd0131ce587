import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isograd.report.figures.axis import decade_axis, linear_axis, power_of_ten


@settings(max_examples=60, deadline=None)
@given(st.floats(-1e5, 1e5), st.floats(0, 1e5), st.booleans())
def test_ticks_lie_on_the_axis_in_order_and_are_few(low, span, whole):
    axis = linear_axis("x", low, low + span, whole=whole)
    percents = [tick.percent for tick in axis.ticks]
    assert percents == sorted(percents)
    assert all(0 <= percent <= 100 for percent in percents)
    assert len(percents) <= 8


@settings(max_examples=60, deadline=None)
@given(st.floats(-60, 30), st.floats(0, 60))
def test_a_log_axis_holds_its_range_and_has_ticks_with_different_labels(low, span):
    axis = decade_axis("norm", low, low + span)
    assert axis.low <= low
    assert axis.high >= low + span
    labels = [tick.label for tick in axis.ticks]
    assert len(labels) >= 2
    assert len(set(labels)) == len(labels)


def test_a_short_log_axis_has_ticks_between_the_powers():
    assert [tick.label for tick in decade_axis("norm", -2.0, -1.0).ticks] == ["0.01", "0.02", "0.05", "0.1"]


def test_counts_have_no_ticks_between_whole_numbers():
    assert [tick.label for tick in linear_axis("layer", 0, 2, whole=True).ticks] == ["0", "1", "2"]


@pytest.mark.parametrize(("value", "place"), [(0.0, 0.0), (5.0, 0.5), (99.0, 1.0), (float("-inf"), 0.0)])
def test_what_lies_beyond_stays_at_the_edge(value, place):
    assert linear_axis("x", 0.0, 10.0).place(value) == place


def test_exponents_are_raised():
    assert power_of_ten(-12) == "10⁻¹²"


def test_minus_is_a_minus_sign():
    assert linear_axis("decades", -10, 0).ticks[0].label == "−10"
