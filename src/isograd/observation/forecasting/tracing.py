"""A run without data: the model's own forward function on tensors that have shapes but no numbers.

Parameters and buffers are replaced for the time of the run by tensors without storage, so nothing of the model is
computed with, no batch-norm statistics move and no random number is drawn.
"""

import contextlib
import logging
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.autograd.graph import Node
from torch.func import functional_call
from torch.nn import functional
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves, tree_map_only

from isograd.errors import ObservationError
from isograd.facts import Text
from isograd.model.chain import Chain, find_chain
from isograd.model.graph import Graph, trace
from isograd.model.places import Layout, lay_out
from isograd.observation.forecasting import notes
from isograd.observation.replay import tensors_of
from isograd.observation.stored import activations_stored

_BATCH = 32
_TOKENS = 16
_IMAGE_SIZES = (32, 28, 64, 96, 224)
_DROPOUTS = frozenset(
    getattr(functional, name)
    for name in ("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout")
)


_SHIFTS = {
    "add": 1.0, "__add__": 1.0, "__radd__": 1.0, "add_": 1.0, "__iadd__": 1.0, "sub": -1.0, "__sub__": -1.0,
    "sub_": -1.0, "__isub__": -1.0, "rsub": 1.0, "__rsub__": 1.0,
}  # fmt: skip
"""Sums by the name of their function: with which sign a number in them is added to the tensor, or it to the number."""


@dataclass(frozen=True)
class Traced:
    """The graph that the model's forward function makes."""

    graph: Graph
    layout: Layout
    chain: Chain | None
    names: Mapping[int, str]
    """Full name of each parameter, by the identity of the tensor that stands for it in the graph."""
    labels: Mapping[Node, tuple[str, float]]
    """Nodes that stand for a function which the graph alone does not tell: `dropout` and its p, `softsign`, and the
    `shift` of a sum with a number."""
    batch: int
    """Examples of the run."""
    notes: tuple[Text, ...]
    """What was assumed."""


@dataclass
class _Labels(TorchFunctionMode):
    """Notes which node belongs to a dropout or a softsign: the graph shows only a product or a quotient."""

    found: dict[Node, tuple[str, float]] = field(default_factory=dict)
    decided: bool = False
    """True if the model asked for the truth of a tensor."""

    def __post_init__(self) -> None:
        super().__init__()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func is torch.Tensor.__bool__:  # a tensor without numbers cannot be asked; most such questions are of masks
            self.decided = True
            return True
        out = func(*args, **kwargs)
        if func in _DROPOUTS and isinstance(out, torch.Tensor) and out.grad_fn is not None:
            p = kwargs.get("p", args[1] if len(args) > 1 else 0.5)
            training = kwargs.get("training", args[2] if len(args) > 2 else func is not functional.alpha_dropout)
            if training and p:
                self.found[out.grad_fn] = ("dropout", float(p))
        elif func is functional.softsign and out.grad_fn is not None:
            self.found[out.grad_fn] = ("softsign", 0.0)
        elif (shift := _shift(func, args, kwargs)) and isinstance(out, torch.Tensor) and out.grad_fn is not None:
            self.found[out.grad_fn] = ("shift", shift)
        return out


def _shift(function: Any, args: Any, kwargs: Any) -> float:
    """The number that a sum adds to its tensor, as in `gate + 1`; the graph keeps no trace of it; else 0."""
    sign = _SHIFTS.get(getattr(function, "__name__", ""))
    if sign is None or len(args) != 2 or kwargs:
        return 0.0
    numbers = [one for one in args if isinstance(one, int | float) and not isinstance(one, bool)]
    return sign * float(numbers[0]) if len(numbers) == 1 else 0.0


def trace_model(model: nn.Module, example: Any) -> Traced:
    """Runs the model without data and reads its graph.

    Args:
        model: any module; left as it is, mode included.
        example: a tensor, or a tuple or dictionary of them, of which only shapes and formats are used; None to guess.

    Raises:
        ObservationError: if the model runs with none of the inputs tried, or nothing in its output has a gradient.
    """
    if example is not None:
        return _run_with(model, example)
    problem = "it holds no layer whose input could be guessed"
    shape: tuple[int, ...]
    for subject, remarks in _subjects(model):
        for shape, integers in _guesses(subject):
            guess = torch.empty(shape, dtype=torch.long if integers else _format(model), device="meta")
            try:
                return _run(subject, guess, (*remarks, notes.guessed(shape)), model)
            except Exception as error:  # noqa: BLE001  # the model's own code; the next guess may fit
                problem = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    raise ObservationError(
        f"no input that {type(model).__name__} runs with could be guessed ({problem}); pass example= a batch as the"
        " model takes it, of which only the shapes are used"
    )


def _run_with(model: nn.Module, example: Any) -> Traced:
    problem = ""
    for subject, remarks in _subjects(model):
        try:
            return _run(subject, example, remarks, model)
        except ObservationError:
            raise
        except Exception as error:  # noqa: BLE001  # the model's own code; its modules in order may still do
            problem = problem or f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    raise ObservationError(
        f"{type(model).__name__} does not run on the example's shapes without data ({problem}); pass an example that it"
        " takes, and no decision in forward may depend on a number in a tensor"
    )


def _format(model: nn.Module) -> torch.dtype:
    """Number format of the first parameter that is a floating-point number."""
    formats = (parameter.dtype for parameter in model.parameters() if parameter.dtype.is_floating_point)
    return next(formats, torch.get_default_dtype())


