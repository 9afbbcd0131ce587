"""Which layers can be pre-trained one after the other: the chain of hidden layers that starts at the data.

Each is a layer whose output goes straight into its activation, and from there, dropout aside, into the next layer. The
last of the network is never one of them: what an output is to be, the data do not say. A layer ends the chain that is
frozen, has no bias, is used twice in a pass, or whose weight is computed from others (weight normalisation).
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from torch import Tensor, nn
from torch.nn import functional
from torch.nn.parameter import is_lazy

from isograd.observation.replay import Call
from isograd.treatment.remedies.pretrain.layers import HiddenLayer, per_dimension
from isograd.treatment.remedies.pretrain.tracing import ACTIVATIONS, Use, trace_uses

SIGMOIDS = ("sigmoid", "special_expit")
"""Names of the logistic function."""
UNITS_OF_MACHINES = frozenset({*SIGMOIDS, "tanh"})
"""What a machine's hidden units can become: tanh x = 2 sigmoid(2x) - 1."""


def belief_chain(model: nn.Module, call: Call) -> tuple[HiddenLayer, ...]:
    """Linear layers with sigmoid or tanh that become a deep belief network; empty where there are not two.

    >>> model = nn.Sequential(nn.Linear(4, 3), nn.Sigmoid(), nn.Linear(3, 3), nn.Sigmoid(), nn.Linear(3, 2))
    >>> import torch
    >>> [layer.site for layer in belief_chain(model, Call((torch.ones(1, 4),), {}))]
    ['0', '2']
    """
    return _chain(
        model, call, lambda use: use.operation is functional.linear and use.activation in UNITS_OF_MACHINES, True
    )


def encoder_chain(model: nn.Module, call: Call) -> tuple[HiddenLayer, ...]:
    """Linear layers and convolutions, pooling between allowed, that become encoders; empty where there are not two."""
    return _chain(model, call, lambda use: use.activation in ACTIVATIONS and _invertible(use), False)


def _chain(model: nn.Module, call: Call, fits: Callable[[Use], bool], same_features: bool) -> tuple[HiddenLayer, ...]:
    if any(is_lazy(p) for p in model.parameters()):
        return ()
    names = {id(p): name for name, p in model.named_parameters()}
    uses = trace_uses(model, call)
    counts = Counter(id(tensor) for use in uses for tensor in (use.weight, use.bias) if tensor is not None)
    follows: dict[int, list[int]] = {}
    for number, use in enumerate(uses):
        if use.source is not None and (use.same_features or not same_features):
            follows.setdefault(use.source, []).append(number)
    able = {
        number
        for number, use in enumerate(uses)
        if number in follows and fits(use) and all(_own(t, names, counts) for t in (use.weight, use.bias))
    }
    starts = [number for number in sorted(able) if uses[number].from_data]
    longest = max((tuple(_onward(start, follows, able)) for start in starts), key=len, default=())
    return tuple(_layer(uses[number], names) for number in longest) if len(longest) > 1 else ()


def _own(tensor: Tensor | None, names: Mapping[int, str], counts: Mapping[int, int]) -> bool:
    """True for a parameter of the model that trains and has one use."""
    return tensor is not None and tensor.requires_grad and id(tensor) in names and counts[id(tensor)] == 1


def _onward(start: int, follows: Mapping[int, Sequence[int]], able: set[int]) -> Iterator[int]:
    number = start
    while True:
        yield number
        onward = [other for other in follows[number] if other in able]
        if len(onward) != 1:
            return
        number = onward[0]


def _invertible(use: Use) -> bool:
    """True for a linear layer, and for a convolution whose padding is known as numbers."""
    if use.operation is functional.linear:
        return True
    return not isinstance(use.geometry["padding"], str) or _numbers(use) is not None


def _numbers(use: Use) -> tuple[int, ...] | None:
    """Padding that is given by name, as numbers; None where it is not the same on both sides."""
    if use.geometry["padding"] == "valid":
        return (0,) * (use.weight.ndim - 2)
    dilations = per_dimension(use.geometry["dilation"], use.weight.ndim - 2)
    spans = [dilation * (k - 1) for dilation, k in zip(dilations, use.weight.shape[2:], strict=True)]
    return None if any(span % 2 for span in spans) else tuple(span // 2 for span in spans)


def _layer(use: Use, names: Mapping[int, str]) -> HiddenLayer:
    assert isinstance(use.weight, nn.Parameter)
    assert isinstance(use.bias, nn.Parameter)
    assert use.activate is not None
    geometry: dict[str, Any] = dict(use.geometry)
    if isinstance(geometry.get("padding"), str):
        geometry["padding"] = _numbers(use)
    return HiddenLayer(
        site=names[id(use.weight)].removesuffix(".weight"),
        weight=use.weight,
        bias=use.bias,
        operation=use.operation,
        geometry=geometry,
        activation=use.activation,
        activate=use.activate,
    )
