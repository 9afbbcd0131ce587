"""The charts of one network: by depth, by part, by lag and over steps."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from isograd.facts import Event, Observed, Steps, TimeProfile
from isograd.report.figures.axis import Axis, decade_axis, linear_axis
from isograd.report.figures.line_chart import Curve, LineChart, Mark, band, drawn, limits
from isograd.report.figures.map_layers import chain_sites, gradient_ratio
from isograd.report.figures.stacked_bars import Column, StackedBars, stack
from isograd.report.page.words import Say

HEALTHY_DECADES = 1.3
"""Plain networks with |G| below this train (Schoenholz et al. 2017: L <= 6 xi)."""
HEALTHY_DECADES_NORMALISED = 2.0
"""Networks with normalisation layers bear a little more."""
LEDGER = ("slope", "gate", "weight", "norm", "skip", "other")
"""Parts of a layer's gain, from zero outwards."""
GRADIENTS: Mapping[str, str] = MappingProxyType({"hidden": "dL/dh_t", "cell": "dL/dc_t", "pre-activation": "dL/dz_t"})
"""What a profile through time shows, by its quantity."""
MOST_MARKS = 24
"""Events drawn as lines; beyond that they would hide the curve."""

LOSS_OR_GRADIENT = 1 | 2 | 4
"""Bits of `Steps.nonfinite` that are told of a step's loss and gradients."""


def depth_chart(observed: Observed, identifier: str, say: Say) -> LineChart | None:
    """The gradient at each site of the chain, at the first, the worst and the latest reading; None without one."""
    ratio, chain = gradient_ratio(observed), chain_sites(observed)
    curves = _depth_curves(observed, ratio[:, chain].astype(np.float64), say)
    seen = limits(curves)
    if seen is None:
        return None
    healthy = HEALTHY_DECADES_NORMALISED if observed.network.normalised else HEALTHY_DECADES
    x = linear_axis(say("depth_x"), 0, len(chain) - 1, whole=True)
    y = linear_axis(say("depth_y"), min(seen[0], -2.0), max(seen[1], 2.0))
    lines = tuple(drawn(curve, x, y, num_points=2000, spacing=1.0) for curve in curves)
    names = tuple(observed.network.sites[index].name for index in chain)
    texts = (identifier, say("depth_title"), say("depth_caption"))
    return LineChart(*texts, x, y, lines, "decades", names, band=band(y, -healthy, healthy))


def _depth_curves(observed: Observed, ratio: NDArray[np.float64], say: Say) -> list[Curve]:
    usable = [index for index, row in enumerate(ratio) if np.isfinite(row).any()]
    if not usable:
        return []
    reach = [float(np.abs(ratio[index][np.isfinite(ratio[index])]).max()) for index in usable]
    chosen = {"first": usable[0], "worst": usable[int(np.argmax(reach))], "latest": usable[-1]}
    x, steps = np.arange(ratio.shape[1], dtype=np.float64), observed.readings.step
    # One reading may be all three; what is drawn later says more, so it takes the place.
    unique = {index: key for key, index in chosen.items()}
    return [
        Curve(
            key,
            say(f"reading_{key}", step=f"{steps[index]:,}"),
            x,
            ratio[index],
        )
        for key, index in sorted(chosen.items(), key=lambda item: ("first", "worst", "latest").index(item[0]))
        if unique[index] == key
    ]


def ledger_chart(observed: Observed, identifier: str, say: Say) -> StackedBars | None:
    """The parts of each layer's gain at the latest reading that has them; None without one."""
    readings = observed.readings
    table = np.stack([readings.column(part) for part in LEDGER])  # (parts, N, S)
    usable = np.flatnonzero(np.isfinite(readings.column("rho")).any(axis=1))  # of a broken gain the parts say nothing
    if len(usable) == 0:
        return None
    latest = int(usable[-1])
    names = [site.name for site in observed.network.sites]
    columns = [
        Column(part, say(part_name(part, observed)), table[row, latest].astype(np.float64))
        for row, part in enumerate(LEDGER)
    ]
    caption = say("ledger_caption", step=f"{readings.step[latest]:,}")
    return stack(identifier, say("ledger_title"), caption, (say("depth_x"), say("depth_y")), names, columns)


def part_name(part: str, observed: Observed) -> str:
    """The word for a part of a layer's gain: in a loop it is the time steps over which the gradient's ways part."""
    loops = any(site.kind == "recurrent" for site in observed.network.sites)
    return "skip_or_loop" if part == "skip" and loops else part


