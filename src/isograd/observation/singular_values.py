"""Extreme singular values of block Jacobians, without the Jacobians.

Bidiagonalisation after Golub and Kahan (1965), with full reorthogonalisation: each step takes a product with J and
one with its transpose. J v comes of differentiating the backward pass, which is linear in the gradient that it is
given: that works in training mode and for operations without a forward-mode derivative.

Legend: J the Jacobian of one example, m x n; u, v left and right vectors; alpha, beta the bidiagonal.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.modules.module import register_module_forward_hook

from isograd.errors import ObservationError, UsageError
from isograd.facts.extremes import Extremes
from isograd.observation.replay import Call, tensors_of
from isograd.observation.undisturbed import undisturbed

STEPS = 64
"""Steps of the bidiagonalisation; a Jacobian with no more rows or columns is exhausted by them."""
Product = Callable[[Tensor], Tensor]
_NOTHING_LEFT = 1e-10
"""A next vector of this share of the largest value is rounding: the Jacobian is exhausted."""


def singular_values(
    model: nn.Module, loss: Callable[[], Any], blocks: Sequence[str] = (), steps: int = STEPS, example: int = 0
) -> tuple[Extremes, ...]:
    """The extreme singular values of the Jacobian of each block, at one example of a batch.

    Args:
        model: The model; it is left as it is.
        loss: Runs the model on the batch to look at; what it returns is not used.
        blocks: Paths of modules; by default the parts of the model's longest `Sequential` or `ModuleList`.
        steps: Of the iteration, each as dear as a forward and a backward pass of the block.
        example: Which example of the batch.

    Returns:
        One entry a block, in the order in which they ran.

    Raises:
        UsageError: If a block is not there, or there is none to take by default.
        ObservationError: If a block did not run, gave no tensor, or cannot be differentiated twice.

    >>> model = nn.Sequential(nn.Linear(3, 3, bias=False), nn.Linear(3, 2))
    >>> _ = nn.init.orthogonal_(model[0].weight, gain=2.0)
    >>> first, _ = singular_values(model, lambda: model(torch.ones(4, 3)))
    >>> first.block, round(first.largest, 4), round(first.smallest, 4), first.exact
    ('0', 2.0, 2.0, True)

    Source: Golub and Kahan 1965; Pennington et al. 2017 for what they say of training.
    """
    named = _named(model, blocks)
    with undisturbed((model,)), torch.enable_grad(), _differentiable():
        calls = _calls(named, loss)
        if missing := [name for name in named if name not in calls]:
            raise ObservationError(f"the block {missing[0]} did not run when loss() was called")
        return tuple(_extremes(name, named[name], call, steps, example) for name, call in calls.items())


def _named(model: nn.Module, blocks: Sequence[str]) -> dict[str, nn.Module]:
    parts = dict(model.named_modules())
    if unknown := [name for name in blocks if name not in parts]:
        raise UsageError(
            f"the model has no module {unknown[0]!r}; blocks are paths as model.named_modules() gives them"
        )
    if blocks:
        return {name: parts[name] for name in blocks}
    stacks = [(path, part) for path, part in parts.items() if isinstance(part, nn.Sequential | nn.ModuleList)]
    if not stacks:
        raise UsageError("the model holds no Sequential or ModuleList to take blocks from; name them, e.g. ['encoder']")
    path, stack = max(stacks, key=lambda one: len(one[1]))
    return {f"{path}.{name}" if path else name: part for name, part in stack.named_children()}


@contextmanager
def _differentiable() -> Iterator[None]:
    """Attention and recurrent layers by operations that can be differentiated twice."""
    with ExitStack() as stack:
        stack.enter_context(sdpa_kernel(SDPBackend.MATH))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch warns of a GPU that nobody asked for
            stack.enter_context(torch.backends.mkldnn.flags(enabled=False))
        yield


def _calls(named: Mapping[str, nn.Module], loss: Callable[[], Any]) -> dict[str, Call]:
    """How each block was called first, in that order."""
    names = {id(part): name for name, part in named.items()}
    calls: dict[str, Call] = {}

    def listen(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any) -> None:
        if id(module) in names:
            calls.setdefault(names[id(module)], Call(args, kwargs))

    handle = register_module_forward_hook(listen, with_kwargs=True)
    try:
        loss()
    finally:
        handle.remove()
    return calls


def _extremes(name: str, block: nn.Module, call: Call, steps: int, example: int) -> Extremes:
    given = next((one for one in call.args if isinstance(one, Tensor) and one.is_floating_point()), None)
    if given is None:
        raise ObservationError(f"the block {name} was given no tensor of numbers as an argument by position")
    point = given.detach().clone().requires_grad_()
    args = tuple(point.clone() if one is given else one for one in call.args)  # a clone may be written in place
    result = next((t for t in tensors_of(block(*args, **call.kwargs)) if t.grad_fn is not None), None)
    if result is None:
        raise ObservationError(f"what the block {name} gives does not depend on its input; is it detached?")
    if not (point.ndim and result.ndim and example < len(point) and example < len(result)):
        raise ObservationError(
            f"the block {name} has no example {example}: its input has the shape {tuple(point.shape)}"
        )
    try:
        alphas, betas, exact = _bidiagonal(_Jacobian(point, result, example), steps)
    except RuntimeError as error:
        said = str(error).split("\n")[0].rstrip(".")
        raise ObservationError(f"the block {name} cannot be differentiated twice: {said}") from error
    diagonal, above = (torch.tensor(values, dtype=torch.float64) for values in (alphas, betas))
    values = torch.linalg.svdvals(torch.diag(diagonal) + torch.diag(above, 1))
    return Extremes(name, float(values[0]), float(values[-1]), exact)


class _Jacobian:
    """Products with J and its transpose, for the entries of one example; vectors are flat and in float64."""

    def __init__(self, point: Tensor, result: Tensor, example: int) -> None:
        self._point, self._result, self._example = point, result, example
        self._seed = torch.zeros_like(result, requires_grad=True)
        (self._pulled,) = torch.autograd.grad(result, point, self._seed, create_graph=True)
        self.columns, self.rows = point[example].numel(), result[example].numel()

    def times(self, v: Tensor) -> Tensor:
        """J v."""
        (product,) = torch.autograd.grad(self._pulled, self._seed, self._placed(self._point, v), retain_graph=True)
        return _flat(product[self._example])

    def transposed_times(self, u: Tensor) -> Tensor:
        """J^T u."""
        (product,) = torch.autograd.grad(self._result, self._point, self._placed(self._result, u), retain_graph=True)
        return _flat(product[self._example])

    def _placed(self, like: Tensor, vector: Tensor) -> Tensor:
        placed = torch.zeros_like(like)
        placed[self._example] = vector.reshape(like[self._example].shape).to(like)
        return placed.detach()


def _flat(tensor: Tensor) -> Tensor:
    return tensor.detach().reshape(-1).to("cpu", torch.float64)


def _bidiagonal(jacobian: _Jacobian, steps: int) -> tuple[list[float], list[float], bool]:
    """Diagonal and upper diagonal, and whether the Jacobian was exhausted."""
    forth: Product = jacobian.times
    back: Product = jacobian.transposed_times
    if jacobian.rows < jacobian.columns:  # the transpose has the same values, and is exhausted by fewer steps
        forth, back = back, forth
    most = min(jacobian.rows, jacobian.columns)
    v = torch.randn(most, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    rights: list[Tensor] = [v / v.norm()]
    lefts: list[Tensor] = []
    alphas: list[float] = []
    betas: list[float] = []
    for step in range(min(steps, most)):
        u = _beside(forth(rights[-1]), lefts)
        alphas.append(float(u.norm()))
        if alphas[-1] <= _NOTHING_LEFT * max(alphas):
            return alphas, betas, True
        lefts.append(u / alphas[-1])
        v = _beside(back(lefts[-1]), rights)
        size = float(v.norm())
        if size <= _NOTHING_LEFT * max(alphas) or step + 1 == most:
            return alphas, betas, True
        if step + 1 == steps:
            break
        betas.append(size)
        rights.append(v / size)
    return alphas, betas, False


def _beside(vector: Tensor, others: Sequence[Tensor]) -> Tensor:
    """What of a vector is orthogonal to others; twice, since once leaves rounding behind."""
    for _ in range(2):
        for other in others:
            vector = vector - (other @ vector) * other
    return vector
