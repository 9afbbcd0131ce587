"""What all clippers share: whose gradients, when, how often they bound, and that steps not finite are left out."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch

from isograd.treatment.remedies.clip.gradient_size import Size, shrink_, size_of
from isograd.treatment.updates import Around, parameters_of


@dataclass(frozen=True)
class Outcome:
    """What clipping did on one step."""

    norm: float
    """L2 norm of the whole gradient before; inf or nan if an entry was."""
    bound: bool
    """True if anything was cut."""
    left_out: bool = False
    """True if the gradients were taken away, as an entry was not finite."""


class Clipper(ABC):
    """Clips the gradients of some parameters; call `clip_` before every `optimizer.step()`, or `attach` it once.

    A step whose gradient has an entry that is nan or infinite is left out, as a `GradScaler` would: gradients become
    None, which optimizers pass over, and it does not enter any statistic.

    Args:
        parameters: Whose gradients; those without one are passed over.
    """

    _KEPT: ClassVar[tuple[str, ...]] = ()
    """Names of attributes that belong to the state."""

    def __init__(self, parameters: Iterable[torch.Tensor]) -> None:
        self._parameters = list(dict.fromkeys(parameters))
        self.steps = 0
        """Steps seen."""
        self.bound = 0
        """Steps on which something was cut."""
        self.left_out = 0
        """Steps left out, as a gradient was not finite."""

    @property
    def bound_share(self) -> float:
        """Share of the steps on which something was cut (0..1)."""
        return self.bound / max(self.steps, 1)

    @torch.no_grad()
    def clip_(self) -> float:
        """Clips in place what `.grad` holds now.

        Returns:
            The L2 norm of the whole gradient before; 0 where there is none.
        """
        parameters = [p for p in self._parameters if p.grad is not None]
        if not parameters:
            return 0.0
        outcome = self._clip(parameters)
        self.steps += 1
        self.bound += outcome.bound
        self.left_out += outcome.left_out
        return outcome.norm

    def attach(self, optimizer: torch.optim.Optimizer) -> Around:
        """Clips before every update of an optimizer from now on, also after each evaluation of a closure.

        Of the clipper's parameters, those that the optimizer updates; under a `GradScaler` gradients are unscaled by
        then, and steps that it skips are not seen.

        Returns:
            What holds the hooks; `remove()` takes them off.
        """
        held = {id(p) for p in parameters_of(optimizer)}
        self._parameters = [p for p in self._parameters if id(p) in held]
        return Around(optimizer, self.clip_)

    def state_dict(self) -> dict[str, Any]:
        """Counts and statistics, to be saved with a checkpoint."""
        return {name: getattr(self, name) for name in ("steps", "bound", "left_out", *self._KEPT)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Takes over what `state_dict` gave."""
        for name in ("steps", "bound", "left_out", *self._KEPT):
            setattr(self, name, type(getattr(self, name))(state[name]))

    @abstractmethod
    def _clip(self, parameters: Sequence[torch.Tensor]) -> Outcome:
        """Clips the gradients of these parameters, each of which has one."""


def gradients_of(parameters: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """Gradients of parameters that have one; sparse ones with each row once."""
    for parameter in parameters:
        if parameter.grad is not None and parameter.grad.is_sparse:
            parameter.grad = parameter.grad.coalesce()
    return [parameter.grad for parameter in parameters if parameter.grad is not None]


def leave_out(parameters: Sequence[torch.Tensor], size: Size) -> Outcome:
    """Takes the gradients away, so that the step passes over these parameters."""
    for parameter in parameters:
        parameter.grad = None
    return Outcome(size.norm, bound=False, left_out=True)


def cut_to(gradients: Sequence[torch.Tensor], size: Size, limit_log10: float) -> bool:
    """Shrinks gradients to a norm if theirs is above it; true if it was."""
    if not size.log10 > limit_log10:
        return False
    shrink_(gradients, size.log10 - limit_log10)
    return True


__all__ = ["Clipper", "Outcome", "cut_to", "gradients_of", "leave_out", "size_of"]
