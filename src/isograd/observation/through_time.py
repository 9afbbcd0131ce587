"""Gradient through time: dL/dh_t, and dL/dc_t where a cell carries it, of every step of a recurrence.

Where the recurrence is a loop (a cell called in Python, a hand-written recurrence, and on the CPU `nn.RNN`, `nn.GRU`
and every `nn.LSTM` that oneDNN does not take: packed, projected, in float64), the graph holds every state and the
hooks have measured each. A fused layer is one operation: there the layer is worked through once more by hand.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Literal

import numpy as np

from isograd.facts import TimeProfile
from isograd.model.recurrence import Recurrence, past_shapes
from isograd.observation.fused_lstm import StateSizes
from isograd.observation.networks import Owner
from isograd.observation.passes import Pass
from isograd.observation.sites import Seen
from isograd.observation.states import by_lag
from isograd.observation.statistics import sum_log10

MAX_LAGS = 128
"""Time steps kept of one profile; longer sequences are thinned evenly."""
_GATES = ("Sigmoid", "Hardsigmoid")
_GATED_MODULES = frozenset({"LSTM", "GRU", "LSTMCell", "GRUCell"})

Quantity = Literal["hidden", "cell", "pre-activation"]
Sizes = dict[Quantity, list[float]]


def thin(sizes: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """At most `MAX_LAGS` of the sizes by lag, both ends kept: (lags, sizes)."""
    lags = np.arange(len(sizes))
    if len(sizes) > MAX_LAGS:
        lags = np.unique(np.round(np.linspace(0, len(sizes) - 1, MAX_LAGS)).astype(np.int64))
    return lags.astype(np.int64), np.asarray(sizes, dtype=np.float64)[lags]


def profiles_of(
    read: Pass, seen: Sequence[Seen], owners: Mapping[int, Owner], step: int, lstm_log10: Mapping[int, StateSizes]
) -> tuple[TimeProfile, ...]:
    """The profiles of all recurrent sites of a pass; of a cell with two states, that of the cell state comes first.

    Args:
        read: the pass, after it ran backward.
        seen: its sites.
        owners: names of the parameters by identity.
        step: the optimizer step that it belongs to.
        lstm_log10: by vertex of a fused LSTM, the gradients of its states.
    """
    profiles = []
    known = _Known()
    for entry in seen:
        if entry.site.kind != "recurrent":
            continue
        calls = set(entry.vertices)
        recurrences = [one for one in read.recurrences if calls.issuperset(one.calls)]
        fused = read.layout.places[entry.vertices[0]].kind == "fused"
        if not fused and not known.is_new(read, recurrences):
            continue
        sizes = _of_fused(recurrences, lstm_log10) if fused else _of_loop(read, entry, recurrences)
        owner = owners.get(id(entry.weight))
        cell, gated = _cell(read, entry, owner.module if owner else "", fused)
        for quantity, values in sizes.items():
            lags, thinned = thin(values)
            profiles.append(TimeProfile(entry.site.name, step, len(values), lags, thinned, cell, gated, quantity))
    return tuple(profiles)


class _Known:
    """States that have a profile: the four matrices of a hand-written cell share one, a projection has none of its own.

    Several layers may be fed the same state (the gates of a cell), a gated copy of it (r * h in a GRU), or give it (the
    projection of an LSTM): one profile says it all.
    """

    def __init__(self) -> None:
        self._states: set[int] = set()

    def is_new(self, read: Pass, recurrences: Iterable[Recurrence]) -> bool:
        """True if none of these states is known; then they are."""
        states = {vertex for one in recurrences for vertex in (*one.fed, *one.hidden, *one.cell)}
        calls = {vertex for one in recurrences for vertex in one.calls}
        if states & self._states or calls & self._states or self._gates(read, states):
            return False
        self._states |= states
        return True

    def _gates(self, read: Pass, states: Iterable[int]) -> bool:
        """True if these states are known ones, each multiplied with something."""
        names, edges = read.graph.names, read.graph.edges
        products = [names[v] == "Mul" and any(c in self._states for _, c in edges[v]) for v in states]
        return any(products) and sum(products) >= len(products) - 1


def _of_loop(read: Pass, entry: Seen, recurrences: Sequence[Recurrence]) -> Sizes:
    """Sizes by lag of a layer that is called once a time step; several sequences are taken together."""
    sizes: Sizes = {}
    quantities: tuple[Quantity, ...] = ("cell", "hidden")
    for quantity in quantities:
        states = [one.cell if quantity == "cell" else one.hidden for one in recurrences]
        if states and all(states):
            sizes[quantity] = _together([by_lag(read.graph, read.states, found) for found in states])
    # Where no state could be told, what the layer gave at each time step stands for it.
    return sizes or {"pre-activation": [read.gradients.output_log10(vertex) for vertex in entry.vertices]}


def _of_fused(recurrences: Sequence[Recurrence], lstm_log10: Mapping[int, StateSizes]) -> Sizes:
    """Sizes by lag of a fused LSTM, which may be called on piece after piece of a sequence."""
    known = [[lstm_log10[call] for call in one.calls if call in lstm_log10] for one in recurrences]
    if not any(known):
        return {}
    cells = _together([[size for piece in one for size in piece.cell] for one in known])
    hidden = _together([[size for piece in one for size in piece.hidden] for one in known])
    return {"cell": cells, "hidden": hidden}


def _together(sequences: Sequence[Sequence[float]]) -> list[float]:
    """Sizes by lag of several sequences as one."""
    if len(sequences) == 1:
        return list(sequences[0])
    return [sum_log10(*sizes) for sizes in zip_longest(*sequences, fillvalue=-math.inf)]


def _cell(read: Pass, entry: Seen, module: str, fused: bool) -> tuple[str, bool]:
    """What kind of cell it is, and whether it has gates; `module` is the class that owns its weight."""
    if fused:
        return "LSTM", True
    name = module.removesuffix("Cell")
    return name if name in ("RNN", "LSTM", "GRU") else "loop", module in _GATED_MODULES or _has_gates(read, entry)


def _has_gates(read: Pass, seen: Seen) -> bool:
    """True if a sigmoid a step, or a piece of one, is multiplied with something: a gate, whatever the module's name."""
    names, edges = read.graph.names, read.graph.edges
    start, end = seen.vertices[0], seen.vertices[-1]

    def gates(vertex: int) -> bool:
        return any(names[past_shapes(read.graph, child)] in _GATES for _, child in edges[vertex])

    return sum(names[v] == "Mul" and gates(v) for v in range(start, end)) >= len(seen.vertices) - 1
