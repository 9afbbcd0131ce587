"""One batch, one forward and one backward pass: the measured gain, site by site, before any training.

The measurement is that of a watched step without the step: the same graph, hooks, ledger and rows. Gradients are asked
for with `torch.autograd.grad`, so that no `.grad` is written.
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from isograd.errors import ObservationError
from isograd.facts import Event, Network, Observed, Readings, Record, Run, Site, Steps, TimeProfile
from isograd.observation.backward import Backward
from isograd.observation.fused_lstm import keep_fused, unroll_lstm
from isograd.observation.ledger import keep_ledger
from isograd.observation.naming import Found
from isograd.observation.networks import Naming, name_network
from isograd.observation.nonfinite import Origin, leaves_domain, locate_backward, locate_forward
from isograd.observation.passes import Pass, begin_pass, risky_operations
from isograd.observation.reading import (
    INDEX,
    SilentUnits,
    chain_gain,
    empty_reading,
    fill_activations,
    fill_gradients,
    fill_ledger,
    fill_weight,
)
from isograd.observation.sentinel import LOSS_BAD, RAW_BAD
from isograd.observation.sites import Seen, find_sites
from isograd.observation.statistics import log10_norm, sum_log10
from isograd.observation.stored import activations_stored
from isograd.observation.through_time import profiles_of
from isograd.observation.undisturbed import undisturbed
from isograd.observation.updates import WeightStatistics


@dataclass(frozen=True)
class Measurement:
    """What one forward and backward pass shows; S sites in execution order."""

    naming: Naming
    """Names of the model and of its parameters."""
    sites: tuple[Site, ...]
    """The sites."""
    values: NDArray[np.float32]
    """Shape (S, Q), columns as in `facts.QUANTITIES`; what needs an optimizer is nan."""
    gain: float
    """G in decades; -inf if nothing arrives at the first layer, nan if there are not two layers."""
    loss: float
    """The loss."""
    profiles: tuple[TimeProfile, ...]
    """Gradient through time of recurrent sites."""
    read: Pass
    """The pass itself."""
    seen: tuple[Seen, ...]
    """The sites with their places in the graph and their weights."""
    unreached: tuple[str, ...]
    """Parameters that no gradient reaches."""
    origin: Origin | None = None
    """Where a value that is no finite number came from; None if there was none."""
    origin_site: str = ""
    """The site there; empty if it could not be told."""


def measure(modules: Mapping[str, nn.Module], loss: Callable[[], torch.Tensor]) -> Measurement:
    """Runs `loss()` and its backward pass once and measures; everything but the parameters' own values is put back.

    Args:
        modules: the models, by the names they go by; usually one.
        loss: computes a scalar loss with them.

    Raises:
        ObservationError: if the loss is no scalar, or does not depend on any parameter.
    """
    parts = tuple(modules.values())
    try:
        with undisturbed(parts), torch.enable_grad(), activations_stored():
            return _measure(modules, loss(), stored=True)
    except torch.OutOfMemoryError:  # checkpointing was there for a reason
        with undisturbed(parts), torch.enable_grad():
            return _measure(modules, loss(), stored=False)


def _measure(modules: Mapping[str, nn.Module], loss: torch.Tensor, stored: bool) -> Measurement:
    parameters = [p for module in modules.values() for p in module.parameters() if p.requires_grad]
    _check(loss, parameters)
    naming = name_network(parameters, Found(dict(modules), {}, {}))
    members = {id(p) for p in parameters}
    read = begin_pass((loss,), lambda tensor: id(tensor) in members, (), _call)
    if read is None:
        raise ObservationError("the loss has no graph that could be read; is it made of more than 200,000 operations?")
    fused = keep_fused(read)
    # What was saved is gone after the backward pass; what would be computed again is not looked at twice.
    critical = [v for v in read.open_vertices(()) if leaves_domain(read.graph, v)] if stored else []
    origin = None
    if stored and not bool(loss.detach().isfinite()):
        origin = locate_forward(read.graph, read.layout)
    gradients = _backward(loss, parameters)
    if all(gradient is None for gradient in gradients):
        raise ObservationError("the loss does not depend on any parameter of the model; is it detached on the way?")
    backward = Backward(float(loss.detach()), read)
    backward.raw_log10 = {
        id(p): log10_norm(grad) for p, grad in zip(parameters, gradients, strict=True) if grad is not None
    }
    kept = read.gradients.kept
    backward.lstm_log10 = {v: unroll_lstm(layer, kept[v]) for v, layer in fused.items() if v in kept}
    if origin is None:
        origin = locate_backward(read.graph, read.layout, read.gradients, critical)
    unreached = [naming.owners[id(p)].name for p, g in zip(parameters, gradients, strict=True) if g is None]
    return _assemble(naming, backward, read, members, tuple(unreached), origin)


def _backward(loss: torch.Tensor, parameters: Sequence[torch.Tensor]) -> tuple[torch.Tensor | None, ...]:
    try:
        return torch.autograd.grad(loss, parameters, allow_unused=True)
    except RuntimeError as error:
        said = str(error).split("\n")[0].split(". ")[0].rstrip(".")
        written = "inplace operation" in str(error)
        hint = (
            "write that operation out of place, e.g. x = x + y for x += y"
            if written
            else "return a fresh one each time"
        )
        raise ObservationError(f"the loss has no backward pass: {said}; {hint}") from error


def _call(function: Callable[..., None], *args: object) -> None:
    function(*args)


def _check(loss: object, parameters: Sequence[torch.Tensor]) -> None:
    if not isinstance(loss, torch.Tensor):
        raise ObservationError(f"the loss must be a scalar tensor; got {type(loss).__name__}")
    if loss.numel() != 1:
        raise ObservationError(f"the loss must be a scalar tensor; got one of shape {tuple(loss.shape)}: reduce it")
    if loss.is_complex():
        raise ObservationError(f"the loss must be a real number; got {loss.dtype}: take its absolute value")
    if not parameters:
        raise ObservationError("the model has no parameter that requires a gradient: there is nothing to measure")
    if loss.grad_fn is None:
        raise ObservationError("the loss does not depend on any parameter of the model; is it detached on the way?")


def _assemble(
    naming: Naming,
    backward: Backward,
    read: Pass,
    members: set[int],
    unreached: tuple[str, ...],
    origin: Origin | None,
) -> Measurement:
    seen = find_sites(read, naming.owners, members)
    rows = {entry.site.name: index for index, entry in enumerate(seen)}
    by_vertex = {vertex: entry.site.name for entry in seen for vertex in entry.vertices}
    values = empty_reading(len(rows))
    fill_gradients(values, read, seen, rows)
    fill_activations(values, read, seen, rows, SilentUnits())
    ledger = keep_ledger(read.graph, read.layout, read.chain, read.gradients) if read.chain else []
    fill_ledger(values, ledger, by_vertex, rows)
    for entry in seen:
        if entry.weight is not None:
            sizes = [backward.raw_log10[id(p)] for p in entry.parameters if id(p) in backward.raw_log10]
            statistics = WeightStatistics.of(entry.weight, entry.site.fan_in)
            fill_weight(values[rows[entry.site.name]], statistics, sum_log10(*sizes) if sizes else math.nan)
    return Measurement(
        naming=naming,
        sites=tuple(entry.site for entry in seen),
        values=values,
        gain=chain_gain(ledger, by_vertex, read.gradients),
        loss=math.nan if backward.loss is None else backward.loss,
        profiles=profiles_of(read, seen, naming.owners, 0, backward.lstm_log10),
        read=read,
        seen=tuple(seen),
        unreached=unreached,
        origin=origin,
        origin_site="" if origin is None else by_vertex.get(origin.vertex, ""),
    )


def probe(
    modules: nn.Module | Mapping[str, nn.Module], loss: Callable[[], torch.Tensor], name: str = "probe"
) -> Record:
    """Measures a model on one batch and gives the record of it, of one step and one reading.

    Args:
        modules: the model, or several by name.
        loss: computes a scalar loss with it on the batch to measure.
        name: what the record is called.

    Raises:
        ObservationError: if the loss is no scalar, or does not depend on any parameter.

    >>> model = nn.Sequential(nn.Linear(4, 4), nn.Sigmoid(), nn.Linear(4, 2))
    >>> record = probe(model, lambda: model(torch.ones(3, 4)).square().mean())
    >>> [site.name for site in record.observed[0].network.sites]
    ['0', '2']
    """
    started = time.time()
    named = {"model": modules} if isinstance(modules, nn.Module) else modules
    return as_record(measure(named, loss), named, name, started)


def as_record(measurement: Measurement, modules: Mapping[str, nn.Module], name: str, started: float) -> Record:
    """A measurement as the record of a run of one step."""
    from isograd import __version__

    versions = {"isograd": __version__, "torch": torch.__version__}
    run = Run(name, (), started, time.time() - started, "finished", "", versions, 0.0)
    read, kinds = measurement.read, {place.kind for place in measurement.read.layout.places.values()}
    parameters = [p for module in modules.values() for p in module.parameters() if p.requires_grad]
    network = Network(
        name=measurement.naming.name,
        type=measurement.naming.type,
        num_parameters=sum(p.numel() for p in parameters),
        num_frozen=measurement.naming.num_frozen,
        optimizer="",
        settings={},
        sites=measurement.sites,
        depth=sum(site.on_chain and site.kind != "sum" for site in measurement.sites),
        unreached=measurement.unreached,
        loss=read.loss,
        number_format=read.number_format(),
        normalised="norm" in kinds or "Rsqrt" in read.graph.names,
        residual=bool(read.chain and read.chain.shortcuts),
    )
    sizes = measurement.values[:, INDEX["weight_gradient_log10"]]
    size = sum_log10(*(float(value) for value in sizes if not math.isnan(value)))
    steps = Steps(
        step=np.array([0]),
        loss=np.array([measurement.loss]),
        raw_log10=np.array([size]),
        applied_log10=np.array([math.nan]),
        gain=np.array([measurement.gain]),
        learning_rate=np.array([math.nan]),
        seconds=np.array([math.nan]),
        nonfinite=np.array([_flags(measurement)]),
    )
    events = () if measurement.origin is None else (_event(measurement, measurement.origin),)
    readings = Readings(np.array([0]), measurement.values[None])
    return Record(run, (Observed(network, steps, readings, measurement.profiles, events),))


def _flags(measurement: Measurement) -> int:
    """As the sentinels of a watched run set them."""
    if not math.isfinite(measurement.loss):
        return LOSS_BAD | RAW_BAD
    return RAW_BAD if measurement.origin is not None else 0


def _event(measurement: Measurement, origin: Origin) -> Event:
    detail = {"given": origin.given, "candidates": list(risky_operations(measurement.read.graph))}
    return Event(0, "non-finite", measurement.origin_site, origin.direction, origin.operation, detail)
