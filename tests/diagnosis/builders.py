"""Records made by hand: what was seen of an imagined network, in words that a test can be read by."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from isograd.facts import QUANTITIES, Event, Network, Observed, Readings, Record, Run, Site, Steps, TimeProfile

Values = NDArray[np.float64]
RUN = Run("made", (), 0.0, 1.0, "finished", "", {}, 0.01)


def flat(level: float, steps: int = 200, noise: float = 0.01, seed: int = 0) -> Values:
    """A loss that stays where it is."""
    return level * (1 + noise * np.random.default_rng(seed).standard_normal(steps))


def falling(start: float, end: float, steps: int = 200, noise: float = 0.02, seed: int = 0) -> Values:
    """A loss that falls exponentially."""
    ripple = 1 + noise * np.random.default_rng(seed).standard_normal(steps)
    return end + (start - end) * np.exp(-np.arange(steps) / (steps / 6)) * ripple


def site(
    index: int, activation: str = "tanh", kind: str = "weight", on_chain: bool = True, units: int = 64, fan_in: int = 64
) -> Site:
    """One layer."""
    name = f"layers.{index}"
    parameters = (f"{name}.weight", f"{name}.bias")
    return Site(name, kind, "Addmm", activation, parameters, units * fan_in, fan_in, units, on_chain)  # type: ignore[arg-type]


def observed(
    *,
    depth: int = 6,
    rho: float | Sequence[float] = 0.0,
    loss: Values | None = None,
    optimizer: str = "SGD",
    activation: str = "tanh",
    output: str = "",
    kind: str = "weight",
    units: int = 64,
    classes: int = 10,
    loss_name: str = "NllLoss < LogSoftmax",
    rate: float = 0.05,
    settings: Mapping[str, float] | None = None,
    readings: Mapping[str, object] | None = None,
    gain: Values | float | None = None,
    raw: Values | float = 0.0,
    applied: Values | float | None = None,
    nonfinite: NDArray[np.int64] | None = None,
    times: tuple[TimeProfile, ...] = (),
    events: tuple[Event, ...] = (),
    unreached: tuple[str, ...] = (),
    num_parameters: int | None = None,
    normalised: bool = False,
    residual: bool = False,
    number_format: str = "float32",
    name: str = "model",
    num_readings: int = 12,
) -> Observed:
    """What was seen of a chain of `depth` layers, healthy but for what is asked for.

    `rho` is the gain across each layer in decades, and goes to the ledger's weight column unless `readings` says else.
    `readings` sets quantities: a number for all sites, a sequence by site, or an (N, S) array.
    """
    loss = falling(np.log(classes), 0.1) if loss is None else loss
    steps = loss.size
    last = site(depth - 1, output, units=classes)
    sites = (*(site(i, activation, kind, units=units) for i in range(depth - 1)), last)
    across = np.full(depth, rho, dtype=np.float64) if np.isscalar(rho) else np.asarray(rho, dtype=np.float64)
    across[0] = np.nan
    total = np.broadcast_to(np.float64(np.nansum(across)) if gain is None else gain, (steps,)).copy()
    raw_log10 = np.broadcast_to(np.float64(raw) if np.isscalar(raw) else raw, (steps,)).copy()
    return Observed(
        Network(
            name=name,
            type="Sequential",
            num_parameters=sum(s.num_parameters for s in sites) if num_parameters is None else num_parameters,
            num_frozen=0,
            optimizer=optimizer,
            settings={"lr": rate, **(settings or {})},
            sites=sites,
            depth=depth,
            unreached=unreached,
            loss=loss_name,
            number_format=number_format,
            normalised=normalised,
            residual=residual,
        ),
        Steps(
            step=np.arange(steps),
            loss=loss,
            raw_log10=raw_log10,
            applied_log10=raw_log10.copy() if applied is None else np.broadcast_to(applied, (steps,)).copy(),
            gain=total,
            learning_rate=np.full(steps, rate),
            seconds=np.full(steps, 0.01),
            nonfinite=np.zeros(steps, dtype=np.int64) if nonfinite is None else nonfinite,
        ),
        _readings(depth, steps, num_readings, across, readings or {}),
        times,
        events,
    )


def _readings(depth: int, steps: int, count: int, across: Values, asked: Mapping[str, object]) -> Readings:
    level = np.array([np.nansum(across[i + 1 :]) for i in range(depth)])
    default: dict[str, object] = {
        "gradient_log10": level,
        "rho": across,
        "slope": 0.0,
        "gate": 0.0,
        "weight": across,
        "norm": 0.0,
        "skip": 0.0,
        "other": 0.0,
        "saturation_share": 0.05,
        "dead_share": 0.0,
        "dead_lasting_share": asked.get("dead_share", 0.0),
        "zero_share": 0.0,
        "nonfinite_share": 0.0,
        "underflow_share": 0.0,
        "input_rms": 1.0,
        "input_max": 4.0,
        "input_share": 0.4,
        "weight_gradient_log10": -1.0,
        "weight_scale": 1.0,
        "weight_max": 0.4,
        "update_ratio": 0.01,
        "epsilon_floor_share": np.nan,
    }
    values = np.full((count, depth, len(QUANTITIES)), np.nan, dtype=np.float32)
    for name, value in {**default, **asked}.items():
        values[:, :, QUANTITIES.index(name)] = np.asarray(value, dtype=np.float32)
    return Readings(np.linspace(0, steps - 1, count).astype(np.int64), values)


def through_time(
    per_step: float, length: int = 50, cell: str = "RNN", step: int = 0, site: str = "layers.0"
) -> TimeProfile:
    """A profile whose gradient changes by so many decades a time step."""
    lag = np.arange(length)
    return TimeProfile(site, step, length, lag, per_step * lag.astype(np.float64), cell, cell in ("LSTM", "GRU"))


def record(*seen: Observed) -> Record:
    """A run in which so many networks were seen."""
    return Record(RUN, seen)
