import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from isograd.report.signs import ASCII, UNICODE
from isograd.report.terminal.bars import chart, resample


def test_columns_grow_from_low_to_high() -> None:
    assert chart([-8.0, -4.0, 0.0], -8.0, 0.0, 1, UNICODE) == ["▁▄█"]
    assert chart([-8.0, -4.0, 0.0], -8.0, 0.0, 2, UNICODE) == ["  █", "▁██"]
    assert chart([1.0], 0.0, 1.0, 2, ASCII, wide=3) == ["###", "###"]


def test_what_was_not_measured_is_empty_and_an_exact_zero_is_marked() -> None:
    assert chart([math.nan, -math.inf, 0.0, math.inf], -1.0, 1.0, 2, UNICODE) == ["   █", " 0██"]


def test_a_chart_without_a_span_is_still_seen() -> None:
    assert chart([2.0, 2.0], 2.0, 2.0, 1, UNICODE) == ["▁▁"]


@given(st.lists(st.floats(), max_size=20), st.integers(1, 4), st.integers(1, 3))
@settings(max_examples=100, deadline=None)
def test_every_chart_has_its_size(values: list[float], rows: int, wide: int) -> None:
    lines = chart(values, -3.0, 2.0, rows, UNICODE, wide)
    assert len(lines) == rows
    assert {len(line) for line in lines} == {len(values) * wide}


@given(npst.arrays(np.float64, st.integers(0, 60)), st.integers(1, 20))
@settings(max_examples=100, deadline=None)
def test_resampling_keeps_the_extremes(values: np.ndarray, columns: int) -> None:
    kept = resample(values, columns)
    assert kept.size == min(values.size, columns)
    seen = np.abs(values[~np.isnan(values)])
    if seen.size:
        assert np.nanmax(np.abs(kept)) == seen.max()


@pytest.mark.parametrize("signs", [UNICODE, ASCII])
def test_signs_have_a_width_of_one_in_charts(signs: object) -> None:
    assert len(signs.bars) == 9  # type: ignore[attr-defined]
