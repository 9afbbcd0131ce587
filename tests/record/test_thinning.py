import os

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from record_facts import network, row, values

from isograd.facts import Event
from isograd.record import read
from isograd.record.thinning import FIRST_STEPS, keep_mask

ascending = st.builds(
    lambda gaps: np.cumsum(np.array(gaps, np.int64)) - 1, st.lists(st.integers(1, 50), min_size=1, max_size=400)
)


@given(ascending, st.lists(st.integers(0, 20_000), max_size=100), st.integers(8, 300))
@settings(max_examples=150, deadline=None)
def test_what_stays_is_bounded_and_holds_both_ends_and_the_first_marks(step, marks, limit):
    marks = np.array(sorted(marks), np.int64)
    keep = keep_mask(step, marks, limit)
    assert keep.sum() <= limit
    if len(step) <= limit:
        assert keep.all()
        return
    assert keep[: min(FIRST_STEPS, limit // 4)].all()
    assert keep[-(limit // 4) :].all()
    inside = np.flatnonzero(np.isin(step, marks))
    if len(marks) <= limit // 8:
        assert keep[inside].all()
        assert keep[np.maximum(inside - 1, 0)].all()
    elif len(inside) and marks[0] == step[inside[0]]:
        assert keep[inside[0]]


@given(st.integers(64, 300), st.integers(0, 4000))
@settings(max_examples=50, deadline=None)
def test_the_middle_is_spread_evenly(limit, extra):
    step = np.arange(limit + 1 + extra)
    kept = step[keep_mask(step, np.array([], np.int64), limit)]
    # The ends take at most half of the limit; the other half is filled at least half by powers of two.
    assert np.diff(kept).max() <= 8 * len(step) / limit


@given(st.integers(8, 200), st.integers(1, 400))
@settings(max_examples=50, deadline=None)
def test_thinning_again_keeps_an_even_grid(limit, more):
    none = np.array([], np.int64)
    step = np.arange(4 * limit)
    once = step[keep_mask(step, none, limit)]
    grown = np.concatenate([once, np.arange(4 * limit, 4 * limit + more)])
    twice = grown[keep_mask(grown, none, limit)]
    assert len(twice) <= limit
    assert np.isin(twice[twice < 4 * limit], once).all()


def test_rows_stay_within_their_limit_and_the_incident_survives(open_writer):
    writer = open_writer(max_rows=400)
    writer.network(0, network(1))
    for step in range(20_000):
        writer.step(0, row(step, nonfinite=2 * (step == 7777)))
    writer.event(0, Event(5001, "non-finite", "layers.0", "forward", "Log"))
    writer.flush()
    for step in range(20_000, 40_000):
        writer.step(0, row(step))
    found = writer.snapshot().observed[0].steps.step
    assert len(found) <= 400
    assert found[:50].tolist() == list(range(50))
    assert found[-50:].tolist() == list(range(39_950, 40_000))
    assert {7776, 7777} <= set(found.tolist())
    assert 5001 not in found  # its event came when the step had long been thinned
    assert np.diff(found).max() <= 1024


def test_a_flood_of_events_and_profiles_is_bounded(open_writer):
    writer = open_writer(max_rows=400)
    writer.network(0, network(1))
    for step in range(3000):
        writer.event(0, Event(step, "non-finite", "layers.0", "forward", "Log"))
    found = writer.snapshot().observed[0].events
    assert 10 <= len(found) <= 40
    assert found[0].step == 0
    assert found[-1].step == 2999


def test_the_file_stays_within_its_bound_with_200_sites_and_100_000_steps(open_writer, tmp_path):
    bound = 2 << 20
    writer = open_writer(max_bytes=bound)
    writer.network(0, network(200))
    matrix = values(200, 1.0)
    largest = 0
    for step in range(100_000):
        writer.step(0, row(step))
        if step % 100 == 0:
            writer.reading(0, step, matrix)
        if step % 10_000 == 0:
            writer.flush()
            largest = max(largest, os.path.getsize(tmp_path / "record.sqlite"))
    writer.close()
    largest = max(largest, os.path.getsize(tmp_path / "record.sqlite"))
    found = read(tmp_path).observed[0]
    assert writer.num_dropped == 0
    assert writer.fault is None
    assert bound // 4 < largest <= bound
    assert found.readings.step[0] == 0
    assert found.readings.step[-1] == 99_900
    assert len(found.readings.step) >= 16
    assert found.steps.step[:200].tolist() == list(range(200))
    assert found.steps.step[-1] == 99_999


def test_many_small_readings_of_several_networks_stay_within_the_bound(open_writer, tmp_path):
    bound = 1 << 20
    writer = open_writer(max_bytes=bound)
    for index in range(3):
        writer.network(index, network(15, name=f"net{index}"))
    matrix = values(15, 1.0)  # some three readings a page: what is deleted does not free its page
    for step in range(3000):
        for index in range(3):
            writer.reading(index, step, matrix)
        if step % 500 == 0:
            writer.flush()
    writer.close()
    assert os.path.getsize(tmp_path / "record.sqlite") <= bound
    for one in read(tmp_path).observed:
        assert len(one.readings.step) > 30
        assert one.readings.step[-1] == 2999
