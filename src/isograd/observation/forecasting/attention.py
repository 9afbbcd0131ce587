"""Rules of attention: scores of queries and keys, their softmax, and the values that it mixes.

Legend: T keys, a weights of one query, s = E[sum a^2] (1 / T where they are uniform), v values.
"""

import math
from functools import lru_cache

import numpy as np

from isograd.observation.forecasting.flow import Flow, Pull, Step, by
from isograd.observation.forecasting.layers import Operands
from isograd.observation.forecasting.shapes import reshape
from isograd.observation.forecasting.signal import Signal
from isograd.observation.forecasting.wiring import Wiring

_HOPS = 8
_DRAWS = 240
"""Queries that are simulated; they leave 1 % of chance in s."""


def product(wiring: Wiring, vertex: int, operands: Operands) -> Step:
    """A product of two tensors that both carry data."""
    given = list(operands)
    if len(given) < 2:
        return reshape(wiring, vertex, operands)
    (slot_a, a), (slot_b, b) = given[-2:]
    if a.mixing:
        return _mix(slot_a, a, slot_b, b)
    if b.mixing:
        return _mix(slot_b, b, slot_a, a)
    children = dict(wiring.data(vertex))
    inner = (wiring.shape(children[slot_a]) or (1,))[-1]
    return _scores(slot_a, a, slot_b, b, inner)


def _scores(slot_a: int, a: Signal, slot_b: int, b: Signal, inner: int) -> Step:
    cross = inner * (inner - 1) * (a.mean * b.mean) ** 2
    out = Signal(
        inner * a.square * b.square + cross, inner * a.near * b.near + cross, inner * a.across * b.across + cross,
        inner * a.mean * b.mean, common=inner * a.square * b.near + cross,
    )  # fmt: skip
    # The softmax behind takes away what all keys of a query share, so only the keys' differences count.
    return Step(out, {slot_a: by(inner * max(b.square - b.near, 0.0)), slot_b: by(inner * a.square)})


def softmax(wiring: Wiring, vertex: int, operands: Operands) -> Step:
    """Weights of T keys whose scores are Gaussian; what all keys of a query share has no effect."""
    if not operands:
        return reshape(wiring, vertex, operands)
    slot, signal = operands[0]
    shape, dim = wiring.shape(vertex), getattr(wiring.node(vertex), "_saved_dim", -1)
    keys = max(shape[dim - 2**64 if dim >= 2**63 else dim], 1) if shape else 1
    spread = max(signal.square - signal.common, 0.0)
    share, response = sharing(keys, round(math.sqrt(spread), 3), causal=_masked(wiring, vertex))
    square = share / keys
    out = Signal(square, 1 / keys**2, 1 / keys**2, 1 / keys, mixing=keys)
    return Step(out, {slot: lambda flow: flow.times(response / keys * max(1 - flow.near, 0.0), 0.0)})


@lru_cache(maxsize=512)
def sharing(keys: int, deviation: float, *, causal: bool) -> tuple[float, float]:
    """What a softmax of Gaussian scores makes of its keys, simulated with a generator of its own.

    Args:
        keys: T.
        deviation: standard deviation of the scores over the keys of one query.
        causal: True if a query sees only the keys up to its own place.

    Returns:
        s = E[sum a^2], and E[sum a^2 (1 - 2 a + s)], the squared response to gradients that are independent over keys.

    Example:
        >>> share, response = sharing(10, 0.0, causal=False)
        >>> round(share, 6), round(response, 6)
        (0.1, 0.09)
    """
    rng = np.random.default_rng(keys)
    scores = deviation * rng.standard_normal((_DRAWS, keys))
    if causal:
        seen = np.linspace(0, keys, _DRAWS, endpoint=False).astype(int)
        scores = np.where(np.arange(keys) <= seen[:, None], scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    share = np.sum(weights**2, axis=1)
    response = share - 2 * np.sum(weights**3, axis=1) + share**2
    return float(share.mean()), float(response.mean())


def _masked(wiring: Wiring, vertex: int) -> bool:
    """True if a mask was laid over the scores: filled in, chosen by, or added as a constant."""
    for _ in range(_HOPS):
        name, data = wiring.graph.names[vertex], wiring.data(vertex)
        if name in ("MaskedFill", "Where", "Baddbmm") or (name == "Add" and len(data) == 1):
            return True
        if not data or name == "Bmm":
            return False
        vertex = data[0][1]
    return False


def _mix(slot_a: int, a: Signal, slot_v: int, v: Signal) -> Step:
    keys, share = a.mixing, min(a.mixing * a.square, 1.0)
    own = max(v.square - v.near, 0.0)
    near = v.near + own / keys
    out = Signal(v.near + share * own, min(near, v.near + share * own), v.across, v.mean)
    tied = v.near / v.square if v.square > 0 else 0.0
    return Step(out, {slot_a: _to_weights(keys * v.square, tied), slot_v: _to_values(keys, share)})


def _to_weights(factor: float, tied: float) -> Pull:
    return lambda flow: flow.times(factor, tied)


def _to_values(keys: int, share: float) -> Pull:
    """Every value gathers the gradients of all queries: each alone by the share s, and what they have in common."""

    def pull(flow: Flow) -> Flow:
        common = 1 / keys + (keys - 1) / keys * max(flow.near, 0.0)
        whole = share + (keys - 1) / keys * max(flow.near, 0.0)
        return flow.times(whole, min(common / whole, 1.0))

    return pull
