"""How the modules of a model are joined on one call: which output, through what, becomes which input.

Modules are named by torch's global hooks, joined by the autograd graph of the same pass; nothing is attached to the
model. What is recomputed in the backward pass (checkpointing) is told apart by the region that it lies in.
"""

import itertools
import warnings
from collections.abc import Callable, Iterator, Mapping, Sized
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch
from torch import nn
from torch.autograd.graph import Node
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook

from isograd.diagnosis.interventions.direct import direct
from isograd.diagnosis.interventions.roles import Census, sort_out
from isograd.errors import ObservationError
from isograd.model.chain import LAYERS
from isograd.observation.passes import Pass
from isograd.observation.probe import measure
from isograd.observation.stored import Border
from isograd.treatment.patient import Patient, weighted


@dataclass
class Called:
    """One call of a module; only calls whose first argument is a tensor."""

    path: str
    """Where it stands in the model."""
    module: nn.Module
    """The module."""
    input_node: Node | None
    """What computed its first argument; None for data from outside."""
    input_shape: tuple[int, ...]
    """Shape of its first argument."""
    dtype: torch.dtype
    """Format of its first argument."""
    region: int
    """Which checkpointed region it ran in; 0 outside of all."""
    output_node: Node | None = None
    """What computed its output, or the first tensor of its output."""
    output_shape: tuple[int, ...] = ()
    """Shape of that."""
    is_tuple: bool = False
    """True if the output is a tuple."""


@dataclass(frozen=True)
class Wiring:
    """The modules of one call, and the graph that joins them; vertices are those of `read.graph`."""

    read: Pass
    """The pass."""
    calls: tuple[Called, ...]
    """All calls, in the order in which they ended: inner modules before those around them."""
    hidden: Mapping[int, str]
    """Hidden activations by vertex, e.g. `{17: "sigmoid"}`."""
    branches: Mapping[int, int]
    """By vertex of a sum of the chain: the vertex at which its residual branch ends."""

    @cached_property
    def outputs(self) -> Mapping[int, tuple[Called, ...]]:
        """By vertex: the calls whose output it is, inner modules first."""
        found: dict[int, tuple[Called, ...]] = {}
        for call in self.calls:
            at = self.vertex(call.output_node)
            if at is not None:
                found[at] = (*found.get(at, ()), call)
        return found

    @cached_property
    def parents(self) -> tuple[tuple[int, ...], ...]:
        """By vertex: the operations that use its output."""
        found: list[list[int]] = [[] for _ in self.read.graph.nodes]
        for vertex, edges in enumerate(self.read.graph.edges):
            for _, child in edges:
                found[child].append(vertex)
        return tuple(map(tuple, found))

    @cached_property
    def _numbers(self) -> Mapping[Node, int]:
        return {node: index for index, node in enumerate(self.read.graph.nodes)}

    def vertex(self, node: Node | None) -> int | None:
        """The vertex of an autograd node; None if no gradient of the outputs passes it."""
        return None if node is None else self._numbers.get(node)

    def data(self, vertex: int) -> tuple[int, ...]:
        """The operations that made the data which an operation works on; parameters left out."""
        carries = self.read.layout.carries_data
        return tuple(dict.fromkeys(child for _, child in self.read.graph.edges[vertex] if carries[child]))

    def is_layer(self, vertex: int) -> bool:
        """True where data meets a weight."""
        place = self.read.layout.places.get(vertex)
        return place is not None and place.kind in LAYERS

    def times(self, module: nn.Module) -> int:
        """How often a module is called."""
        return sum(call.module is module for call in self.calls)


@dataclass(eq=False)
class _Listener:
    """Writes down the calls of one model's modules."""

    paths: Mapping[nn.Module, str]
    regions: list[int] = field(default_factory=list)
    open: list[Called] = field(default_factory=list)
    calls: list[Called] = field(default_factory=list)

    def begin(self, module: nn.Module, args: tuple[Any, ...]) -> None:
        if module in self.paths and args and isinstance(args[0], torch.Tensor):
            region = self.regions[-1] if self.regions else 0
            self.open.append(
                Called(self.paths[module], module, args[0].grad_fn, tuple(args[0].shape), args[0].dtype, region)
            )

    def end(self, module: nn.Module, args: tuple[Any, ...], output: Any) -> None:
        if all(call.module is not module for call in self.open):
            return
        call = self.open.pop()
        while call.module is not module:  # it was left by an exception that somebody caught
            call = self.open.pop()
        first = output[0] if isinstance(output, tuple) and output else output
        if isinstance(first, torch.Tensor):
            call.output_node, call.output_shape = first.grad_fn, tuple(first.shape)
            call.is_tuple = isinstance(output, tuple)
            self.calls.append(call)


