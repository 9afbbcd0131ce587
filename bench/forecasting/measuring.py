"""The gain of a network on one batch, measured by observation's own pass, beside what was forecast."""

import math
import time
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from forecasting.configurations import Configuration, build
from isograd.facts.forecast import Forecast
from isograd.observation.forecast import forecast
from isograd.observation.gradients import Gradients
from isograd.observation.ledger import Row, keep_ledger
from isograd.observation.naming import Found
from isograd.observation.networks import name_network
from isograd.observation.passes import begin_pass
from isograd.observation.reading import chain_gain
from isograd.observation.sites import find_sites


@dataclass(frozen=True)
class Compared:
    """One configuration, forecast and measured."""

    configuration: Configuration
    forecast: Forecast
    measured: float
    """G in decades, float64."""
    seconds: float
    """What the forecast took."""

    @property
    def error(self) -> float:
        """Measured less forecast, decades."""
        return self.measured - self.forecast.gain

    @property
    def covered(self) -> bool:
        """True if the measured G lies within the error bar."""
        return self.forecast.low <= self.measured <= self.forecast.high


def measure(model: nn.Module, batch: Tensor, seed: int = 0) -> float:
    """G for a loss that is a random projection of the output, so that its gradient points every way alike."""
    ledger, names, gradients = _observe(model, batch, seed)
    return chain_gain(ledger, names, gradients)


def measure_sites(model: nn.Module, batch: Tensor, seed: int = 0) -> dict[str, float]:
    """rho by the name of the site."""
    ledger, names, _ = _observe(model, batch, seed)
    return {names[row.vertex]: row.rho for row in ledger}


def _observe(model: nn.Module, batch: Tensor, seed: int) -> tuple[list[Row], dict[int, str], Gradients]:
    naming = name_network(list(model.parameters()), Found({"model": model}, {}, {}))
    output = model(batch)
    direction = torch.randn(output.shape, dtype=output.dtype, generator=torch.Generator().manual_seed(seed))
    loss = (output * direction).sum()
    read = begin_pass([loss], lambda tensor: id(tensor) in naming.owners, (), lambda f, *rest: f(*rest))
    assert read is not None
    assert read.chain is not None
    loss.backward()
    seen = find_sites(read, naming.owners, set(naming.owners))
    names = {vertex: entry.site.name for entry in seen for vertex in entry.vertices}
    return keep_ledger(read.graph, read.layout, read.chain, read.gradients), names, read.gradients


def compare(configuration: Configuration) -> Compared:
    """Forecasts from the initial parameters and the batch's shape alone, then measures."""
    model, batch = build(configuration)
    began = time.perf_counter()
    expected = forecast(model, example=batch)
    seconds = time.perf_counter() - began
    return Compared(configuration, expected, measure(model, batch, configuration.seed), seconds)


def root_mean_square(values: list[float]) -> float:
    """Root of the mean square."""
    return math.sqrt(sum(value * value for value in values) / max(len(values), 1))