def _subjects(model: nn.Module) -> Iterator[tuple[nn.Module, tuple[Text, ...]]]:
    yield model, ()
    leaves = [module for module in model.modules() if not list(module.children())]
    if len(leaves) > 1:
        order = nn.Sequential()
        order.training = model.training
        for index, leaf in enumerate(leaves):
            order._modules[str(index)] = leaf  # `add_module` is the same; no parent is written into the leaf
        yield order, (notes.ORDER,)


def _guesses(model: nn.Module) -> Iterator[tuple[tuple[int, ...], bool]]:
    """Shapes that suit the first module that holds parameters, and whether they are filled with integers."""
    first = next((m for m in model.modules() if next(m.parameters(recurse=False), None) is not None), None)
    if isinstance(first, nn.Linear | nn.LayerNorm | nn.RMSNorm | nn.BatchNorm1d):
        width = getattr(first, "in_features", None) or first.state_dict()["weight"].shape[-1]
        yield from (((_BATCH, width), False), ((_BATCH, _TOKENS, width), False))
    elif isinstance(first, nn.Embedding):
        yield from (((_BATCH, _TOKENS), True), ((_BATCH,), True))
    elif isinstance(first, nn.RNNBase):
        yield (_BATCH, _TOKENS, first.input_size) if first.batch_first else (_TOKENS, _BATCH, first.input_size), False
    elif isinstance(first, nn.MultiheadAttention):
        yield from (((_BATCH, _TOKENS, first.embed_dim), False),)
    elif isinstance(first, nn.modules.conv._ConvNd):
        sizes = (64, 256, 1024) if isinstance(first, nn.Conv1d) else _IMAGE_SIZES
        dimensions = len(first.kernel_size)
        yield from (((_BATCH, first.in_channels, *([size] * dimensions)), False) for size in sizes)


def _run(subject: nn.Module, example: Any, remarks: tuple[Text, ...], model: nn.Module | None = None) -> Traced:
    """On the meta device, and where that is not enough on stand-ins that know a device, ten times as slow."""
    if not any(isinstance(module, nn.RNNBase) for module in subject.modules()):  # fused on the CPU, not on meta
        try:
            return _run_on(torch.device("meta"), subject, example, remarks, model or subject)
        except Exception:  # noqa: BLE001  # mostly constants on the CPU; if the model is at fault it fails again
            pass
    return _run_on(FakeTensorMode(allow_non_fake_inputs=True), subject, example, remarks, model or subject)


def _run_on(
    place: AbstractContextManager[Any], subject: nn.Module, example: Any, remarks: tuple[Text, ...], model: nn.Module
) -> Traced:
    device = "meta" if isinstance(place, torch.device) else "cpu"
    labels = _Labels()
    state = torch.get_rng_state()
    try:
        with contextlib.ExitStack() as stack:
            # Attention by plain products, whose graph shows what a fused kernel hides.
            stack.enter_context(sdpa_kernel(SDPBackend.MATH))
            stack.enter_context(torch.enable_grad())
            stack.enter_context(activations_stored())
            stack.enter_context(_quiet())
            stack.enter_context(place)
            stand_ins, names = _stand_ins(subject, model, device)
            inputs = tree_map_only(torch.Tensor, lambda tensor: _stand_in_input(tensor, device), example)
            stack.enter_context(labels)
            arguments, keywords = _arguments(inputs)
            output = functional_call(subject, stand_ins, arguments, keywords)
    finally:
        torch.set_rng_state(state)
    roots = [tensor for tensor in tensors_of(output) if tensor.grad_fn is not None]
    graph = trace(roots[:1])  # further outputs (states, attention maps) are not what a loss is mostly made of
    layout = lay_out(graph, lambda tensor: id(tensor) in names) if graph is not None else None
    if graph is None or layout is None or not layout.places:
        raise ObservationError(
            f"nothing that {type(subject).__name__} gives depends on a parameter that requires a gradient; unfreeze one"
        )
    sizes = [leaf.shape[0] for leaf in tree_leaves(inputs) if isinstance(leaf, torch.Tensor) and leaf.ndim]
    remarks = (*remarks, notes.DECIDED) if labels.decided else remarks
    return Traced(graph, layout, find_chain(graph, layout), names, labels.found, min(sizes, default=1), remarks)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """A guess that does not fit is no error of the user's, yet torch prints a trace of it."""
    logger = logging.getLogger("torch._subclasses.fake_tensor")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


def _arguments(inputs: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    if isinstance(inputs, Mapping):
        return (), dict(inputs)
    return (tuple(inputs) if isinstance(inputs, tuple | list) else (inputs,)), {}


def _stand_in_input(tensor: torch.Tensor, device: str) -> torch.Tensor:
    floating = tensor.dtype.is_floating_point
    return torch.empty(tensor.shape, dtype=tensor.dtype, device=device, requires_grad=floating)


def _stand_ins(subject: nn.Module, model: nn.Module, device: str) -> tuple[dict[str, torch.Tensor], dict[int, str]]:
    """Tensors without numbers for all parameters and buffers of the subject, and their names; tied ones stay one."""
    paths = {id(parameter): name for name, parameter in model.named_parameters()}
    made: dict[int, torch.Tensor] = {}
    stand_ins: dict[str, torch.Tensor] = {}
    names: dict[int, str] = {}
    parameters = subject.named_parameters(remove_duplicate=False)
    for name, tensor in (*parameters, *subject.named_buffers(remove_duplicate=False)):
        if id(tensor) not in made:
            made[id(tensor)] = torch.empty(
                tensor.shape, dtype=tensor.dtype, device=device, requires_grad=tensor.requires_grad
            )
        stand_ins[name] = made[id(tensor)]
        if id(tensor) in paths:
            names[id(made[id(tensor)])] = paths[id(tensor)]
    return stand_ins, names
