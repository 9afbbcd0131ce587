"""One network under observation: what is known of it, and how its readings are put together."""

import math
import weakref
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from isograd.facts import Network, Site, TimeProfile
from isograd.observation.backward import Backward
from isograd.observation.gain_sentinel import Way, learn_way
from isograd.observation.ledger import Row, keep_ledger
from isograd.observation.networks import Naming, parameters_of
from isograd.observation.passes import Pass, risky_operations
from isograd.observation.reading import (
    SilentUnits,
    chain_gain,
    empty_reading,
    fill_activations,
    fill_gradients,
    fill_ledger,
    fill_weight,
)
from isograd.observation.sites import Seen, find_sites, parameter_sites
from isograd.observation.statistics import sum_log10
from isograd.observation.through_time import profiles_of
from isograd.observation.updates import WeightBefore, weight_after, weight_before

STRIP = 48
"""Readings kept for the live strip."""


@dataclass
class Watched:
    """What is known of one network so far; changes as the run goes on."""

    index: int
    """Its number in the record."""
    optimizer: weakref.ref[torch.optim.Optimizer]
    """Held weakly, so that a model that the script lets go can go."""
    naming: Naming
    """Names of its parameters."""
    step: int = 0
    """Optimizer steps so far."""
    sites: dict[str, Site] = field(default_factory=dict)
    """By name, in the order of the record's rows."""
    silent: SilentUnits = field(default_factory=SilentUnits)
    """Which units were silent lately."""
    loss: str = ""
    """Operations of the loss."""
    number_format: str = "float32"
    """Of the activations."""
    normalised: bool = False
    """Whether anything is normalised."""
    residual: bool = False
    """Whether branches join on the chain."""
    risky: tuple[str, ...] = ()
    """Operations that can be undefined."""
    reached: set[int] = field(default_factory=set)
    """Identities of parameters that have had a gradient."""
    strip: deque[NDArray[np.float32]] = field(default_factory=lambda: deque(maxlen=STRIP))
    """Gains relative to the last layer, of the latest readings."""
    gain: float = math.nan
    """The latest G."""
    held: list[weakref.ref[torch.Tensor]] = field(default_factory=list)
    """The parameters that the optimizer held when it was first seen."""

    def __post_init__(self) -> None:
        self.held = [weakref.ref(parameter) for parameter in self.parameters()]

    @property
    def between(self) -> bool:
        """True if the optimizer is gone and all that it held is there."""
        return self.optimizer() is None and bool(self.held) and all(held() is not None for held in self.held)

    def parameters(self) -> list[torch.Tensor]:
        """The parameters that the optimizer holds now, or held where it is gone."""
        optimizer = self.optimizer()
        if optimizer is not None:
            return parameters_of(optimizer)
        return [parameter for held in self.held if (parameter := held()) is not None]

    def members(self) -> set[int]:
        """Their identities."""
        return {id(parameter) for parameter in self.parameters()}

    def gradients(self) -> list[torch.Tensor]:
        """All gradients that they hold now."""
        return [parameter.grad for parameter in self.parameters() if parameter.grad is not None]


@dataclass
class Snapshot:
    """What must be kept from before an optimizer step to measure it."""

    seen: list[Seen]
    """The sites of the pass."""
    backward: Backward
    """The pass."""
    before: dict[int, WeightBefore]
    """The weights before the step, by identity."""
    moves: int = 1
    """How often the step moved them: once for each evaluation of a closure."""


@dataclass(frozen=True)
class Reading:
    """A detailed reading, ready for the record."""

    values: NDArray[np.float32]
    """Shape (S, Q)."""
    gain: float
    """G in decades."""
    profiles: tuple[TimeProfile, ...]
    """Gradient through time, where there is any."""
    way: Way | None
    """How to find the two ends of the chain again without a reading."""


def prepare(watched: Watched, backwards: Sequence[Backward]) -> Snapshot | None:
    """Before a step: finds the network's sites in the latest pass that has any, and samples their weights."""
    members = watched.members()
    for backward in reversed(backwards):
        seen = find_sites(backward.read, watched.naming.owners, members) if backward.read else []
        if not seen and backward.read is not None and backward.read.compiled:
            seen = parameter_sites(watched.parameters(), watched.naming.owners)
        if seen:
            weights = ((entry.weight, entry.site.fan_in) for entry in seen if entry.weight is not None)
            before = {id(weight): weight_before(weight, fan_in) for weight, fan_in in weights}
            return Snapshot(seen, backward, before)
    return None


