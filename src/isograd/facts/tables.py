"""A record as a pandas table."""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from isograd.errors import UsageError
from isograd.facts.record import QUANTITIES, Observed, Record, StepRow

if TYPE_CHECKING:
    import pandas as pd

Table = Literal["steps", "readings", "times", "events"]


def to_pandas(record: Record, table: Table = "steps") -> "pd.DataFrame":
    """One of a record's tables, tidy: one row an observation, the network's name in the first column.

    Args:
        record: What `read` returned.
        table: `steps`: a row for each step, the fields of `facts.StepRow`. `readings`: a row for each step and site, a
            column for each of `facts.QUANTITIES`. `times`: a row for each step, site and lag. `events`: a row an event.

    Raises:
        UsageError: pandas is not installed, or there is no such table.
    """
    if table not in get_args(Table):
        raise UsageError(f"There is no table {table!r} in a record: ask for one of {', '.join(get_args(Table))}.")
    try:
        pandas = import_module("pandas")
    except ImportError as error:
        raise UsageError(f"This needs pandas ({error}): install it with `pip install 'isograd[pandas]'`.") from error
    columns, frame_of = _FRAMES[table]
    frames = [pandas.DataFrame(frame_of(one), columns=columns) for one in record.observed]
    for frame, one in zip(frames, record.observed, strict=True):
        frame.insert(0, "network", one.network.name)
    frames = [frame for frame in frames if len(frame)] or frames[:1]  # empty ones would blur the types of columns
    return pandas.concat(frames, ignore_index=True) if frames else pandas.DataFrame(columns=["network", *columns])


def _steps(one: Observed) -> dict[str, Any]:
    return {name: getattr(one.steps, name) for name in StepRow._fields}


def _readings(one: Observed) -> dict[str, Any]:
    names = np.array([site.name for site in one.network.sites], object)
    frame: dict[str, Any] = {
        "step": np.repeat(one.readings.step, len(names)),
        "site": np.tile(names, len(one.readings.step)),
    }
    return frame | {quantity: one.readings.column(quantity).ravel() for quantity in QUANTITIES}


def _times(one: Observed) -> list[tuple[Any, ...]]:
    return [
        (profile.step, profile.site, profile.length, profile.cell, profile.gated, lag, gradient)
        for profile in one.times
        for lag, gradient in zip(profile.lag, profile.gradient_log10, strict=True)
    ]


def _events(one: Observed) -> list[tuple[Any, ...]]:
    return [
        (event.step, event.kind, event.site, event.direction, event.operation, event.detail) for event in one.events
    ]


_FRAMES: dict[str, tuple[list[str], Any]] = {
    "steps": (list(StepRow._fields), _steps),
    "readings": (["step", "site", *QUANTITIES], _readings),
    "times": (["step", "site", "length", "cell", "gated", "lag", "gradient_log10"], _times),
    "events": (["step", "kind", "site", "direction", "operation", "detail"], _events),
}
