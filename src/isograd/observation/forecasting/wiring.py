"""Reads from the traced graph what the rules need of each operation: operands, shapes, weights, settings."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import nn

from isograd.facts import Site
from isograd.model.graph import Graph
from isograd.model.operations import ACTIVATIONS, LEAF
from isograd.model.places import Layout
from isograd.model.recurrence import find_recurrences
from isograd.observation.activations import ActivationStatistics
from isograd.observation.forecasting.blends import Blend, find_blends
from isograd.observation.forecasting.parameters import Entries, computed
from isograd.observation.forecasting.tracing import Traced
from isograd.observation.gradients import Gradients
from isograd.observation.naming import Found
from isograd.observation.networks import Owner, name_network
from isograd.observation.passes import Pass, layer_before
from isograd.observation.sites import Seen, find_sites

NO_ENTRIES = Entries(0.0, 0.0)


@dataclass(frozen=True)
class Wiring:
    """The traced graph with all that the rules ask of it."""

    traced: Traced
    entries: Mapping[str, Entries]
    """Moments of the parameters, by full name."""
    epsilons: Mapping[str, float]
    """eps of the modules that have one, by the full name of their weight."""
    seen: tuple[Seen, ...]
    """The sites, named as by observation."""
    by_vertex: Mapping[int, Site] = field(default_factory=dict)
    """Site of each of its calls."""
    blends: Mapping[int, Blend] = field(default_factory=dict)
    """By the vertex of their sum."""

    @property
    def graph(self) -> Graph:
        """The graph."""
        return self.traced.graph

    @property
    def layout(self) -> Layout:
        """Its places."""
        return self.traced.layout

    def shape(self, vertex: int, slot: int = 0) -> tuple[int, ...]:
        """Shape of an operation's output, or of a leaf."""
        leaf = self.graph.leaf(vertex)
        if leaf is not None:
            return tuple(leaf.shape)
        metadata = self.graph.nodes[vertex]._input_metadata
        return tuple(metadata[min(slot, len(metadata) - 1)].shape) if metadata else ()

    def data(self, vertex: int) -> list[tuple[int, int]]:
        """(slot, vertex) of the operands that carry data."""
        return [edge for edge in self.graph.edges[vertex] if self.layout.carries_data[edge[1]]]

    def weights(self, vertex: int) -> list[tuple[int, Entries, tuple[int, ...]]]:
        """(slot, moments, shape) of the operands that are made of parameters alone."""
        edges = [edge for edge in self.graph.edges[vertex] if not self.layout.carries_data[edge[1]]]
        return [(slot, *self._leaf(child)) for slot, child in edges]

    def _leaf(self, vertex: int) -> tuple[Entries, tuple[int, ...]]:
        """The largest parameter behind a vertex: of a weight in polar form, its direction."""
        waiting: list[int] = [vertex]
        found, passed = [], []
        while waiting:
            here = waiting.pop()
            leaf = self.graph.leaf(here)
            if leaf is not None:
                found.append(leaf)
            passed.append(self.graph.names[here])
            waiting.extend(child for _, child in self.graph.edges[here])
        best = max(found, key=torch.Tensor.numel, default=None)
        if best is None:
            return NO_ENTRIES, ()
        entries = self.entries.get(self.traced.names.get(id(best), ""), NO_ENTRIES)
        return (computed(entries, passed[::-1]) if len(found) == 1 else entries), tuple(best.shape)

    def epsilon(self, vertex: int) -> float:
        """What a normalisation adds to the variance."""
        saved = getattr(self.graph.nodes[vertex], "_saved_eps", None)
        if saved is not None:
            return float(saved)
        names = [self.traced.names.get(id(leaf), "") for leaf in self._tensors(vertex)]
        return next((self.epsilons[name] for name in names if name in self.epsilons), 1e-5)

    def _tensors(self, vertex: int) -> list[torch.Tensor]:
        leaves = (self.graph.leaf(child) for _, child in self.graph.edges[vertex])
        return [leaf for leaf in leaves if leaf is not None]

    def node(self, vertex: int) -> Any:
        """The autograd node, whose saved settings have no types."""
        return self.graph.nodes[vertex]


def wire(model: nn.Module, traced: Traced, entries: Mapping[str, Entries]) -> Wiring:
    """Joins the traced graph with the model's names.

    Args:
        model: the model.
        traced: its run without data.
        entries: moments of its parameters.
    """
    naming = name_network(list(model.parameters()), Found({"model": model}, {}, {}))
    real = {name: naming.owners[id(parameter)] for name, parameter in model.named_parameters()}
    owners: dict[int, Owner] = {key: real[name] for key, name in traced.names.items()}
    recurrences = find_recurrences(traced.graph, traced.layout)
    read = Pass(traced.graph, traced.layout, traced.chain, recurrences, Gradients())
    read.activations.update(_activations(traced))
    seen = tuple(find_sites(read, owners, set(owners)))
    epsilons = {
        f"{path}.{name}" if path else name: float(module.eps)
        for path, module in model.named_modules()
        for name, _ in module.named_parameters(recurse=False)
        if isinstance(getattr(module, "eps", None), float)
    }
    by_vertex = {v: entry.site for entry in seen for v in entry.vertices}
    wiring = Wiring(traced, entries, epsilons, seen, by_vertex)
    return replace(wiring, blends=find_blends(traced.graph, wiring.data))


def _activations(traced: Traced) -> dict[int, ActivationStatistics]:
    """The activation behind each layer by its name, as observation finds it, without numbers."""
    found: dict[int, ActivationStatistics] = {}
    for vertex, place in traced.layout.places.items():
        if place.kind not in ("activation", "softmax"):
            continue
        layer = layer_before(traced.graph, traced.layout, vertex)
        if layer is not None and layer not in found:
            name = "softmax" if place.kind == "softmax" else ACTIVATIONS[traced.graph.names[vertex]].name
            found[layer] = ActivationStatistics(name, math.nan, None)
    return found


def is_leaf(graph: Graph, vertex: int) -> bool:
    """True for parameters and inputs."""
    return graph.names[vertex] == LEAF
