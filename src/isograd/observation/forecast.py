"""The forecast: what gain a network is born with, from its graph and its parameters' statistics, without any data.

Mean-field theory gives every operation of the graph a rule for the size of what flows forward and back. The expected
gradients then take the place of measured ones in the same ledger that observation keeps, so both have the same sites,
the same columns and the same G.
"""

import math
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from statistics import median
from typing import Any

from torch import nn

from isograd.errors import UsageError
from isograd.facts import Text
from isograd.facts.forecast import CriticalInitialisation, Forecast, SiteForecast
from isograd.observation.forecasting import notes
from isograd.observation.forecasting.bars import Bar, bar_of, row_betas, row_responses
from isograd.observation.forecasting.parameters import Entries, parameter_entries
from isograd.observation.forecasting.propagation import Propagated, propagate
from isograd.observation.forecasting.tracing import trace_model
from isograd.observation.forecasting.wiring import Wiring, wire
from isograd.observation.gradients import Gradients
from isograd.observation.ledger import Row, keep_ledger
from isograd.observation.statistics import GradientStatistics
from isograd.theory import critical_initialisation

PLAIN_LIMIT = 2.0
"""Decades of |G| beyond which plain networks did not train (best cut over 96 networks: 1.85 for SGD, 2.0 for Adam)."""
FOREVER = 10_000
"""Layers beyond which nobody asks when a gain will fail."""
TOLERANT_LIMIT = 3.5
"""The same for normalised and residual networks; 3.47 is Yang's depth line 16 xi for batch normalisation."""


def forecast(model: nn.Module, input_rms: float = 1.0, example: Any = None, input_correlation: float = 0.0) -> Forecast:
    """Forecasts G by site, its error bar, the depth at which it will fail and the initialisation that would hold it.

    Args:
        model: any module, also on the meta device; random state, buffers, gradients and mode stay as they are.
        input_rms: root mean square of the input's entries.
        example: a batch as the model takes it (tensor, or tuple or dictionary of arguments); only its shapes are
            used, the size of the batch for batch normalisation. Guessed from the first layer where it is None.
        input_correlation: correlation of two inputs (the share of the input's energy that is the same for all).

    Returns:
        The forecast; G is nan where fewer than two layers lie on the chain.

    Raises:
        UsageError: if the model is no module, or an input statistic makes no sense.
        ObservationError: if the model cannot be run without data and no example was given.

    Example:
        >>> from torch import nn
        >>> layers = [m for _ in range(20) for m in (nn.Linear(256, 256), nn.Sigmoid())][:-1]
        >>> expected = forecast(nn.Sequential(*layers))
        >>> round(expected.gain), expected.sites[5].site.name, expected.failing_depth
        (-16, '10', 4.0)

    Source: Schoenholz et al. 2017; Yang et al. 2019; Hanin and Nica 2020.
    """
    if not isinstance(model, nn.Module):
        raise UsageError(f"forecast takes a torch.nn.Module; got {type(model).__name__}")
    if not 0 < input_rms < math.inf or not -1 <= input_correlation <= 1:
        raise UsageError(
            "forecast wants input_rms above 0 and input_correlation in -1..1;"
            f" got input_rms={input_rms} and input_correlation={input_correlation}"
        )
    traced = trace_model(model, example)
    entries = parameter_entries(model)
    wiring = wire(model, traced, entries)
    done = propagate(wiring, input_rms, input_correlation)
    return _conclude(wiring, done, (*traced.notes, *_remarks(wiring, done, entries)))


def _conclude(wiring: Wiring, done: Propagated, remarks: tuple[Text, ...]) -> Forecast:
    ledger = [row for row in _ledger(wiring, done) if _named(wiring, row.vertex) and _named(wiring, row.towards)]
    kind = architecture(wiring)
    betas, responses = row_betas(wiring, done, ledger), row_responses(wiring, done, ledger)
    reached = list(accumulate(row.rho for row in ledger))
    bars = [
        (bar_of(betas, responses, i, i + 1, kind, row.rho), bar_of(betas, responses, 0, i + 1, kind, reached[i]))
        for i, row in enumerate(ledger)
    ]
    gain = reached[-1] if reached else math.nan
    low, high = bars[-1][1].around(gain) if bars else (math.nan, math.nan)
    bounded = math.isfinite(high - low) or not math.isfinite(gain)  # else nothing rests on the gain as it stands
    depth = len(ledger) + 1 if ledger else len(wiring.seen[:1])
    rate = median(row.rho for row in ledger) if ledger else math.nan
    limit = TOLERANT_LIMIT if _tolerant(wiring) else PLAIN_LIMIT
    return Forecast(
        _sites(wiring, done, ledger, bars), gain, low, high, depth, rate, limit,
        _failing(ledger, rate, limit) if bounded else math.nan, _critical(wiring, done) if bounded else None, remarks,
    )  # fmt: skip


