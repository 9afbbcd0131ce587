from dataclasses import replace

import numpy as np
import pytest
from tests.report import page_scenes as scenes

from isograd.facts import QUANTITIES, Event, Readings
from isograd.report.figures.axis import linear_axis
from isograd.report.figures.line_chart import HEIGHT, WIDTH, Curve, band, drawn, limits
from isograd.report.figures.map_layers import gradient_ratio, map_quantities
from isograd.report.figures.network_charts import (
    MOST_MARKS,
    depth_chart,
    event_marks,
    lag_chart,
    ledger_chart,
    loss_chart,
    norm_chart,
    part_name,
)
from isograd.report.figures.stacked_bars import Column, stack
from isograd.report.page.words import words

SAY = words("en")


def observed_of(scene):
    return scene()[0].observed[0]


def test_a_lone_measurement_is_a_dot_and_a_gap_is_no_line():
    x, y = linear_axis("x", 0, 100), linear_axis("y", 0, 1)
    heights = np.full(101, np.nan)
    heights[[0, 1, 2, 90]] = 0.5
    line = drawn(Curve("c", "c", np.arange(101.0), heights), x, y)
    assert line.path == f"M0 {HEIGHT // 2}h0L20 {HEIGHT // 2}L40 {HEIGHT // 2}M1800 {HEIGHT // 2}h0"


def test_the_ledger_is_of_the_last_reading_whose_gain_was_finite():
    seen = observed_of(scenes.vanishing)
    values = seen.readings.values.copy()
    values[-3:, :, QUANTITIES.index("rho")] = np.nan
    values[-3:, :, QUANTITIES.index("slope")] = np.nan
    step = f"step {seen.readings.step[-4]:,}"
    assert step in ledger_chart(replace(seen, readings=Readings(seen.readings.step, values)), "ledger", SAY).caption


def test_branching_over_time_steps_is_not_called_a_skip_connection():
    seen = observed_of(scenes.vanishing)
    loop = replace(seen.network, sites=(*seen.network.sites[:-1], scenes.site("rnn.weight_hh", kind="recurrent")))
    assert [part_name(part, seen) for part in ("skip", "slope")] == ["skip", "slope"]
    assert [part_name(part, replace(seen, network=loop)) for part in ("skip", "slope")] == ["skip_or_loop", "slope"]


def test_regular_sampling_is_no_gap():
    steps = observed_of(scenes.healthy).steps  # every tenth step
    chart = norm_chart(observed_of(scenes.healthy), "norm", SAY, ())
    assert np.isnan(steps.raw_log10).mean() > 0.8
    assert chart.lines[0].path.count("M") == 1


def test_an_exact_zero_falls_to_the_lower_edge_and_is_read_as_none():
    x, y = linear_axis("x", 0, 1), linear_axis("y", -5, 0)
    line = drawn(Curve("c", "c", np.arange(2.0), np.array([-1.0, -np.inf])), x, y)
    assert line.y == (-1.0, None)
    assert line.path.endswith(f"L{WIDTH} {HEIGHT}")


def test_infinity_is_a_gap():
    x, y = linear_axis("x", 0, 1), linear_axis("y", -5, 0)
    assert drawn(Curve("c", "c", np.arange(2.0), np.array([-1.0, np.inf])), x, y).y == (-1.0,)


def test_a_band_is_cut_to_the_axis():
    y = linear_axis("y", -1, 1)
    assert band(y, -9, 0).height_percent == 50
    assert band(y, 5, 9) is None


def test_without_numbers_there_are_no_limits():
    assert limits([Curve("c", "c", np.zeros(1), np.array([np.nan]))]) is None
    assert limits([]) is None


def test_bars_pile_up_on_both_sides_of_zero():
    bars = stack(
        "b", "t", "c", ("x", "y"), ["a"], [Column("p", "p", np.array([1.0])), Column("q", "q", np.array([-1.0]))]
    )
    assert (bars.y.low, bars.y.high) == (-1.0, 1.0)
    assert [part.path for part in bars.parts] == ["M240 0h1520V500h-1520z", "M240 500h1520V1000h-1520z"]


