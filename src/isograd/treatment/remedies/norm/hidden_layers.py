"""Layers with a hidden activation behind them and no normalisation beside them: where one may be put in between."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from torch import nn
from torch.nn.parameter import is_lazy

from isograd.model.operations import SHAPES
from isograd.treatment.layer_types import LAYER_TYPES, Layer
from isograd.treatment.wiring import Wiring

ACTIVATIONS = {
    nn.Sigmoid: "sigmoid", nn.Tanh: "tanh", nn.ReLU: "relu", nn.LeakyReLU: "leaky_relu", nn.PReLU: "prelu",
    nn.ELU: "elu", nn.CELU: "celu", nn.SELU: "selu", nn.GELU: "gelu", nn.SiLU: "silu", nn.Mish: "mish",
    nn.Hardswish: "hardswish", nn.Hardtanh: "hardtanh", nn.ReLU6: "relu6", nn.Softplus: "softplus",
    nn.Hardsigmoid: "hardsigmoid", nn.RReLU: "rrelu",
}  # fmt: skip
"""Modules that are activations, by type, and the function that each calls."""
_BETWEEN = SHAPES - {"Cat", "Stack"} | {
    "MaxPool2DWithIndices", "MaxPool3DWithIndices", "AvgPool2D", "AvgPool3D", "AdaptiveAvgPool2D", "Mean",
}  # fmt: skip
"""What may stand between a layer and its activation: shapes and pooling."""
_MOST_HOPS = 64
_FEWEST_UNITS = 4


@dataclass(frozen=True)
class HiddenLayer:
    """One layer that a normalisation may follow."""

    path: str
    """Where it stands in the model."""
    module: Layer
    """The layer."""
    activation: str
    """Name of the function behind it, e.g. `relu`."""
    num_dims: int = 0
    """Dimensions of its output; 0 where no call was seen."""
    num_calls: int = 1
    """How often one pass calls it."""

    @property
    def channels(self) -> int:
        """Units, or channels."""
        return self.module.out_features if isinstance(self.module, nn.Linear) else self.module.out_channels

    @property
    def is_batched(self) -> bool:
        """False if its output was seen to have no dimension of examples."""
        if isinstance(self.module, nn.Linear):
            return self.num_dims != 1
        return self.num_dims in (0, self.module.weight.ndim)


def hidden_layers(wiring: Wiring) -> tuple[HiddenLayer, ...]:
    """The layers of one call behind which a hidden activation stands, in execution order.

    Left out are layers that are normalised already (before the layer, between it and the activation, or behind the
    activation), that are frozen, or that hold a `norm` of their own.
    """
    found: dict[str, HiddenLayer] = {}
    for vertex in sorted(wiring.hidden, reverse=True):
        end = _layer_before(wiring, vertex)
        if end is None or _normalised(wiring, end, vertex):
            continue
        call = next(c for c in wiring.outputs[end] if isinstance(c.module, LAYER_TYPES))
        if isinstance(call.module, LAYER_TYPES) and is_open(call.module):
            times = wiring.times(call.module)
            layer = HiddenLayer(call.path, call.module, wiring.hidden[vertex], len(call.output_shape), times)
            found.setdefault(call.path, layer)
    return tuple(found.values())


def is_open(layer: nn.Module) -> bool:
    """True if the layer learns, has its final shape, and its name `norm` is free."""
    parameters = list(layer.parameters())
    if any(is_lazy(parameter) for parameter in parameters):
        return False
    return any(parameter.requires_grad for parameter in parameters) and not hasattr(layer, "norm")


def has_enough_units(layer: HiddenLayer) -> bool:
    """True if something is left of its units when their mean and size are taken away, for one example or several."""
    return layer.channels >= _FEWEST_UNITS and (layer.is_batched or isinstance(layer.module, nn.Linear))


def layers_in_order(model: nn.Module) -> tuple[HiddenLayer, ...]:
    """The same from the module tree alone: layers that their activation follows within one `Sequential`.

    A layer behind a normalisation, or whose activation one follows, is left out, and what is shared is, too.
    """
    found = {}
    for path, module in model.named_modules():
        if isinstance(module, nn.Sequential):
            prefix = f"{path}." if path else ""
            for layer in _in_sequential(prefix, module):
                found[layer.path] = layer
    modules = [module for _, module in model.named_modules(remove_duplicate=False)]
    last = max((at for at, module in enumerate(modules) if isinstance(module, LAYER_TYPES)), default=-1)
    return tuple(
        layer
        for layer in found.values()
        if modules.count(layer.module) == 1
        and modules.index(layer.module) < last  # what follows the last is the output
    )


def _in_sequential(prefix: str, sequential: nn.Sequential) -> Iterator[HiddenLayer]:
    children = list(sequential.named_children())
    around = [None, *(child for _, child in children), None]
    for index, ((name, layer), (_, activation)) in enumerate(pairwise(children)):
        if not isinstance(layer, LAYER_TYPES) or type(activation) not in ACTIVATIONS or not is_open(layer):
            continue
        if not _is_norm(around[index]) and not _is_norm(around[index + 3]):
            yield HiddenLayer(prefix + name, layer, ACTIVATIONS[type(activation)])


def _is_norm(module: nn.Module | None) -> bool:
    return module is not None and "Norm" in type(module).__name__


def _layer_before(wiring: Wiring, activation: int) -> int | None:
    """The output of the layer whose result an activation works on, through shapes, pooling and residual sums."""
    vertex = activation
    for _ in range(_MOST_HOPS):
        if vertex in wiring.branches:
            vertex = wiring.branches[vertex]
        else:
            onward = wiring.data(vertex)
            if len(onward) != 1 or (vertex != activation and wiring.read.graph.names[vertex] not in _BETWEEN):
                return None
            vertex = onward[0]
        if any(isinstance(call.module, LAYER_TYPES) for call in wiring.outputs.get(vertex, ())):
            return vertex
        if wiring.is_layer(vertex):
            return None
    return None


def _normalised(wiring: Wiring, end: int, activation: int) -> bool:
    """True if a normalisation is met on the way to the layers before and behind."""
    layer = end
    while not wiring.is_layer(layer):
        onward = wiring.data(layer)
        if not onward:
            return False
        layer = onward[0]
    return _norm_from(wiring, layer, wiring.data) or _norm_from(wiring, activation, wiring.parents.__getitem__)


def _norm_from(wiring: Wiring, start: int, onward: Callable[[int], tuple[int, ...]]) -> bool:
    front, reached = [start], {start}
    while front:
        for vertex in onward(front.pop()):
            place = wiring.read.layout.places.get(vertex)
            if wiring.read.graph.names[vertex] == "Rsqrt" or (place is not None and place.kind == "norm"):
                return True
            if vertex not in reached and not wiring.is_layer(vertex) and (place is None or place.kind != "activation"):
                reached.add(vertex)
                front.append(vertex)
    return False