def lag_chart(profiles: Sequence[TimeProfile], identifier: str, say: Say) -> LineChart | None:
    """The gradient by lag at one recurrent site: its first and its latest profile; None if all was zero."""
    first, latest = profiles[0], profiles[-1]
    shown = [("latest", latest)] if first is latest else [("first", first), ("latest", latest)]
    with np.errstate(invalid="ignore"):  # a gradient that is zero everywhere has no place on the chart
        curves = [
            Curve(
                key,
                say(f"reading_{key}", step=f"{p.step:,}"),
                p.lag.astype(np.float64),
                p.gradient_log10 - p.gradient_log10[0],
            )
            for key, p in shown
        ]
    seen = limits(curves)
    if seen is None:
        return None
    x = linear_axis(say("lag_x"), 0, max(1, latest.length - 1), whole=True)
    y = linear_axis(say("depth_y"), min(seen[0], -2.0), max(seen[1], 2.0))
    lines = tuple(drawn(curve, x, y) for curve in curves)
    title = say("lag_title", site=latest.site, gradient=GRADIENTS[latest.quantity])
    caption = say("lag_caption", cell=latest.cell, length=latest.length)
    return LineChart(
        identifier, title, caption, x, y, lines, "decades", band=band(y, -HEALTHY_DECADES, HEALTHY_DECADES)
    )


def loss_chart(observed: Observed, identifier: str, say: Say, marks: tuple[Mark, ...]) -> LineChart | None:
    """The loss over steps, on a log axis where it is positive and spans more than a factor of three."""
    steps = observed.steps
    finite = np.where(np.isfinite(steps.loss), steps.loss, np.nan)
    curve = Curve("loss", say("loss"), steps.step.astype(np.float64), finite)
    seen = limits([curve])
    if seen is None:
        return None
    low, high = seen
    x = step_axis(steps, say)
    texts = (identifier, say("loss_title"), say("loss_caption"))
    if low > 0 and high > 3 * low:
        with np.errstate(invalid="ignore", divide="ignore"):
            curve = Curve("loss", say("loss"), curve.x, np.log10(curve.y))
        y = decade_axis(say("loss"), np.log10(low), np.log10(high))
        return LineChart(*texts, x, y, (drawn(curve, x, y),), "power", marks=marks)
    # A loss that stands still must look so: the axis spans a fifth of its size at least.
    margin = max(0.05 * (high - low), (0.2 * max(abs(low), abs(high)) - (high - low)) / 2)
    y = linear_axis(say("loss"), low - margin, high + margin)
    return LineChart(*texts, x, y, (drawn(curve, x, y),), "number", marks=marks)


def norm_chart(observed: Observed, identifier: str, say: Say, marks: tuple[Mark, ...]) -> LineChart | None:
    """The gradient's norm over steps, before clipping and as the optimizer was given it; None if never sampled."""
    steps = observed.steps
    at = steps.step.astype(np.float64)
    curves = [
        Curve("raw", say("norm_raw"), at, steps.raw_log10),
        Curve("applied", say("norm_applied"), at, steps.applied_log10),
    ]
    seen = limits(curves)
    if seen is None:
        return None
    x, y = step_axis(steps, say), decade_axis(say("norm_title"), *seen)
    lines = tuple(drawn(curve, x, y) for curve in curves if not np.isnan(curve.y).all())
    texts = (identifier, say("norm_title"), say("norm_caption"))
    return LineChart(*texts, x, y, lines, "power", marks=marks)


def step_axis(steps: Steps, say: Say) -> Axis:
    """The axis along all charts over steps."""
    return linear_axis(say("step"), float(steps.step[0]), float(steps.step[-1]), whole=True)


def event_marks(events: Sequence[Event], steps: Steps, say: Say) -> tuple[Mark, ...]:
    """The first events as upright lines, one a step and kind, and the first step that was not finite."""
    if len(steps.step) == 0:
        return ()
    x = step_axis(steps, say)
    unique = dict.fromkeys((event.kind, event.step) for event in events)
    broken = np.flatnonzero(steps.nonfinite & LOSS_OR_GRADIENT)
    if len(broken) and not any(kind == "non-finite" for kind, _ in unique):
        unique["non-finite", int(steps.step[broken[0]])] = None
    return tuple(Mark(round(100 * x.place(step), 2), f"{step:,}", kind) for kind, step in list(unique)[:MOST_MARKS])
