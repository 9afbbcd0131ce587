"""Loss scaling without a change of the training loop: what `torch.amp.GradScaler` does, around every backward pass.

The gradient that a backward pass starts from is multiplied by a power of two, so that what follows does not underflow
in float16; gradients of parameters are divided by it as soon as the pass is over, so that clipping and logging see them
true to size. A step with an overflow is left out and the scale halved; after 2000 good steps it is doubled.
Micikevicius and others, Mixed precision training, 2018, section 3.2; numbers as in torch.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, final

import torch

from isograd.errors import UsageError
from isograd.treatment.interposition import Place
from isograd.treatment.remedies.precision.leaves import reach_of
from isograd.treatment.remedies.precision.master_weights import MasterWeights, recast
from isograd.treatment.updates import Around, Handle, parameters_of

_ENGINE = "_engine_run_backward"
# `torch.autograd.backward` and `grad` both call it by its name: inside all that watches or wraps backward passes.
_PLACE = Place(torch.autograd, _ENGINE)


def available() -> bool:
    """True if this version of torch runs its backward passes where we can stand."""
    return hasattr(torch.autograd, _ENGINE)


@final
class LossScale:
    """Scales every backward pass that reaches an optimizer's parameters; made with the numbers of `GradScaler`.

    float16 parameters are updated through float32 copies, and their gradients stay scaled until the step.
    Passes with `create_graph=True` and `torch.autograd.grad` are left as they are. Hooks on tensors see scaled
    gradients, so an optimizer must not step in one.

    Args:
        init_scale: The first scale.
        growth_factor: What it is multiplied by after `growth_interval` good steps.
        backoff_factor: What it is multiplied by after an overflow.
        growth_interval: Steps.

    >>> weight = torch.nn.Parameter(torch.ones(1))
    >>> optimizer = torch.optim.SGD([weight], lr=1.0)
    >>> handle = LossScale().attach(optimizer)
    >>> (weight.half() * 1e-7).float().mul(1e-3).sum().backward()
    >>> 0.9e-10 < weight.grad.item() < 1.3e-10
    True
    >>> handle.remove()
    """

    def __init__(
        self,
        init_scale: float = 2.0**16,
        growth_factor: float = 2.0,
        backoff_factor: float = 0.5,
        growth_interval: int = 2000,
    ) -> None:
        self.scale = float(init_scale)
        """The scale in force."""
        self.steps = 0
        """Steps seen."""
        self.left_out = 0
        """Steps left out after an overflow."""
        self._growth_factor, self._backoff_factor = growth_factor, backoff_factor
        self._growth_interval, self._good = growth_interval, 0
        self._found: list[torch.Tensor] = []
        self._pending: dict[torch.Tensor, float] = {}
        self._masters = MasterWeights()
        self._own: list[torch.Tensor] = []
        self._within = False

    def attach(self, optimizer: torch.optim.Optimizer) -> Handle:
        """Scales from now on.

        Returns:
            What holds it; `remove()` ends it.

        Raises:
            UsageError: torch has no place for it, or the optimizer evaluates float16 weights within its step.
        """
        self._own = list(parameters_of(optimizer))
        if not available():
            raise UsageError(f"torch {torch.__version__} has no torch.autograd.{_ENGINE}: use torch.amp.GradScaler.")
        if isinstance(optimizer, torch.optim.LBFGS) and any(p.dtype == torch.float16 for p in self._own):
            raise UsageError("LBFGS with float16 parameters cannot be loss-scaled: use float32 ones with autocast.")
        around = Around(optimizer, lambda: self._before(optimizer), self._masters.leave)

        def restore() -> None:
            for parameter in self._own:
                if parameter.dtype == torch.float16:
                    recast(optimizer, parameter, torch.float32, torch.float16)
                if parameter in self._pending and parameter.grad is not None:
                    parameter.grad.div_(self._pending.pop(parameter))

        return Handle(_PLACE.enter(self._around), around.remove, restore)

    def state_dict(self) -> dict[str, Any]:
        """Scale and counts, to be saved with a checkpoint."""
        return {"scale": self.scale, "steps": self.steps, "left_out": self.left_out, "good": self._good}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Takes over what `state_dict` gave."""
        self.scale, self._good = float(state["scale"]), int(state["good"])
        self.steps, self.left_out = int(state["steps"]), int(state["left_out"])

    def _around(self, original: Callable[..., Any], outputs: Sequence[Any], *args: Any, **kwargs: Any) -> Any:
        gradients, _, create_graph, inputs = args[:4]
        if self._within or create_graph or not kwargs.get("accumulate_grad", False):
            return original(outputs, *args, **kwargs)
        reach = reach_of(outputs, inputs)
        own = {id(p) for p in self._own}
        sharded = any(hasattr(p, "to_local") for p in self._own)  # whose graph holds gathered copies of them
        if not (reach.hides or sharded or any(id(leaf) in own for leaf in reach.leaves)):
            return original(outputs, *args, **kwargs)
        others = [leaf for leaf in reach.leaves if id(leaf) not in own]
        self._into_scale((*self._own, *others))
        scaled = tuple(None if gradient is None else gradient * self.scale for gradient in gradients)
        self._within = True  # backward passes within this one, of checkpointing, go on with scaled gradients
        try:
            return original(outputs, scaled, *args[1:], **kwargs)
        finally:
            self._within = False
            self._out_of_scale(others)
            self._found.extend(self._out_of_scale(self._with_true_gradients()))

    @torch.no_grad()
    def _into_scale(self, leaves: Iterable[torch.Tensor]) -> None:
        """Brings gradients that are there to the scale of those that will be added."""
        for leaf in leaves:
            if leaf.grad is None:
                self._pending.pop(leaf, None)
            else:
                leaf.grad.mul_(self.scale / self._pending.get(leaf, 1.0))

    def _with_true_gradients(self) -> list[torch.Tensor]:
        """Parameters whose gradient can be divided now: in float16 that would undo the scaling, so there it waits."""
        halves = [p for p in self._own if p.grad is not None and p.grad.dtype == torch.float16]
        self._pending.update(dict.fromkeys(halves, self.scale))
        return [p for p in self._own if p not in self._pending]

    @torch.no_grad()
    def _out_of_scale(self, leaves: Iterable[torch.Tensor]) -> list[torch.Tensor]:
        """Divides gradients by the scale.

        Returns:
            For each device and format: above 0 if an entry is not finite.
        """
        alike: dict[tuple[torch.device, torch.dtype], list[torch.Tensor]] = {}
        for leaf in leaves:
            if leaf.grad is None:
                continue
            values = leaf.grad._values() if leaf.grad.is_sparse else leaf.grad
            values = torch.view_as_real(values) if values.is_complex() else values
            alike.setdefault((values.device, values.dtype), []).append(values)
        found = []
        for (device, _), gradients in alike.items():
            found.append(torch.zeros((), device=device))
            inverse = torch.full((), 1.0 / self.scale, device=device)
            torch._amp_foreach_non_finite_check_and_unscale_(gradients, found[-1], inverse)
        return found

    def _before(self, optimizer: torch.optim.Optimizer) -> None:
        """Before an update: leaves it out after an overflow, and adapts the scale."""
        given = [parameter for parameter in self._own if parameter.grad is not None]
        if not given:
            return
        halves = [(p, self._true(p)) for p in given if p in self._pending]
        bad = any(float(found) > 0 for found in self._found)
        bad = bad or not all(bool(gradient.isfinite().all()) for _, gradient in halves)
        self._found.clear()
        self._adapt(bad)
        if bad:
            for parameter in given:
                parameter.grad = None
        else:
            self._masters.enter(optimizer, halves)

    def _true(self, parameter: torch.Tensor) -> torch.Tensor:
        assert parameter.grad is not None, "only gradients that are there are pending"
        return parameter.grad.float() / self._pending[parameter]

    def _adapt(self, overflowed: bool) -> None:
        self.steps += 1
        if overflowed:
            self.left_out += 1
            self.scale, self._good = self.scale * self._backoff_factor, 0
            return
        self._good += 1
        if self._good == self._growth_interval:
            self._good = 0
            grown = self.scale * self._growth_factor
            self.scale = grown if math.isfinite(grown) and grown < 3e38 else self.scale