def assemble(watched: Watched, snapshot: Snapshot) -> Reading:
    """After a step: puts the reading together and updates what is known of the network."""
    seen, read = snapshot.seen, snapshot.backward.read
    assert read is not None, "a snapshot is only made of a pass that was read"
    for entry in seen:
        watched.sites.setdefault(entry.site.name, entry.site)
    rows = {name: index for index, name in enumerate(watched.sites)}
    by_vertex = {vertex: entry.site.name for entry in seen for vertex in entry.vertices}
    values = empty_reading(len(rows))
    fill_gradients(values, read, seen, rows)
    fill_activations(values, read, seen, rows, watched.silent)
    ledger = keep_ledger(read.graph, read.layout, read.chain, read.gradients) if read.chain else []
    fill_ledger(values, ledger, by_vertex, rows)
    _fill_weights(watched, snapshot, values, rows)
    _describe(watched, read)
    gain = chain_gain(ledger, by_vertex, read.gradients)
    profiles = profiles_of(read, seen, watched.naming.owners, watched.step, snapshot.backward.lstm_log10)
    return Reading(values, gain, profiles, _way(read, ledger, by_vertex))


def _way(read: Pass, ledger: Sequence[Row], by_vertex: Mapping[int, str]) -> Way | None:
    own = [row for row in ledger if row.vertex in by_vertex and row.towards in by_vertex]
    return learn_way(read.graph, own[0].vertex, own[-1].towards) if own else None


def _fill_weights(watched: Watched, snapshot: Snapshot, values: NDArray[np.float32], rows: dict[str, int]) -> None:
    optimizer = watched.optimizer()
    if optimizer is None:
        return
    for entry in snapshot.seen:
        if entry.weight is None:
            continue
        sizes = [snapshot.backward.raw_log10[id(p)] for p in entry.parameters if id(p) in snapshot.backward.raw_log10]
        statistics = weight_after(entry.weight, snapshot.before[id(entry.weight)], optimizer, snapshot.moves)
        fill_weight(values[rows[entry.site.name]], statistics, sum_log10(*sizes) if sizes else math.nan)


def _describe(watched: Watched, read: Pass) -> None:
    watched.loss = read.loss or watched.loss
    watched.risky = risky_operations(read.graph)
    watched.residual = watched.residual or bool(read.chain and read.chain.shortcuts)
    kinds = {place.kind for place in read.layout.places.values()}
    watched.normalised = watched.normalised or "norm" in kinds or "Rsqrt" in read.graph.names
    watched.number_format = read.number_format()


def describe_network(watched: Watched) -> Network | None:
    """The network as a fact; None once its optimizer is gone."""
    optimizer = watched.optimizer()
    if optimizer is None:
        return None
    parameters = parameters_of(optimizer)
    owners = watched.naming.owners
    numeric = {key: float(value) for key, value in optimizer.param_groups[0].items() if isinstance(value, int | float)}
    betas = optimizer.param_groups[0].get("betas", ())
    numeric.update({f"beta{place + 1}": float(beta) for place, beta in enumerate(betas)})
    return Network(
        name=watched.naming.name,
        type=watched.naming.type,
        num_parameters=sum(p.numel() for p in parameters if p.requires_grad),
        num_frozen=watched.naming.num_frozen,
        optimizer=type(optimizer).__name__,
        settings=numeric,
        sites=tuple(watched.sites.values()),
        depth=sum(site.on_chain and site.kind != "sum" for site in watched.sites.values()),
        unreached=tuple(
            owners[id(p)].name
            for p in parameters
            if p.requires_grad and p.grad is None and id(p) not in watched.reached and id(p) in owners
        ),
        loss=watched.loss,
        number_format=watched.number_format,
        normalised=watched.normalised,
        residual=watched.residual,
    )


def gains_to_last(watched: Watched, values: NDArray[np.float32]) -> NDArray[np.float32]:
    """log10(||dL/dz_s|| / ||dL/dz_last||) of the sites on the chain, shape (S',)."""
    chain = [index for index, site in enumerate(watched.sites.values()) if site.on_chain]
    sizes = values[chain, 0]
    return sizes - sizes[-1] if len(sizes) else sizes