def wire(patient: Patient) -> Wiring | None:
    """Calls the model once, on the first batch that is known, and reads how its modules are joined.

    What the pass changes is put back: random state, buffers, gradients.

    Returns:
        None if it is not known how the model is called.

    Raises:
        ObservationError: If the outputs do not depend on any parameter, or have no graph.

    >>> from isograd.observation.replay import Call
    >>> model = nn.Sequential(nn.Linear(4, 4), nn.Sigmoid(), nn.Linear(4, 2))
    >>> wiring = wire(Patient(model, calls=(Call((torch.ones(3, 4),), {}),)))
    >>> [call.path for call in wiring.calls], list(wiring.hidden.values())
    (['0', '1', '2', ''], ['sigmoid'])
    """
    if not patient.calls:
        return None
    call, model = patient.calls[0], patient.model
    listener = _Listener({module: path for path, module in model.named_modules()})
    census = Census(frozenset(id(p) for p in model.parameters()))

    def counted() -> torch.Tensor:
        with _listening(listener), direct(), census:
            return weighted(model(*call.args, **call.kwargs))

    with warnings.catch_warnings(), torch.compiler.set_stance("force_eager"):  # compiled code calls no later hook
        warnings.filterwarnings("ignore", "Using `torch.compile", UserWarning)  # a wrapper's call is one call more
        read = measure({"model": model}, counted).read
    return _joined(read, listener, census)


def any_seen(find: Callable[[], Sized], fewest: int = 1) -> bool:
    """Whether enough is found; False where the model cannot be observed."""
    try:
        return len(find()) >= fewest
    except ObservationError:
        return False


def _joined(read: Pass, listener: _Listener, census: Census) -> Wiring:
    roles = sort_out(census, read)
    vertex = {node: index for index, node in enumerate(read.graph.nodes)}
    hidden = {
        vertex[node]: name
        for (name, node), role in zip(census.activations, roles.activations, strict=True)
        if role == "hidden" and node is not None
    }
    branches = {}
    for number, slot in roles.branches.items():
        node = census.sums[number]
        if node is not None:
            branches[vertex[node]] = dict(read.graph.edges[vertex[node]])[slot]
    return Wiring(read, tuple(listener.calls), hidden, branches)


@contextmanager
def _listening(listener: _Listener) -> Iterator[None]:
    begins = register_module_forward_pre_hook(listener.begin)
    ends = register_module_forward_hook(listener.end)
    try:
        with _regions_told_apart(listener.regions):
            yield
    finally:
        begins.remove()
        ends.remove()


@contextmanager
def _regions_told_apart(inside: list[int]) -> Iterator[None]:
    """Keeps the numbers of the regions that one is in, innermost last.

    Those are regions whose saved tensors pass through hooks, or would be checkpointed if the pass were not measured.
    """
    hooks, number = torch.autograd.graph.saved_tensors_hooks, itertools.count(1)
    enter, leave, border = hooks.__enter__, hooks.__exit__, (Border.enter, Border.leave)

    def entered(*args: Any) -> Any:
        inside.append(next(number))
        return enter(*args) if args else None

    def left(*args: Any) -> Any:
        inside.pop()
        return leave(*args) if args else None

    hooks.__enter__, hooks.__exit__ = entered, left  # type: ignore[method-assign]  # put back below
    Border.enter, Border.leave = staticmethod(entered), staticmethod(left)  # type: ignore[method-assign]  # as above
    try:
        yield
    finally:
        hooks.__enter__, hooks.__exit__ = enter, leave  # type: ignore[method-assign]  # as above
        Border.enter, Border.leave = map(staticmethod, border)  # type: ignore[method-assign]  # as above
