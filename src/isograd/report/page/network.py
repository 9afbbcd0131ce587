"""One network's part of the page: its map, its charts, its tables."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from isograd.facts import Event, Language, Observed, TimeProfile
from isograd.facts.experiment import KIND
from isograd.report.figures.downsample import groups
from isograd.report.figures.heat_map import HeatMap, heat_map, thinned
from isograd.report.figures.line_chart import LineChart
from isograd.report.figures.map_layers import gradient_ratio, map_quantities
from isograd.report.figures.network_charts import (
    LEDGER,
    depth_chart,
    event_marks,
    lag_chart,
    ledger_chart,
    loss_chart,
    norm_chart,
    part_name,
)
from isograd.report.figures.stacked_bars import StackedBars
from isograd.report.numbers import count, plain
from isograd.report.page.summary import signed
from isograd.report.page.words import Say

MOST_TABLE_ROWS, MOST_TABLE_COLUMNS = 60, 8
"""Size of the tables that stand beside the drawings."""
MOST_EVENTS = 12
"""Events listed; the rest is counted."""


@dataclass(frozen=True)
class Table:
    """A table of words."""

    title: str
    """Where several stand together, what this one holds; else empty."""
    caption: str
    """The same in full."""
    head: tuple[str, ...]
    """Names of the columns."""
    rows: tuple[tuple[str, ...], ...]
    """Cells; the first of each row names it."""


@dataclass(frozen=True)
class NetworkView:
    """One network."""

    anchor: str
    """Its place on the page."""
    name: str
    """Its name."""
    described: str
    """What it is, in one line."""
    unreached: tuple[str, ...]
    """Parameters that no gradient has reached."""
    heat: HeatMap | None
    """The map; None if nothing was read."""
    heat_table: Table | None
    """The map as a table."""
    depth: LineChart | None
    """By depth."""
    ledger: StackedBars | None
    """What each layer does."""
    lag_charts: tuple[LineChart, ...]
    """By lag, one a recurrent site."""
    layers_table: Table | None
    """The latest reading, layer by layer."""
    step_charts: tuple[LineChart, ...]
    """Loss and gradient over steps."""
    steps_table: Table | None
    """The same as a table."""
    events: tuple[tuple[str, str], ...]
    """When and what happened."""
    events_more: str
    """How many more, or empty."""


def network_view(observed: Observed, anchor: str, language: Language, say: Say, most_columns: int) -> NetworkView:
    """Everything the page shows of one network.

    Args:
        observed: What was seen of it.
        anchor: Its place on the page.
        language: Of the numbers.
        say: The page's words.
        most_columns: Columns its map may have.
    """
    network = observed.network
    quantities = map_quantities(observed, say) if observed.readings.values.size else []
    has_readings = bool(quantities)
    sites = tuple(site.name for site in network.sites)
    events = _events(happenings(observed), say)
    return NetworkView(
        anchor=anchor,
        name=network.name,
        described=say(
            "what_it_is",
            type=network.type,
            parameters=network.num_parameters,
            sites=len(sites),
            optimizer=network.optimizer,
        ),
        unreached=network.unreached,
        heat=heat_map(sites, observed.readings.step, quantities, most_columns) if quantities else None,
        heat_table=_heat_table(observed, sites, say) if quantities else None,
        depth=depth_chart(observed, f"{anchor}-depth", say) if has_readings else None,
        ledger=ledger_chart(observed, f"{anchor}-ledger", say) if has_readings else None,
        lag_charts=_lag_charts(observed, anchor, say),
        layers_table=_layers_table(observed, say) if has_readings else None,
        step_charts=_step_charts(observed, anchor, say),
        steps_table=_steps_table(observed, say),
        events=events[:MOST_EVENTS],
        events_more=say("events_more", count=len(events) - MOST_EVENTS) if len(events) > MOST_EVENTS else "",
    )


def _lag_charts(observed: Observed, anchor: str, say: Say) -> tuple[LineChart, ...]:
    by_state: dict[tuple[str, str], list[TimeProfile]] = defaultdict(list)
    for profile in observed.times:
        by_state[profile.site, profile.quantity].append(profile)
    drawn = [lag_chart(found, f"{anchor}-lag-{at}", say) for at, found in enumerate(by_state.values(), start=1)]
    return tuple(chart for chart in drawn if chart)


def happenings(observed: Observed) -> tuple[Event, ...]:
    """What happened in the run itself; experiments were made after it."""
    return tuple(event for event in observed.events if event.kind != KIND)


def _step_charts(observed: Observed, anchor: str, say: Say) -> tuple[LineChart, ...]:
    marks = event_marks(happenings(observed), observed.steps, say)
    drawn = (
        loss_chart(observed, f"{anchor}-loss", say, marks),
        norm_chart(observed, f"{anchor}-norm", say, marks),
    )
    return tuple(chart for chart in drawn if chart)


def _heat_table(observed: Observed, sites: tuple[str, ...], say: Say) -> Table:
    values, rows, columns = thinned(gradient_ratio(observed), MOST_TABLE_ROWS, MOST_TABLE_COLUMNS)
    head = (say("site"), *(count(int(observed.readings.step[column])) for column in columns))
    body = tuple((sites[row], *(cell(float(v), say) for v in line)) for row, line in zip(rows, values, strict=True))
    return Table("", say("heat_table"), head, body)


def _layers_table(observed: Observed, say: Say) -> Table:
    readings, sites = observed.readings, observed.network.sites
    ratio = gradient_ratio(observed)
    seen = np.flatnonzero(~np.isnan(ratio).all(axis=1))
    latest = int(seen[-1]) if len(seen) else -1
    columns = [ratio[latest], *(readings.column(name)[latest] for name in ("rho", *LEDGER))]
    rows = groups(len(sites), MOST_TABLE_ROWS)
    head = (say("site"), say("gradient"), say("rho"), *(say(part_name(part, observed)) for part in LEDGER))
    body = tuple((sites[row].name, *(cell(float(column[row]), say, 2) for column in columns)) for row in rows)
    return Table(say("depth_title"), say("layers_table"), head, body)


def _steps_table(observed: Observed, say: Say) -> Table | None:
    steps = observed.steps
    if len(steps.step) == 0:
        return None
    with np.errstate(over="ignore"):
        raw, applied = 10**steps.raw_log10, 10**steps.applied_log10
    rows = groups(len(steps.step), 20)
    body = tuple(
        (count(int(steps.step[row])), *(_number(float(column[row]), say) for column in (steps.loss, raw, applied)))
        for row in rows
    )
    return Table(
        say("loss_and_norm"), say("steps_table"), (say("step"), say("loss"), say("norm_raw"), say("norm_applied")), body
    )


def cell(value: float, say: Say, places: int = 1) -> str:
    """A number of decades in a table."""
    if np.isnan(value):
        return ""
    if np.isinf(value):
        return say("exact_zero") if value < 0 else say("non_finite")
    return signed(value, places)


def _number(value: float, say: Say) -> str:
    return say("not_seen") if np.isnan(value) else plain(value)


def _events(events: Sequence[Event], say: Say) -> tuple[tuple[str, str], ...]:
    """When and what; the same thing many times in a row takes one line."""
    lines = []
    for _, same in groupby(events, key=lambda event: (event.kind, event.site, event.operation, event.direction)):
        run = list(same)
        first, last = count(run[0].step), count(run[-1].step)
        when = say("step_one", first=first) if first == last else say("step_range", first=first, last=last)
        lines.append((when, _event(run[0], say)))
    return tuple(lines)


def _event(event: Event, say: Say) -> str:
    known = (event.site, event.operation, say(f"direction_{event.direction}") if event.direction else "")
    detail = ", ".join(word for word in known if word)
    what = say(f"mark_{event.kind}")
    return f"{what}: {detail}" if detail else what
