"""Finds, in the graph of one backward pass, the places where a gradient is worth measuring.

An operation is on the weight side if all that flows into it are parameters (transposes, weight normalisation ...); all
else carries data. A layer is a contraction of the two.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch

from isograd.model.graph import Graph
from isograd.model.operations import (
    ACTIVATIONS,
    CONTRACTIONS,
    EMBEDDINGS,
    FUSED_RECURRENT,
    LEAF,
    LOOKUP,
    NORMALISATIONS,
    PARAMETER_PATH,
)

PlaceKind = Literal["weight", "fused", "embedding", "norm", "activation", "softmax"]


@dataclass(frozen=True)
class Place:
    """One operation at which the gradient is measured."""

    vertex: int
    """Index of its node in the graph."""
    kind: PlaceKind
    """What it is."""
    data_slot: int
    """The input that carries the data."""
    leaves: tuple[int, ...]
    """Graph indices of the parameters that it uses, weights before biases."""


@dataclass(frozen=True)
class Layout:
    """The places of one graph."""

    places: dict[int, Place]
    """By vertex."""
    carries_data: tuple[bool, ...]
    """For each vertex, whether data flows through it."""


def lay_out(graph: Graph, is_weight: Callable[[torch.Tensor], bool]) -> Layout:
    """Sorts the operations of a graph into layers, normalisations, activations and the rest.

    Args:
        graph: the graph of one backward pass.
        is_weight: tells parameters from inputs that require a gradient.
    """
    weight_side: dict[int, tuple[int, ...]] = {}
    places: dict[int, Place] = {}
    for vertex in range(len(graph.nodes) - 1, -1, -1):
        leaf = graph.leaf(vertex)
        if leaf is not None:
            if is_weight(leaf):
                weight_side[vertex] = (vertex,)
            continue
        place = _place(graph, vertex, weight_side)
        if place is not None:
            places[vertex] = place
        elif graph.edges[vertex] and all(child in weight_side for _, child in graph.edges[vertex]):
            weight_side[vertex] = tuple(
                dict.fromkeys(leaf for _, child in graph.edges[vertex] for leaf in weight_side[child])
            )
    return Layout(places, tuple(vertex not in weight_side for vertex in range(len(graph.nodes))))


def _place(graph: Graph, vertex: int, weight_side: dict[int, tuple[int, ...]]) -> Place | None:
    name = graph.names[vertex]
    weights = {slot: child for slot, child in graph.edges[vertex] if child in weight_side}
    leaves = tuple(dict.fromkeys(leaf for child in weights.values() for leaf in weight_side[child]))
    if name in CONTRACTIONS:
        return _contraction(graph, vertex, weights, weight_side)
    if weights and (name in EMBEDDINGS or (name == LOOKUP and _is_plain(graph, min(weights.items())[1]))):
        return Place(vertex, "embedding", -1, leaves)
    if name in FUSED_RECURRENT and weights:
        return Place(vertex, "fused", 0, leaves)
    carries_data = any(child not in weight_side for _, child in graph.edges[vertex])
    if name in NORMALISATIONS and (carries_data or not graph.edges[vertex] or graph.edges[vertex][0][0] != 0):
        return Place(vertex, "norm", 0, leaves)
    if name in ACTIVATIONS and carries_data:
        return Place(vertex, "activation", 0, ())
    if name == "Softmax" and carries_data:
        return Place(vertex, "softmax", 0, ())
    return None


def _contraction(
    graph: Graph, vertex: int, weights: dict[int, int], weight_side: dict[int, tuple[int, ...]]
) -> Place | None:
    form = CONTRACTIONS[graph.names[vertex]]
    if not weights:
        return None
    data_slot = _data_slot(graph, form.data_slots, weights)
    operands = [slot for slot in weights if slot != data_slot]
    only_weights = len(weights) == graph.slots[vertex]
    if not operands or (only_weights and not form.weight_only_is_site):
        return None
    main = [slot for slot in operands if slot in form.data_slots or (len(form.data_slots) == 1 and slot == 1)]
    if not main:
        return None
    ordered = sorted(operands, key=lambda slot: slot not in main)
    leaves = tuple(dict.fromkeys(leaf for slot in ordered for leaf in weight_side[weights[slot]]))
    return Place(vertex, "weight", data_slot, leaves)


def _data_slot(graph: Graph, candidates: tuple[int, ...], weights: dict[int, int]) -> int:
    """Of the inputs that may carry data, the one that is no weight; of two weights, the one less like a parameter."""
    for slot in candidates:
        if slot not in weights:
            return slot
    return max(candidates, key=lambda slot: (not _is_plain(graph, weights[slot]), -slot))


def _is_plain(graph: Graph, vertex: int) -> bool:
    while graph.names[vertex] in PARAMETER_PATH and graph.edges[vertex]:
        vertex = graph.edges[vertex][0][1]
    return graph.names[vertex] == LEAF