def _ledger(wiring: Wiring, done: Propagated) -> list[Row]:
    """The ledger of observation, kept of expected gradients."""
    nothing = math.nan
    expected = Gradients()
    for vertex, flow in done.flows.items():
        expected.outputs[vertex] = GradientStatistics(flow.log10 / 2, nothing, nothing, nothing)
    for vertex, place in wiring.layout.places.items():
        child = next((c for slot, c in wiring.graph.edges[vertex] if slot == place.data_slot), None)
        part = done.parts.get(child, {}).get((vertex, place.data_slot)) if child is not None else None
        if part is not None:
            expected.inputs_log10[vertex] = part.log10 / 2
    chain = wiring.traced.chain
    return keep_ledger(wiring.graph, wiring.layout, chain, expected) if chain else []


def _named(wiring: Wiring, vertex: int) -> bool:
    return vertex in wiring.by_vertex


def _sites(
    wiring: Wiring, done: Propagated, ledger: Sequence[Row], bars: Sequence[tuple[Bar, Bar]]
) -> tuple[SiteForecast, ...]:
    """One a site; gains of repeated calls of a layer are summed, as observation does."""
    total, reached = 0.0, {}
    if ledger:
        reached[wiring.by_vertex[ledger[0].vertex].name] = (0.0, 0.0, 0.0)
    across: dict[str, list[int]] = {}
    for index, row in enumerate(ledger):
        total += row.rho
        across.setdefault(wiring.by_vertex[row.vertex].name, []).append(index)
        reached[wiring.by_vertex[row.towards].name] = (total, *bars[index][1].around(total))
    found = []
    for entry in wiring.seen:
        rows = across.get(entry.site.name, [])
        columns = {key: sum(ledger[i].columns[key] for i in rows) for key in (ledger[rows[0]].columns if rows else ())}
        signal = done.steps[entry.vertices[0]].signal
        found.append(SiteForecast(
            entry.site,
            sum(ledger[i].rho for i in rows) if rows else math.nan,
            math.hypot(*(bars[i][0].sd for i in rows)) if rows else math.nan,
            *reached.get(entry.site.name, (math.nan, math.nan, math.nan)),
            signal.square,
            signal.across / signal.square if signal.square > 0 else 1.0,
            columns,
        ))  # fmt: skip
    return tuple(found)


def _failing(ledger: Sequence[Row], rate: float, limit: float) -> float:
    """Layers, from the last one on, with which |G| first passes the limit; beyond the network at its typical rate."""
    total = 0.0
    for passed, row in enumerate(ledger, start=1):
        total += row.rho
        if abs(total) > limit:
            return float(passed + 1)
    if math.isnan(rate) or abs(rate) * FOREVER < limit:
        return math.inf
    return float(len(ledger) + 1 + math.floor((math.copysign(limit, rate) - total) / rate) + 1)


def architecture(wiring: Wiring) -> str:
    """The hardest kind of operation in it, by which the error bar is widened."""
    kinds = {entry.site.kind for entry in wiring.seen}
    names = set(wiring.graph.names)
    if "recurrent" in kinds:
        return "recurrence"
    if names & {"Softmax", "SafeSoftmax"} and "Bmm" in names:
        return "attention"
    if wiring.traced.chain is not None and wiring.traced.chain.shortcuts:
        return "residual"
    return "convolution" if any("Convolution" in name for name in names) else "plain"


def _tolerant(wiring: Wiring) -> bool:
    chain = wiring.traced.chain
    norms = any(place.kind == "norm" for place in wiring.layout.places.values())
    return norms or "Rsqrt" in wiring.graph.names or bool(chain and chain.shortcuts)


def _critical(wiring: Wiring, done: Propagated) -> CriticalInitialisation | None:
    """Of the commonest activation; none for normalised, residual or recurrent networks: their weights' scale is not
    what sets the gain, or not in this way."""
    if _tolerant(wiring) or any(entry.site.kind == "recurrent" for entry in wiring.seen):
        return None
    met = Counter(step.signal.origin[0] for step in done.steps.values() if step.signal.origin is not None)
    if not met:
        return CriticalInitialisation("linear", 1.0, 0.0)
    activation = met.most_common(1)[0][0]
    point = critical_initialisation(activation)
    return None if point is None else CriticalInitialisation(activation.name, point.sigma_w, point.sigma_b)


def _remarks(wiring: Wiring, done: Propagated, entries: dict[str, Entries]) -> tuple[Text, ...]:
    names, chain = set(wiring.graph.names), wiring.traced.chain
    kinds = {entry.site.kind for entry in wiring.seen}
    computed = tuple(name for name in entries if ".parametrizations." in f".{name}")
    remarks = [
        (any("Convolution" in name for name in names), notes.EDGES),
        (bool(chain and chain.sums), notes.RESIDUAL),
        (bool(names & {"Softmax", "SafeSoftmax"}) and "Bmm" in names, notes.ATTENTION),
        ("recurrent" in kinds, notes.RECURRENT),
        (any(name.startswith("MaxPool") for name in names), notes.LARGEST),
        (any(not entry.known for entry in entries.values()), notes.META),
        (bool(done.unknown), notes.unknown(done.unknown)),
        (bool(computed), notes.parametrised(computed)),
    ]
    return tuple(note for applies, note in remarks if applies)
