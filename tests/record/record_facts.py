"""Small facts, and strategies that draw them."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from isograd.facts import QUANTITIES, Event, Network, Observed, Readings, Record, Run, Site, StepRow, Steps, TimeProfile

RUN = Run("train", ("train.py", "--lr", "1"), 1700000000.0, 2.5, "running", "", {"isograd": "0.1.0"}, 0.01)


def network(num_sites=2, name="model", names=None):
    names = names or [f"layers.{index}" for index in range(num_sites)]
    sites = tuple(Site(one, "weight", "Addmm", "relu", (f"{one}.weight",), 6, 3, 2, True) for one in names)
    return Network(name, "MLP", 12, 0, "SGD", {"lr": 0.1}, sites, 2, (), "MseLoss", "float32", False, False)


def row(step, nonfinite=0):
    return StepRow(step, 0.5, -2.0, -2.5, -3.0, 0.1, 0.01, nonfinite)


def values(num_sites, fill):
    return np.full((num_sites, len(QUANTITIES)), fill, np.float32)


text = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
number = st.floats(width=64).map(lambda value: value + 0.0)  # SQLite stores -0.0 as 0.0
count = st.integers(0, 2**40)
json_like = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats(allow_nan=False) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=5,
)
runs = st.builds(
    Run,
    name=text,
    command=st.lists(text, max_size=3).map(tuple),
    started=st.floats(0, 1e10),
    seconds=st.floats(0, 1e10),
    status=st.sampled_from(["running", "finished", "failed", "interrupted"]),
    error=text,
    versions=st.dictionaries(text, text, max_size=3),
    overhead_share=st.floats(0, 1),
    notes=st.lists(text, max_size=2).map(tuple),
)
sites = st.builds(
    Site,
    name=text,
    kind=st.sampled_from(["weight", "recurrent", "embedding", "norm", "sum"]),
    operation=text,
    activation=text,
    parameters=st.lists(text, max_size=2).map(tuple),
    num_parameters=count,
    fan_in=count,
    units=count,
    on_chain=st.booleans(),
)
networks = st.builds(
    Network,
    name=text,
    type=text,
    num_parameters=count,
    num_frozen=count,
    optimizer=text,
    settings=st.dictionaries(text, st.floats(allow_nan=False), max_size=3),
    sites=st.lists(sites, max_size=4, unique_by=lambda site: site.name).map(tuple),
    depth=count,
    unreached=st.lists(text, max_size=2).map(tuple),
    loss=text,
    number_format=text,
    normalised=st.booleans(),
    residual=st.booleans(),
)
events = st.builds(
    Event,
    step=count,
    kind=st.sampled_from(["non-finite", "rebuilt", "scaler-skip"]),
    site=text,
    direction=st.sampled_from(["forward", "backward", "update", ""]),
    operation=text,
    detail=st.dictionaries(text, json_like, max_size=2),
)


@st.composite
def time_profiles(draw):
    lag = np.array(sorted(draw(st.sets(st.integers(0, 1000), max_size=5))), np.int64)
    gradient = draw(hnp.arrays(np.float64, len(lag), elements=st.floats(width=64)))
    whose = draw(st.sampled_from(["hidden", "cell", "pre-activation"]))
    return TimeProfile(draw(text), draw(count), draw(count), lag, gradient, draw(text), draw(st.booleans()), whose)


@st.composite
def observed(draw):
    one = draw(networks)
    step = np.array(sorted(draw(st.sets(count, max_size=6))), np.int64)
    columns = [draw(hnp.arrays(np.float64, len(step), elements=number)) for _ in range(6)]
    bits = draw(hnp.arrays(np.int64, len(step), elements=st.integers(0, 31)))
    read_at = np.array(sorted(draw(st.sets(count, max_size=3))), np.int64)
    shape = (len(read_at), len(one.sites), len(QUANTITIES))
    seed = draw(st.integers(0, 2**32 - 1))
    cells = np.random.default_rng(seed).choice(np.array([np.nan, np.inf, -np.inf, 1.5, -7e-30], np.float32), shape)
    times = tuple(draw(st.lists(time_profiles(), max_size=2)))
    happened = tuple(draw(st.lists(events, max_size=3)))
    return Observed(one, Steps(step, *columns, bits), Readings(read_at, cells), times, happened)


records = st.builds(Record, runs, st.lists(observed(), max_size=2).map(tuple))


def write(writer, record):
    """Hand a whole record to a writer."""
    for index, one in enumerate(record.observed):
        writer.network(index, one.network)
        for cells in zip(*(getattr(one.steps, name) for name in StepRow._fields), strict=True):
            writer.step(index, StepRow(*cells))
        for step, matrix in zip(one.readings.step, one.readings.values, strict=True):
            writer.reading(index, int(step), matrix)
        for profile in one.times:
            writer.time_profile(index, profile)
        for event in one.events:
            writer.event(index, event)


def assert_same(found, wanted):
    """Two records are equal, nan being equal to nan."""
    assert found.run == wanted.run
    assert len(found.observed) == len(wanted.observed)
    for mine, other in zip(found.observed, wanted.observed, strict=True):
        assert mine.network == other.network
        assert mine.events == other.events
        for name in StepRow._fields:
            np.testing.assert_array_equal(getattr(mine.steps, name), getattr(other.steps, name), name)
            assert getattr(mine.steps, name).dtype == getattr(other.steps, name).dtype
        np.testing.assert_array_equal(mine.readings.step, other.readings.step)
        np.testing.assert_array_equal(mine.readings.values, other.readings.values)
        assert mine.readings.values.dtype == np.float32
        _assert_same_times(mine.times, other.times)


def _assert_same_times(found, wanted):
    assert len(found) == len(wanted)
    for mine, other in zip(found, wanted, strict=True):
        for name in ("site", "step", "length", "cell", "gated"):
            assert getattr(mine, name) == getattr(other, name)
        np.testing.assert_array_equal(mine.lag, other.lag)
        np.testing.assert_array_equal(mine.gradient_log10, other.gradient_log10)
