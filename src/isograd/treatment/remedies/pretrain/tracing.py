"""What happens to data in one forward pass: which layers run, on what, and what becomes of their outputs.

A function mode sees every call of torch, of modules and of functions alike; nothing is attached to the model. It runs
in evaluation mode, in which dropout passes its input on, and puts everything back.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from isograd.diagnosis.interventions.rerouting import substituting
from isograd.diagnosis.interventions.roles import plain_name
from isograd.observation.replay import Call, tensors_of
from isograd.observation.undisturbed import undisturbed
from isograd.treatment.remedies.pretrain.layers import TRANSPOSED, Operation

ACTIVATIONS = frozenset({
    "sigmoid", "special_expit", "tanh", "relu", "relu6", "leaky_relu", "elu", "celu", "selu", "gelu", "silu", "mish",
    "softplus", "softsign", "hardtanh", "hardsigmoid", "hardswish",
})  # fmt: skip
"""Functions of one entry without parameters and without chance."""
SAME_FEATURES = frozenset({
    "dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout", "contiguous", "clone",
    "to", "float", "double", "half", "bfloat16", "type_as", "reshape", "view", "flatten", "squeeze", "unsqueeze",
})  # fmt: skip
"""Functions that pass data on, unit by unit; those that reshape do so if the last size stays."""
POOLED = SAME_FEATURES | {
    "max_pool1d", "max_pool2d", "max_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d", "adaptive_avg_pool1d",
    "adaptive_avg_pool2d", "adaptive_avg_pool3d", "adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d",
    "mean", "amax", "pad", "permute", "transpose", "movedim",
}  # fmt: skip
"""Functions that pass on what one layer gives, in another order or less of it."""


@dataclass
class Use:
    """One call of a linear layer or a convolution."""

    weight: Tensor
    """As it was passed; the user's parameter, unless it is computed from one."""
    bias: Tensor | None
    """Likewise."""
    operation: Operation
    """The function that was called."""
    geometry: Mapping[str, Any]
    """Its arguments behind the bias."""
    source: int | None
    """Number of the use whose activation its input is, perhaps pooled or reordered; None where it is not known."""
    same_features: bool
    """True if the input is that activation unit by unit."""
    from_data: bool
    """True if no parameter that trains had a part in its input."""
    activation: str = ""
    """Name of the activation that its output went into; empty if something else came first."""
    activate: Callable[[Tensor], Tensor] | None = None
    """That activation."""


@dataclass(frozen=True)
class _Value:
    """What is known of a tensor."""

    use: int
    """The use that it comes from."""
    activated: bool
    """True behind the activation."""
    same_features: bool
    """True if units are where they were."""


class _Tracer(TorchFunctionMode):
    """Follows data through a pass."""

    def __init__(self, parameters: Iterable[Tensor]) -> None:
        super().__init__()
        self.uses: list[Use] = []
        self._values: dict[int, _Value] = {}
        self._touched = {id(p) for p in parameters if p.requires_grad}  # by a parameter that trains
        self._alive: list[Any] = []  # an identity is one only while its tensor lives

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        given = tensors_of((args, kwargs))
        known = self._values.get(id(given[0])) if given else None
        shape = given[0].shape if given else torch.Size()
        use = self._use(func, args, kwargs) if func is functional.linear or func in TRANSPOSED else None
        out = func(*args, **kwargs)
        made = tensors_of(out)
        self._alive.append((given, made))
        if any(id(tensor) in self._touched for tensor in given):
            self._touched.update(id(tensor) for tensor in made)
        value = self._value(func, args, kwargs, use, known)
        for tensor in made[:1]:
            if value is None:
                self._values.pop(id(tensor), None)
            else:
                kept = tensor.shape[-1:] == shape[-1:] or use is not None
                self._values[id(tensor)] = _Value(value.use, value.activated, value.same_features and kept)
        return out

    def _use(self, func: Operation, args: Any, kwargs: Any) -> Use:
        names = ("input", "weight", "bias", "stride", "padding", "dilation", "groups")
        given = {**dict(zip(names, args, strict=False)), **kwargs}
        data, weight, bias = given.pop("input"), given.pop("weight"), given.pop("bias", None)
        value = self._values.get(id(data))
        behind = value is not None and value.activated
        if func is not functional.linear:
            given = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1, **given}
        use = Use(
            weight=weight,
            bias=bias,
            operation=func,
            geometry=given,
            source=value.use if value is not None and behind else None,
            same_features=value is not None and value.same_features,
            from_data=id(data) not in self._touched,
        )
        self.uses.append(use)
        return use

    def _value(self, func: Any, args: Any, kwargs: Any, use: Use | None, known: _Value | None) -> _Value | None:
        """What the result of a call is, if it is something that is followed."""
        if use is not None:
            return _Value(len(self.uses) - 1, False, True)
        if known is None:
            return None
        name = plain_name(func).lstrip("_")
        if name in ACTIVATIONS and not known.activated and known.same_features:
            self.uses[known.use].activation = name
            self.uses[known.use].activate = _activation(func, args, kwargs)
            return _Value(known.use, True, True)
        if name in POOLED and known.activated:
            return _Value(known.use, True, known.same_features and name in SAME_FEATURES)
        return None


def _activation(func: Any, args: Any, kwargs: Any) -> Callable[[Tensor], Tensor]:
    kwargs = {key: value for key, value in kwargs.items() if key not in ("input", "inplace")}
    return partial(_call, func, args[1:], kwargs)


def _call(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], z: Tensor) -> Tensor:
    result: Tensor = func(z, *args, **kwargs)
    return result


def trace_uses(model: nn.Module, call: Call) -> tuple[Use, ...]:
    """The layers that run in one pass in evaluation mode, in order.

    >>> model = nn.Sequential(nn.Linear(4, 3), nn.Sigmoid(), nn.Dropout(), nn.Linear(3, 2))
    >>> [(use.activation, use.source, use.from_data) for use in trace_uses(model, Call((torch.ones(1, 4),), {}))]
    [('sigmoid', None, True), ('', 0, False)]
    """
    tracer = _Tracer(model.parameters())
    with undisturbed((model,)), torch.enable_grad():  # some models ask for gradients on their way forward
        model.eval()
        with tracer:
            model(*call.args, **call.kwargs)
    return tuple(tracer.uses)


class _Inputs(TorchFunctionMode):
    """Keeps what one weight is applied to."""

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        self._weight = weight
        self.seen: list[Tensor] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func is functional.linear or func in TRANSPOSED:
            weight = args[1] if len(args) > 1 else kwargs["weight"]
            if weight is self._weight:
                self.seen.append((args[0] if args else kwargs["input"]).detach())
        return func(*args, **kwargs)


def gather_inputs(
    model: nn.Module, calls: Iterable[Call], weight: Tensor, instead: Mapping[int, Tensor] | None = None
) -> list[Tensor]:
    """What a weight is applied to, call by call, in evaluation mode.

    Args:
        model: The model; left as it is.
        calls: How it is called.
        weight: A parameter of it.
        instead: Values that other parameters are to have meanwhile, by identity of the parameter.
    """
    inputs = _Inputs(weight)
    values = {key: partial(_itself, value) for key, value in (instead or {}).items()}
    with undisturbed((model,)), torch.enable_grad():
        model.eval()
        with substituting(values), inputs:
            for call in calls:
                model(*call.args, **call.kwargs)
    return inputs.seen


def _itself(value: Tensor) -> Tensor:
    return value
