"""Facts to rows of the database and back."""

import json
import sqlite3
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from isograd.facts import QUANTITIES, Event, Network, Run, Site, StepRow, TimeProfile

Cell = str | int | float | bytes | None
Row = sqlite3.Row | Mapping[str, Any]


def encode(fact: Run | Network | Event) -> tuple[Cell, ...]:
    """One cell a field, in the order of the fields; tuples and mappings become JSON.

    Example:
        >>> encode(Event(3, "non-finite", "layers.1", "forward", "Log", {"share": 0.5}))
        (3, 'non-finite', 'layers.1', 'forward', 'Log', '{"share": 0.5}')
    """
    return tuple(_cell(getattr(fact, field.name)) for field in fields(fact))


def encode_names(names: Sequence[str]) -> str:
    """Names of sites, as JSON."""
    return json.dumps(names)


def encode_time_profile(profile: TimeProfile) -> tuple[Cell, ...]:
    """Cells of a time profile, its two arrays as little-endian bytes."""
    lag = np.asarray(profile.lag, "<i8").tobytes()
    gradient = np.asarray(profile.gradient_log10, "<f8").tobytes()
    head = (_cell(profile.site), int(profile.step), int(profile.length))
    return (*head, lag, gradient, _cell(profile.cell), int(profile.gated), _cell(profile.quantity))


def encode_step(network: int, row: StepRow) -> tuple[Cell, ...]:
    """Cells of a step row; numpy's numbers, which sqlite3 does not take, become Python's."""
    step, *middle, nonfinite = row
    return (int(network), int(step), *map(float, middle), int(nonfinite))


def decode_run(row: Row) -> Run:
    """The run of a row of `run`."""
    return Run(
        name=row["name"],
        command=tuple(json.loads(row["command"])),
        started=_float(row["started"]),
        seconds=_float(row["seconds"]),
        status=row["status"],
        error=row["error"],
        versions=json.loads(row["versions"]),
        overhead_share=_float(row["overhead_share"]),
        notes=tuple(json.loads(row["notes"])),
    )


def decode_network(row: Row) -> Network:
    """The network of a row of `network`."""
    return Network(
        name=row["name"],
        type=row["type"],
        num_parameters=row["num_parameters"],
        num_frozen=row["num_frozen"],
        optimizer=row["optimizer"],
        settings=json.loads(row["settings"]),
        sites=tuple(Site(**{**site, "parameters": tuple(site["parameters"])}) for site in json.loads(row["sites"])),
        depth=row["depth"],
        unreached=tuple(json.loads(row["unreached"])),
        loss=row["loss"],
        number_format=row["number_format"],
        normalised=bool(row["normalised"]),
        residual=bool(row["residual"]),
    )


def decode_time_profile(row: Row) -> TimeProfile:
    """The time profile of a row of `time_profile`."""
    return TimeProfile(
        site=row["site"],
        step=row["step"],
        length=row["length"],
        lag=np.frombuffer(row["lag"], "<i8").astype(np.int64),
        gradient_log10=np.frombuffer(row["gradient_log10"], "<f8").astype(np.float64),
        cell=row["cell"],
        gated=bool(row["gated"]),
        quantity=row["quantity"] if "quantity" in row.keys() else "hidden",  # noqa: SIM118  sqlite3.Row is no mapping
    )


def decode_event(row: Row) -> Event:
    """The event of a row of `event`."""
    return Event(
        step=row["step"],
        kind=row["kind"],
        site=row["site"],
        direction=row["direction"],
        operation=row["operation"],
        detail=json.loads(row["detail"]),
    )


def decode_step(row: Row) -> StepRow:
    """The sentinels of a row of `step`.

    Raises:
        ValueError: Something else than numbers is there.
        TypeError: The same.
    """
    return StepRow(
        step=int(row["step"]),
        loss=_float(row["loss"]),
        raw_log10=_float(row["raw_log10"]),
        applied_log10=_float(row["applied_log10"]),
        gain=_float(row["gain"]),
        learning_rate=_float(row["learning_rate"]),
        seconds=_float(row["seconds"]),
        nonfinite=int(row["nonfinite"]),
    )


class Reading(NamedTuple):
    """One detailed reading as it was stored."""

    step: int
    """The step it was taken at."""
    layout: int
    """Which of the network's layouts gives the names of its rows; -1 if it had none."""
    values: NDArray[np.float32]
    """Shape (sites of its time, Q)."""


def decode_reading(row: Row, quantities: Sequence[str]) -> Reading:
    """The reading of a row of `reading`, with nan for quantities that it does not hold.

    Raises:
        ValueError: The bytes are not those that were written.
    """
    if zlib.crc32(row["data"]) != row["crc"]:
        raise ValueError(f"The reading of step {row['step']} is damaged: its checksum is not {row['crc']}.")
    values = np.frombuffer(row["data"], "<f4").reshape(-1, len(quantities))
    if tuple(quantities) != QUANTITIES:
        values = _by_name(values, quantities)
    return Reading(int(row["step"]), int(row["layout"]), values)


def _by_name(stored: NDArray[np.float32], quantities: Sequence[str]) -> NDArray[np.float32]:
    values = np.full((len(stored), len(QUANTITIES)), np.nan, np.float32)
    for source, name in enumerate(quantities):
        if name in QUANTITIES:
            values[:, QUANTITIES.index(name)] = stored[:, source]
    return values


def _cell(value: object) -> Cell:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, str):
        # A name from the file system may hold lone surrogates, which SQLite refuses.
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, bool | int | float):
        return value
    return json.dumps(value, default=_plain, skipkeys=True)


def _plain(value: object) -> object:
    """What json does not know, in words that it knows; an unknown thing becomes its text."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    return str(value)


def _float(value: float | None) -> float:
    return float("nan") if value is None else float(value)
