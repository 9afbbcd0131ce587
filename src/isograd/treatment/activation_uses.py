"""What each activation of a model is for: hidden, a gate, the output; and which layers feed it.

Roles are read from the graph of measured passes, as for interventions; here they are gathered by where the calls come
from, so that they hold for every later pass.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import torch
from torch import nn

from isograd.diagnosis.interventions.direct import direct
from isograd.diagnosis.interventions.roles import Census, sort_out
from isograd.errors import ObservationError
from isograd.facts.treatment import Position
from isograd.model.call_sites import Overwritten, overwritten, position_of_call, source_of
from isograd.model.rewriting import first_name
from isograd.observation.passes import Pass
from isograd.observation.probe import measure
from isograd.treatment.activation_sightings import EXCHANGEABLE, Kind, Place, Sighting, Sightings

UseRole = Literal["hidden", "gate", "output", "frozen", "mixed"]
"""As in `roles`; `mixed` where calls from one place are of different kinds."""
MOST_PASSES = 3
"""So many of the known calls of a model are looked at."""
_ON_THE_WAY = frozenset({"View", "UnsafeView", "Reshape", "Squeeze", "Unsqueeze", "T", "Transpose", "Permute", "ToCopy",
                         "Clone", "Alias", "Slice", "Select"})  # fmt: skip
_FED_BY = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)


@dataclass(frozen=True)
class Use:
    """An activation in one place."""

    kind: Kind
    """What makes the calls."""
    role: UseRole
    """What they are for."""
    function: str
    """Plain name, e.g. `sigmoid`."""
    paths: tuple[str, ...] = ()
    """Of an activation module: all paths at which it stands. Else those of the modules whose method makes the call."""
    attribute: str = ""
    """For `attribute`: the name under which the function is held."""
    position: Position | None = None
    """For `call`: the call expression."""
    method: str = ""
    """For `call`: the method that it stands in."""
    instance: str = "self"
    """For `call`: what the method calls its module."""
    in_place: bool = False
    """True if it overwrites its input."""
    overwritten: Overwritten = "nobody"
    """For `call` in place: who would miss it if it were not."""
    feeders: tuple[str, ...] = ()
    """Paths of layers whose output it bends, with nothing but shapes and a bias between, and that nothing else
    uses: neither shared, nor recurrent, nor normalised."""

    @property
    def site(self) -> str:
        """A name for it: the first path, or file and line."""
        if self.position is not None:
            return f"{os.path.basename(self.position.file)}:{self.position.line}"
        return self.paths[0] if self.paths else ""


@dataclass
class _Calls:
    """All calls from one place."""

    first: Sighting
    roles: list[str] = field(default_factory=list)
    feeders: dict[str, None] = field(default_factory=dict)


def activation_uses(model: nn.Module, passes: Sequence[Callable[[], torch.Tensor]]) -> tuple[Use, ...]:
    """The activations of a model in execution order, and what each is for.

    Args:
        model: The root module; it is left as it is.
        passes: Forward passes of it, each giving a scalar that depends on its outputs; the first few are made.

    Returns:
        One entry a place; empty where no pass can be made or measured.

    >>> net = nn.Sequential(nn.Linear(4, 4), nn.Sigmoid(), nn.Linear(4, 1), nn.Sigmoid())
    >>> uses = activation_uses(net, [lambda: net(torch.ones(2, 4)).sum()])
    >>> [(use.paths, use.role, use.feeders) for use in uses]
    [(('1',), 'hidden', ('0',)), (('3',), 'output', ('2',))]
    """
    found: dict[Place, _Calls] = {}
    layers = _layers(model)
    for made in passes[:MOST_PASSES]:
        for sighting, role, feeder in _look(model, made, layers):
            calls = found.setdefault(sighting.place, _Calls(sighting))
            calls.roles.append(role)
            if feeder:
                calls.feeders[feeder] = None
    paths = _paths(model)
    return tuple(_use(calls, paths, model) for calls in found.values() if calls.first.function in EXCHANGEABLE)


def _look(
    model: nn.Module, made: Callable[[], torch.Tensor], layers: Mapping[int, str]
) -> Iterator[tuple[Sighting, str, str]]:
    """Each call of one pass with its role and the path of the layer that feeds it."""
    census = Census(frozenset(id(p) for p in model.parameters()))
    sightings = Sightings(census)

    def seen() -> torch.Tensor:
        with direct(), sightings:
            return made()

    try:
        read = measure({"model": model}, seen).read
    except (ObservationError, RuntimeError):  # torch's own, where no output depends on a parameter
        return
    roles = sort_out(census, read)
    vertices = {node: index for index, node in enumerate(read.graph.nodes)}
    used = [leaf for place in read.layout.places.values() for leaf in place.leaves]
    for sighting, role, (_, node) in zip(sightings.calls, roles.activations, census.activations, strict=True):
        vertex = vertices.get(node) if node is not None else None
        leaf = _feeding_leaf(read, vertex) if vertex is not None else None
        parameter = read.graph.leaf(leaf) if leaf is not None and used.count(leaf) == 1 else None
        if vertex is not None and sighting.function == "softplus" and _scales(read, vertex):
            role = "gate"
        yield sighting, role, layers.get(id(parameter), "") if parameter is not None else ""


def _scales(read: Pass, vertex: int) -> bool:
    """True if the result multiplies something: a softplus that makes a deviation positive is no hidden activation."""
    names, edges = read.graph.names, read.graph.edges
    return any(names[v] in ("Mul", "Div") and any(child == vertex for _, child in edges[v]) for v in range(vertex))


def _feeding_leaf(read: Pass, vertex: int) -> int | None:
    """The weight of the layer before an activation; None if something else than shapes and a bias lies between."""
    while True:
        onward = [child for _, child in read.graph.edges[vertex] if read.layout.carries_data[child]]
        if len(onward) != 1:
            return None
        vertex = onward[0]
        place = read.layout.places.get(vertex)
        if place is not None:
            return place.leaves[0] if place.kind == "weight" and place.leaves else None
        if read.graph.names[vertex] not in _ON_THE_WAY and not _adds_bias(read, vertex):
            return None


def _adds_bias(read: Pass, vertex: int) -> bool:
    edges = read.graph.edges[vertex]
    return read.graph.names[vertex] == "Add" and sum(read.layout.carries_data[child] for _, child in edges) == 1


def _layers(model: nn.Module) -> dict[int, str]:
    """By `id` of the weight: path of each layer whose number of inputs is known and whose weight is its own."""
    found: dict[int, str] = {}
    for path, module in model.named_modules():
        weight = module._parameters.get("weight") if isinstance(module, _FED_BY) else None
        if weight is not None and weight.requires_grad and weight.numel():
            found[id(weight)] = "" if id(weight) in found else path  # a tied weight is nobody's own
    return found


def _paths(model: nn.Module) -> dict[int, tuple[str, ...]]:
    paths: dict[int, tuple[str, ...]] = {}
    for path, module in model.named_modules(remove_duplicate=False):
        paths[id(module)] = (*paths.get(id(module), ()), path)
    return paths


def _use(calls: _Calls, paths: Mapping[int, tuple[str, ...]], model: nn.Module) -> Use:
    place, first = calls.first.place, calls.first
    role = calls.roles[0] if len(set(calls.roles)) == 1 else _joined(calls.roles)
    made = Use(place.kind, role, first.function, feeders=tuple(calls.feeders), in_place=first.in_place)  # type: ignore[arg-type]  # one of them
    if place.kind in ("module", "attribute"):
        found = paths.get(place.owner, ())
        kind: Kind = place.kind if found else "elsewhere"
        return _with(made, kind=kind, paths=found, attribute=place.attribute)
    source = source_of(place.file)
    if place.kind == "elsewhere" or source is None or first.module is None:
        where = Position(os.path.abspath(place.file), *place.end, *place.end) if place.file else None
        return _with(made, kind="elsewhere", position=where)
    return _with(
        made,
        paths=tuple(_sharing(model, first.module, place.method)),
        position=position_of_call(source, place.end),
        method=place.method,
        instance=first_name(type(first.module), place.method),
        overwritten=overwritten(source, place.end) if first.in_place else "nobody",
    )


def _with(use: Use, **changes: object) -> Use:
    return replace(use, **changes)  # type: ignore[arg-type]  # fields of the class


def _joined(roles: Iterable[str]) -> UseRole:
    """Calls that no gradient reached on one pass say nothing of those on another."""
    told = set(roles) - {"frozen"}
    return told.pop() if len(told) == 1 else "mixed"  # type: ignore[return-value]  # one of them


def _sharing(model: nn.Module, like: nn.Module, method: str) -> Iterator[str]:
    """Paths of all modules that run the same method, called on this pass or not."""
    function = getattr(type(like), method)
    for path, module in model.named_modules():
        if getattr(type(module), method, None) is function:
            yield path
