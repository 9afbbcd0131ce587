import base64

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from isograd.report.figures.heat_map import (
    NON_FINITE,
    NUM_LEVELS,
    UNSEEN,
    ZERO,
    Quantity,
    columns_for,
    heat_map,
    thinned,
)


def quantity(values, scale="diverging", reach=6.0, centre=0.0):
    return Quantity("ratio", "gradient", "decades", scale, centre, reach, np.asarray(values, dtype=np.float32))


def decoded(layer, rows):
    codes = np.frombuffer(base64.b64decode(layer.codes), dtype=np.uint8).reshape(rows, -1)
    return codes, layer.low + codes / NUM_LEVELS * (layer.high - layer.low)


@settings(max_examples=30, deadline=None)
@given(arrays(np.float32, (5, 3), elements=st.floats(-30, 30, width=32)))
def test_values_read_back_to_within_half_a_level(values):
    packed = heat_map(["a", "b", "c"], np.arange(5), [quantity(values)], 400)
    layer = packed.layers[0]
    _, read = decoded(layer, 3)
    assert np.abs(read - values.T).max() <= (layer.high - layer.low) / NUM_LEVELS / 2 + 1e-5


def test_what_is_no_number_has_a_code_of_its_own():
    values = [[-np.inf, np.inf, np.nan, 0.0]]
    packed = heat_map(["a", "b", "c", "d"], np.array([7]), [quantity(values)], 400)
    codes, _ = decoded(packed.layers[0], 4)
    assert codes[:, 0].tolist() == [ZERO, NON_FINITE, UNSEEN, NUM_LEVELS // 2]


def test_the_middle_of_the_scale_is_the_healthy_value():
    packed = heat_map(["a"], np.array([0]), [quantity([[-3.0]], reach=3.0, centre=-3.0)], 400)
    assert decoded(packed.layers[0], 1)[0].item() == NUM_LEVELS // 2


def test_a_large_map_is_cut_to_size_with_its_extremes_and_says_what_was_joined():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(5000, 450)).astype(np.float32)
    values[4321, 123] = -20.0
    packed = heat_map([f"layer.{i}" for i in range(450)], np.arange(0, 50_000, 10), [quantity(values)], 400)
    assert (len(packed.rows), len(packed.first_steps)) == (200, 400)
    assert packed.rows[0] == "layer.0 – layer.2"
    _, read = decoded(packed.layers[0], 200)
    row, column = np.unravel_index(np.argmin(read), read.shape)
    assert read.min() == pytest.approx(-20.0, abs=0.1)
    assert packed.first_steps[column] <= 43_210 <= packed.last_steps[column]
    assert "layer.123" in packed.rows[row] or row == 54


def test_thinning_keeps_what_is_farthest_from_a_healthy_value_that_is_not_zero():
    values = [[-3.0], [-1.0]]  # -3 is healthy here, -1 is too fast
    packed = heat_map(["a"], np.arange(2), [quantity(values, reach=3.0, centre=-3.0)], 1)
    assert decoded(packed.layers[0], 1)[1].item() == pytest.approx(-1.0, abs=0.02)


def test_all_maps_of_a_page_share_one_budget():
    assert columns_for(0) == 400
    assert 200 * columns_for(200) <= 80_000
    assert columns_for(10_000) == 24


def test_a_table_of_the_map_is_small():
    table, rows, columns = thinned(np.zeros((500, 300), dtype=np.float32), 60, 8)
    assert table.shape == (60, 8) == (len(rows), len(columns))
