"""What each call of an activation, a softmax or a sum does in the network: read once, from the measured pass.

A sigmoid that multiplies something is a gate and belongs so; one between the last layer and the loss is the output;
only what is left is a hidden activation that may be exchanged. Calls are told apart by their number: the same batch
and the same random state make the same calls in the same order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal

import torch
from torch.autograd.graph import Node
from torch.overrides import TorchFunctionMode

from isograd.diagnosis.interventions.operands import RECURRENT, contraction, is_given
from isograd.model.chain import LAYERS
from isograd.observation.passes import Pass

Role = Literal["hidden", "gate", "output", "frozen"]

SIGMOIDS = ("sigmoid", "special_expit", "expit", "hardsigmoid")
TANHS = ("tanh",)
ACTIVATIONS = (
    *SIGMOIDS, *TANHS, "relu", "relu6", "leaky_relu", "elu", "celu", "selu", "gelu", "silu", "mish", "hardswish",
    "softplus", "hardtanh", "rrelu", "prelu", "log_sigmoid", "threshold", "clamp_min",
)  # fmt: skip
"""Functions that act entry by entry and bend; an underscore after the name makes the same in place."""
SOFTMAXES = ("softmax", "_safe_softmax")
SUMS = ("add", "add_", "__add__", "__radd__", "__iadd__")
_SHAPES = frozenset({"View", "UnsafeView", "Split", "SplitWithSizes", "Slice", "Select", "Unbind", "Unsqueeze",
                     "Squeeze", "Expand", "Transpose", "Permute", "T", "Rsub", "Sub", "Chunk", "Clone", "ToCopy",
                     "UnsafeSplit", "Reshape"})  # fmt: skip
_GATED = frozenset({"Lerp", "Addcmul"})
_MOST_HOPS = 4


def plain_name(function: Any) -> str:
    """The function's name without the mark of its in-place form.

    >>> plain_name(torch.sigmoid), plain_name(torch.Tensor.relu_)
    ('sigmoid', 'relu')
    """
    name = getattr(function, "__name__", "")
    return name if name.startswith("__") else name.removesuffix("_")


@dataclass(frozen=True)
class Given:
    """Data from outside as it enters a first layer."""

    rms: float
    """Root mean square of the data."""
    offset: float
    """|mean| over standard deviation, of the whole tensor."""
    spread: float
    """Largest over smallest root mean square of a feature; features that are zero left out."""
    drive: float
    """Root mean square of what it becomes behind the weight."""


@dataclass(frozen=True)
class Roles:
    """What the calls of one pass are."""

    activations: tuple[Role, ...]
    """By number of the call."""
    functions: tuple[str, ...]
    """Name of the function, by the same number."""
    softmaxes: tuple[Role, ...]
    """By number of the call."""
    branches: Mapping[int, int]
    """By number of the call that sums: which of its two arguments is the residual branch."""
    given: tuple[Given, ...]
    """By first layer."""

    def hidden(self) -> tuple[str, ...]:
        """Names of the functions that act as hidden activations, without repetition."""
        pairs = zip(self.functions, self.activations, strict=True)
        return tuple(dict.fromkeys(name for name, role in pairs if role == "hidden"))


@dataclass(eq=False)
class Census(TorchFunctionMode):
    """Counts the calls of a pass and remembers the autograd node of each; it changes nothing."""

    members: frozenset[int]
    activations: list[tuple[str, Node | None]] = field(default_factory=list)
    softmaxes: list[Node | None] = field(default_factory=list)
    sums: list[Node | None] = field(default_factory=list)
    given: dict[int, Given] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        name = plain_name(func)
        if name in ACTIVATIONS:
            self.activations.append((name, _node(result)))
        elif name in SOFTMAXES or name == "scaled_dot_product_attention":
            self.softmaxes.append(_node(result))
        elif name in SUMS:
            self.sums.append(_node(result))
        else:
            self._note_given(name, args, result)
        return result

    def _note_given(self, name: str, args: Any, result: Any) -> None:
        if name in RECURRENT:
            data, weight = args[0], args[2][0] if isinstance(args[2], list | tuple) else args[2]
            if id(weight) not in self.given and data.shape[-1] == weight.shape[-1]:
                self.given[id(weight)] = _given(data, data.detach() @ weight.detach().T)
            return
        found = contraction(name, args, self.members)
        if found and is_given(args[found.data]) and id(found.leaf) not in self.given:
            data = args[found.data].detach()
            if bool(data.any()):
                self.given[id(found.leaf)] = _given(data, result.detach())


def _node(result: Any) -> Node | None:
    return result.grad_fn if isinstance(result, torch.Tensor) else None


def _given(data: torch.Tensor, behind: torch.Tensor) -> Given:
    data = data.detach().double()
    rms, std = float(data.square().mean().sqrt()), float(data.std(correction=0))
    features = data.movedim(feature_dim(data), -1).reshape(-1, data.shape[feature_dim(data)])
    sizes = features.square().mean(dim=0).sqrt()
    sizes = sizes[sizes > 0]
    spread = float(sizes.max() / sizes.min()) if sizes.numel() else 1.0
    offset = abs(float(data.mean())) / std if std > 0 else 0.0
    return Given(rms, offset, spread, float(behind.double().square().mean().sqrt()))


def feature_dim(data: torch.Tensor) -> int:
    """Which dimension holds features: channels of images, else the last."""
    return 1 if data.ndim >= 4 else -1


def sort_out(census: Census, read: Pass) -> Roles:
    """Tells from the graph of the same pass what each call was."""
    vertex = {node: index for index, node in enumerate(read.graph.nodes)}
    behind = _behind_a_layer(read)
    parents = _parents(read)
    places = [(name, vertex.get(node) if node is not None else None) for name, node in census.activations]
    verdicts = [_gating(read, parents, place) if place is not None else "no" for _, place in places]
    gating = {name for (name, _), verdict in zip(places, verdicts, strict=True) if verdict == "yes"}
    roles: list[Role] = [
        _role(place, behind, verdict == "yes" or (verdict == "maybe" and name in gating))
        for (name, place), verdict in zip(places, verdicts, strict=True)
    ]
    softmaxes = [_role(vertex.get(node) if node else None, behind, False) for node in census.softmaxes]
    branches = _branches(read, [vertex.get(node) if node else None for node in census.sums])
    names = tuple(name for name, _ in places)
    return Roles(tuple(roles), names, tuple(softmaxes), branches, tuple(census.given.values()))


def _role(place: int | None, behind: Sequence[bool], gates: bool) -> Role:
    if place is None:
        return "frozen"
    if not behind[place]:
        return "output"
    return "gate" if gates else "hidden"


def _behind_a_layer(read: Pass) -> list[bool]:
    """For each vertex, whether a layer lies between it and the loss."""
    behind = [False] * len(read.graph.nodes)
    for vertex, edges in enumerate(read.graph.edges):
        place = read.layout.places.get(vertex)
        past = behind[vertex] or (place is not None and place.kind in LAYERS)
        for _, child in edges:
            behind[child] = behind[child] or past
    return behind


def _parents(read: Pass) -> list[list[int]]:
    parents: list[list[int]] = [[] for _ in read.graph.nodes]
    for vertex, edges in enumerate(read.graph.edges):
        for _, child in edges:
            parents[child].append(vertex)
    return parents


def _gating(read: Pass, parents: list[list[int]], vertex: int) -> str:
    """`yes` if what leaves a vertex multiplies something that is computed; `maybe` if something given."""
    found, front = "no", [vertex]
    for _ in range(_MOST_HOPS):
        above = [(child, parent) for child in front for parent in parents[child]]
        for _, parent in above:
            name = read.graph.names[parent]
            if name in _GATED or (name == "Mul" and len({child for _, child in read.graph.edges[parent]}) > 1):
                return "yes"
            if name == "Mul" and read.graph.slots[parent] > 1:
                found = "maybe"
        front = [parent for _, parent in above if read.graph.names[parent] in _SHAPES]
    return found


def _branches(read: Pass, sums: Sequence[int | None]) -> dict[int, int]:
    """Of each call that makes a sum of the chain, the argument with more layers behind it."""
    if read.chain is None:
        return {}
    points = read.chain.points
    ends = dict(pairwise(points))
    found = {}
    for number, vertex in enumerate(sums):
        if vertex is None or vertex not in read.chain.sums or vertex not in ends:
            continue
        counts = {slot: _layers_between(read, child, ends[vertex]) for slot, child in read.graph.edges[vertex]}
        if len(counts) == 2 and counts.get(0) != counts.get(1):
            found[number] = max(counts, key=lambda slot: counts[slot])
    return found


def _layers_between(read: Pass, start: int, end: int) -> int:
    reached, layers = {start}, 0
    for vertex in range(start, end):
        if vertex in reached:
            layers += vertex in read.layout.places and read.layout.places[vertex].kind in LAYERS
            reached.update(child for _, child in read.graph.edges[vertex])
    return layers