def test_a_part_that_is_zero_everywhere_takes_no_place():
    assert [part.key for part in ledger_chart(observed_of(scenes.vanishing), "l", SAY).parts] == [
        "slope",
        "gate",
        "weight",
    ]


def test_the_ratio_is_relative_to_the_last_layer_and_zero_there():
    ratio = gradient_ratio(observed_of(scenes.vanishing))
    assert np.all(ratio[:, -1] == 0)
    assert ratio[:, 0].mean() == pytest.approx(-8.6, abs=0.2)


def test_zeros_and_what_is_not_finite_are_kept_apart_in_the_ratio():
    ratio = gradient_ratio(observed_of(scenes.broken))
    assert np.isneginf(ratio[10, 0])
    assert np.isposinf(ratio[35]).all()
    assert np.isnan(ratio[5]).all()
    assert np.isfinite(ratio[0]).all()


def test_if_the_last_layer_is_not_finite_the_others_are_not_called_zero():
    observed = observed_of(scenes.vanishing)
    values = observed.readings.values.copy()
    values[0, -1, QUANTITIES.index("gradient_log10")] = np.inf
    ratio = gradient_ratio(replace(observed, readings=Readings(observed.readings.step, values)))
    assert np.isnan(ratio[0, :-1]).all()
    assert np.isposinf(ratio[0, -1])


def test_a_quantity_that_was_never_measured_is_not_offered():
    observed = observed_of(scenes.vanishing)
    values = observed.readings.values.copy()
    values[:, :, QUANTITIES.index("dead_share")] = np.nan
    keys = [q.key for q in map_quantities(replace(observed, readings=Readings(observed.readings.step, values)), SAY)]
    assert keys == ["ratio", "rho", "saturation", "update"]


def test_depth_shows_first_worst_and_latest_once_each():
    observed = observed_of(scenes.vanishing)
    assert [line.key for line in depth_chart(observed, "d", SAY).lines] == ["first", "worst", "latest"]
    single = Readings(observed.readings.step[:1], observed.readings.values[:1])
    assert [line.key for line in depth_chart(replace(observed, readings=single), "d", SAY).lines] == ["latest"]


def test_without_any_gradient_there_is_no_chart_by_depth():
    observed = observed_of(scenes.vanishing)
    unseen = np.full_like(observed.readings.values, np.nan)
    bare = replace(observed, readings=Readings(observed.readings.step, unseen))
    assert depth_chart(bare, "d", SAY) is None
    assert ledger_chart(bare, "l", SAY) is None


def test_the_gradient_by_lag_starts_at_zero_decades():
    chart = lag_chart(observed_of(scenes.broken).times, "n-lag-1", SAY)
    assert [line.y[0] for line in chart.lines] == [0.0, 0.0]
    assert chart.lines[-1].y[-1] == pytest.approx(0.12 * 62 * (1 + 87 / 90), abs=0.01)


def test_a_loss_that_stands_still_looks_so():
    chart = loss_chart(observed_of(scenes.vanishing), "loss", SAY, ())
    assert chart.unit == "number"
    assert chart.y.high - chart.y.low > 0.4


def test_a_loss_that_falls_far_is_drawn_on_a_log_axis():
    assert loss_chart(observed_of(scenes.healthy), "loss", SAY, ()).unit == "power"


def test_a_negative_loss_has_no_log_axis():
    observed = observed_of(scenes.healthy)
    steps = replace(observed.steps, loss=observed.steps.loss - 1.0)
    assert loss_chart(replace(observed, steps=steps), "loss", SAY, ()).unit == "number"


def test_events_are_marked_once_a_step_and_not_without_bound():
    steps = observed_of(scenes.vanishing).steps
    events = [Event(step // 2, "scaler-skip", "", "", "") for step in range(200)]
    marks = event_marks(events, steps, SAY)
    assert len(marks) == MOST_MARKS
    assert len({mark.percent for mark in marks}) == MOST_MARKS


def test_the_first_step_that_is_not_finite_is_marked_even_without_an_event():
    observed = observed_of(scenes.broken)
    marks = event_marks((), observed.steps, SAY)
    assert [(mark.key, mark.label) for mark in marks] == [("non-finite", "90")]
