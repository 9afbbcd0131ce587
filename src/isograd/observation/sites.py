"""Sites: the places of a backward pass, grouped by the layer they belong to and named as in the user's model."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import torch

from isograd.facts import Site, SiteKind
from isograd.model.recurrence import FEWEST_CALLS
from isograd.observation.ledger import main_points
from isograd.observation.networks import Owner
from isograd.observation.passes import Pass


@dataclass(frozen=True)
class Seen:
    """A site as one backward pass saw it."""

    site: Site
    """What it is."""
    vertices: tuple[int, ...]
    """Its calls in the graph, the last call first."""
    weight: torch.Tensor | None
    """Its main parameter."""
    parameters: tuple[torch.Tensor, ...]
    """All its parameters."""


def find_sites(read: Pass, owners: dict[int, Owner], members: set[int]) -> list[Seen]:
    """The sites of one network in one backward pass, in execution order.

    Args:
        read: the pass.
        owners: names of parameters by identity.
        members: identities of the parameters of this network.
    """
    calls: dict[str, list[int]] = {}
    for vertex in sorted(read.layout.places):
        leaves = read.leaves(vertex)
        if any(id(leaf) in members for leaf in leaves):
            calls.setdefault(_name(read, vertex, leaves, owners), []).append(vertex)
    on_chain = set(main_points(read.chain, read.layout)) if read.chain else set()
    seen = [_describe(read, name, vertices, owners, on_chain) for name, vertices in calls.items()]
    seen += _sums(read, seen)
    return sorted(seen, key=lambda entry: min(read.graph.nodes[v]._sequence_nr() for v in entry.vertices))


def parameter_sites(parameters: Sequence[torch.Tensor], owners: dict[int, Owner]) -> list[Seen]:
    """A site for each weight, where a compiled region hides the layers: only what parameters tell is known of it."""
    seen = []
    for weight in parameters:
        owner = owners.get(id(weight))
        if owner is None or weight.ndim < 2:
            continue
        name = owner.name.removesuffix(".weight").removesuffix("_weight")
        fan_in = weight.numel() // weight.shape[0]
        site = Site(name, "weight", "", "", (owner.name,), weight.numel(), fan_in, weight.shape[0], False)
        seen.append(Seen(site, (), weight, (weight,)))
    return seen


def _name(read: Pass, vertex: int, leaves: list[torch.Tensor], owners: dict[int, Owner]) -> str:
    owner = owners.get(id(leaves[0]))
    if owner is None:
        return f"{read.graph.names[vertex].lower()}[{vertex}]"
    if read.layout.places[vertex].kind == "fused":
        return owner.name.replace("weight_ih_", "").replace("weight_hh_", "")
    return owner.name.removesuffix(".weight").removesuffix("_weight").removesuffix(".bias")


def _describe(read: Pass, name: str, vertices: list[int], owners: dict[int, Owner], on_chain: set[int]) -> Seen:
    first = vertices[0]
    place = read.layout.places[first]
    parameters = tuple(dict.fromkeys(leaf for vertex in vertices for leaf in read.leaves(vertex)))
    weight = parameters[0] if parameters else None
    activation = read.activations.get(first)
    site = Site(
        name=name,
        kind=_kind(read, vertices),
        operation=read.graph.names[first],
        activation=activation.name if activation else "",
        parameters=tuple(owners[id(p)].name for p in parameters if id(p) in owners),
        num_parameters=sum(p.numel() for p in parameters),
        fan_in=_fan_in(read, first, weight, owners) if place.kind == "weight" else 0,
        units=_units(read, first),
        on_chain=any(vertex in on_chain for vertex in vertices),
    )
    return Seen(site, tuple(vertices), weight, parameters)


def _kind(read: Pass, vertices: Sequence[int]) -> SiteKind:
    kind = read.layout.places[vertices[0]].kind
    if kind == "fused" or (kind == "weight" and is_loop(read, vertices)):
        return "recurrent"
    if kind == "embedding" or kind == "norm":
        return kind
    return "weight"


def is_loop(read: Pass, vertices: Sequence[int]) -> bool:
    """True if a layer's calls follow one upon the other, as in a loop over time."""
    calls = set(vertices)
    return any(len(one.calls) >= FEWEST_CALLS and calls.issuperset(one.calls) for one in read.recurrences)


def _fan_in(read: Pass, vertex: int, weight: torch.Tensor | None, owners: dict[int, Owner]) -> int:
    if weight is None or weight.ndim < 2:
        return 0
    owner = owners.get(id(weight))
    if "Convolution" in read.graph.names[vertex]:
        transposed = bool(getattr(read.graph.nodes[vertex], "_saved_transposed", False))
        return weight.numel() // weight.shape[1 if transposed else 0]
    if owner is not None and owner.module:
        return weight.numel() // weight.shape[0]
    return weight.shape[-2] if read.layout.places[vertex].data_slot == 0 else weight.shape[-1]


def _units(read: Pass, vertex: int) -> int:
    shape = output_shape(read, vertex)
    if not shape:
        return 0
    return shape[1] if "Convolution" in read.graph.names[vertex] and len(shape) > 1 else shape[-1]


def output_shape(read: Pass, vertex: int) -> tuple[int, ...]:
    """Shape of an operation's output; empty if unknown."""
    metadata = read.graph.nodes[vertex]._input_metadata
    return tuple(metadata[0].shape) if metadata else ()


def _free(name: str, taken: set[str]) -> str:
    """The name, or with the first number behind it that is free: a loop over one block has a sum for each turn."""
    return name if name not in taken else next(f"{name}{n}" for n in count(2) if f"{name}{n}" not in taken)


def _sums(read: Pass, seen: list[Seen]) -> list[Seen]:
    """The chain's sums, each named after the layer that ran just before it."""
    if read.chain is None or not seen:
        return []
    numbers = {v: read.graph.nodes[v]._sequence_nr() for entry in seen for v in entry.vertices}
    names = {vertex: entry.site.name for entry in seen for vertex in entry.vertices}
    owned = [v for v in read.chain.points if v in names]
    taken = {entry.site.name for entry in seen}
    sums = []
    for vertex in sorted(read.chain.sums, reverse=True):
        number = read.graph.nodes[vertex]._sequence_nr()
        before = [v for v, other in numbers.items() if other < number]
        if not before or not owned or not min(owned) < vertex < max(owned):
            continue
        name = _free(names[max(before, key=numbers.__getitem__)] + "+", taken)
        taken.add(name)
        site = Site(name, "sum", read.graph.names[vertex], "", (), 0, 0, _units(read, vertex), True)
        sums.append(Seen(site, (vertex,), None, ()))
    return sums
