"""Which activation follows each weight, and which weights give the model's output.

Seen on a batch where the model can be called; else told by the order of its modules, and then a layer whose
activation is a function call is taken to be followed by the one that the model's other layers are followed by.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import nn

from isograd.errors import ObservationError
from isograd.model.operations import ACTIVATIONS as OPERATIONS
from isograd.model.operations import operation_name
from isograd.observation.forecasting.elementwise import activation_of
from isograd.observation.passes import Pass, layer_before
from isograd.observation.probe import Measurement, measure
from isograd.theory import ACTIVATIONS, Activation
from isograd.treatment.patient import Patient, weighted
from isograd.treatment.remedies.init.blocks import Block, blocks_of

LINEAR = ACTIVATIONS["linear"]
"""What follows a layer whose output is added, compared or normalised away without an activation."""
_OUTPUTS = frozenset({"Sigmoid", "LogSigmoid"})


@dataclass(frozen=True)
class Following:
    """What follows each weight; by full name of its tensor."""

    activations: Mapping[str, Activation] = field(default_factory=dict)
    """The activation, `LINEAR` if there is none; missing where it could not be told."""
    outputs: frozenset[str] = frozenset()
    """Weights of output layers."""


def following(patient: Patient) -> Following:
    """What follows each weight of the patient as it is now.

    >>> model = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1))
    >>> found = following(Patient(model))
    >>> {name: activation.name for name, activation in found.activations.items()}, sorted(found.outputs)
    ({'0.weight': 'tanh', '2.weight': 'linear'}, ['2.weight'])
    """
    seen = measured(patient)
    return _by_order(patient.model) if seen is None else _by_graph(patient.model, seen)


def measured(patient: Patient) -> Measurement | None:
    """The patient on its first batch as it is now, other edits included; None where that cannot be seen."""
    if not patient.calls:
        return None
    call = patient.calls[0]
    try:
        return measure({"model": patient.model}, lambda: weighted(patient.model(*call.args, **call.kwargs)))
    except ObservationError:
        return None


def _by_graph(model: nn.Module, seen: Measurement) -> Following:
    read, parameters = seen.read, dict(model.named_parameters(remove_duplicate=False))
    after = _activations(read)
    outputs = _output_layers(read)
    found: dict[int, Activation] = {}
    last: set[int] = set()
    for entry in seen.seen:
        for tensor in entry.parameters:
            known = [after[v] for v in entry.vertices if v in after]
            found[id(tensor)] = known[0] if known else LINEAR
            if outputs.intersection(entry.vertices):
                last.add(id(tensor))
    names = {block.site: id(parameters.get(_stored(block))) for block in blocks_of(model)}
    return Following(
        {name: found[tensor] for name, tensor in names.items() if tensor in found},
        frozenset(name for name, tensor in names.items() if tensor in last),
    )


def _stored(block: Block) -> str:
    if not block.computed:
        return block.site
    return ".".join(filter(None, (block.path, "parametrizations", block.attribute, "original1")))


def _activations(read: Pass) -> dict[int, Activation]:
    """By vertex of a layer: the first activation that works on what it gave."""
    found: dict[int, Activation] = {}
    for vertex, place in sorted(read.layout.places.items(), reverse=True):
        if place.kind == "activation":
            layer = layer_before(read.graph, read.layout, vertex)
            if layer is not None:
                slope = _slope(read, vertex)
                found.setdefault(layer, activation_of(read.graph.names[vertex], read.graph.nodes[vertex], slope))
    return found


def _slope(read: Pass, vertex: int) -> float:
    """Mean slope of a PReLU; 1/4, as it is born, where it cannot be read."""
    onward = [child for slot, child in read.graph.edges[vertex] if slot == 1]
    while onward and (leaf := read.graph.leaf(onward[0])) is None:
        onward = [child for _, child in read.graph.edges[onward[0]]]
    return float(leaf.detach().mean()) if onward and leaf is not None else 0.25


def _output_layers(read: Pass) -> set[int]:
    """Layers from which the output is reached past no other layer, and past no hidden activation."""
    front, seen, found = [0], {0}, set()
    while front:
        vertex = front.pop()
        place = read.layout.places.get(vertex)
        if place is not None and place.kind in ("weight", "fused", "embedding"):
            found.add(vertex)
            continue
        if place is not None and place.kind == "activation" and read.graph.names[vertex] not in _OUTPUTS:
            continue
        onward = [child for _, child in read.graph.edges[vertex] if child not in seen]
        seen.update(onward)
        front += onward
    return found


def activation_module(module: nn.Module) -> Activation | None:
    """What theory knows of an activation module; None for all else.

    It is asked of the module itself, on a number: what autograd kept of that tells the operation and its settings.

    >>> activation_module(nn.LeakyReLU(0.2)).name, activation_module(nn.Softmax(-1))
    ('leaky_relu(0.2)', None)
    """
    if type(module).__module__ != nn.ReLU.__module__ or isinstance(module, nn.MultiheadAttention):
        return None
    slopes = list(module.parameters())
    device = slopes[0].device if slopes else torch.device("cpu")
    number = torch.ones(1, sum(p.numel() for p in slopes) or 2, device=device, requires_grad=True)
    with torch.random.fork_rng(devices=()), torch.enable_grad():  # an RReLU draws
        node = module(number).grad_fn
    name = operation_name(node.name()) if node is not None else ""
    slope = float(slopes[0].detach().mean()) if slopes else 0.0
    return activation_of(name, node, slope) if name in OPERATIONS else None


def _by_order(model: nn.Module) -> Following:
    """By the order of the modules: the next activation that stands before another layer."""
    blocks = blocks_of(model)
    layers = {block.path for block in blocks if block.role == "layer"}
    found: dict[str, Activation] = {}
    current, usual = None, Counter[str]()
    known: dict[str, Activation] = {}
    for path, module in model.named_modules():
        activation = activation_module(module)
        if path in layers:
            current = path
        elif activation is not None:
            usual[activation.name] += 1
            known[activation.name] = activation
            if current is not None:
                found[current], current = activation, None
    order = [block.path for block in blocks if block.role == "layer"]
    last = order[-1] if order and order[-1] not in found else None
    if last is not None:
        found[last] = LINEAR
    common = known[usual.most_common(1)[0][0]] if usual else None
    activations = {
        block.site: activation
        for block in blocks
        if block.role == "layer" and (activation := found.get(block.path, common)) is not None
    }
    return Following(activations, frozenset(b.site for b in blocks if b.role == "layer" and b.path == last))
