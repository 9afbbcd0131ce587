"""How sure the forecast is: the error bar of theory, and what its approximations add.

Legend: beta variance of ln of the squared gain (Hanin and Nica 2020); a bar is two standard deviations, inflated.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from isograd.observation.forecasting.flow import Step
from isograd.observation.forecasting.propagation import Propagated, importance
from isograd.observation.forecasting.wiring import Wiring
from isograd.observation.ledger import Row
from isograd.theory.finite_width import INFLATION, gain_spread
from isograd.theory.length_noise import STILL, LengthResponse, length_response
from isograd.theory.maps import Ensemble

SYSTEMATIC: Mapping[str, float] = {
    "plain": 0.0, "convolution": 0.09, "residual": 0.0, "attention": 0.0, "recurrence": 0.12,
}  # fmt: skip
"""By architecture, a systematic error of G in decades beside what width makes of it: the smallest with which the bars
cover 98 % of the training configurations of `bench/forecast.py --fit`, at random widths and at `--width 128`. No
reported figure uses those. Padding makes a fixed pattern along the border that the theory does not know; plain,
residual and attention bars cover without more."""


SHARED_WEIGHTS = 0.125
"""Share of the decades of a recurrence by which G may be off besides, as a standard deviation. Weights that are the
same at every time step add up through a leak (a forget gate, an update gate) where weights drawn anew would add as
squares. Over 36 loops of RNN, GRU and LSTM cells of 8 to 60 steps the errors reached 30 % of the forecast decades,
nearly all of them towards a gradient that shrinks less."""
NOTICEABLE = 0.01
"""An operation through which less of the squared gradient passes does not decide what the gain is."""


@dataclass(frozen=True)
class Bar:
    """Spread of the gain."""

    sd: float
    """Standard deviation, decades."""
    shift: float
    """How far a single gradient lies below the mean, decades (not positive)."""

    def around(self, gain: float) -> tuple[float, float]:
        """Low and high end of the error bar around a gain."""
        return gain - 2 * INFLATION * self.sd + self.shift, gain + 2 * INFLATION * self.sd


def row_betas(wiring: Wiring, done: Propagated, ledger: Sequence[Row]) -> list[float]:
    """beta of each row of the ledger: what its operations add, by the share of the gradient that they carry.

    Infinite where an operation without a rule carries part of it: nothing is known of how far that may be off.
    """
    if not ledger:
        return []
    shares = importance(wiring, done, ledger[-1].towards)
    return [
        sum(
            _beta(done.steps[vertex], min(shares.get(vertex, 0.0), 1.0))
            for vertex in range(row.vertex, row.towards)
            if vertex in done.steps
        )
        for row in ledger
    ]


def _beta(step: Step, share: float) -> float:
    if not step.known:
        return math.inf if share > NOTICEABLE else 0.0
    return step.beta * share**2


def row_responses(wiring: Wiring, done: Propagated, ledger: Sequence[Row]) -> list[LengthResponse]:
    """How each row's gain answers to a deviation of length; `STILL` but for a plain layer behind an activation."""
    return [_response(wiring, done, row) for row in ledger]


def _response(wiring: Wiring, done: Propagated, row: Row) -> LengthResponse:
    data = wiring.data(row.vertex)
    if wiring.layout.places.get(row.vertex) is None or not data:
        return STILL
    signal = done.steps[data[0][1]].signal
    site = wiring.by_vertex.get(row.towards)
    if signal.origin is None or site is None or site.kind != "weight" or _normalised(wiring, row):
        return STILL
    activation, variance, mean = signal.origin
    length = done.steps[row.vertex].signal.square
    gain = 10 ** (done.parts[data[0][1]][row.vertex, data[0][0]].log10 - done.flows[row.vertex].log10)
    bias = max(length - gain * signal.square, 0.0)
    if mean != 0.0 or not math.isfinite(gain):
        return STILL
    return length_response(Ensemble(activation, gain, bias), variance, max(site.units, 1))


def _normalised(wiring: Wiring, row: Row) -> bool:
    return any(
        place.kind == "norm" for vertex in range(row.vertex, row.towards) if (place := wiring.layout.places.get(vertex))
    )


def bar_of(
    betas: Sequence[float], responses: Sequence[LengthResponse], start: int, stop: int, kind: str, gain: float
) -> Bar:
    """The bar of the gain over the rows `start` to `stop` of the ledger, the last layer first; `gain` in decades.

    Noise of length that arises nearer the input than these rows reaches them all the same.
    """
    beta, effect = sum(betas[start:stop]), 0.0
    for index in range(start, len(responses)):
        response = responses[index]
        beta += response.noise * effect**2
        effect = (response.slope if index < stop else 0.0) + response.carry * effect
    shift, sd = gain_spread([beta])
    shared = SHARED_WEIGHTS * abs(gain) if kind == "recurrence" and math.isfinite(gain) else 0.0
    return Bar(math.hypot(sd, SYSTEMATIC[kind], shared), shift)
