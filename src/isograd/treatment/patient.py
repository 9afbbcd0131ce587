"""What a remedy is made on: one model, perhaps its optimizer, and what is known of them."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch
from torch import nn

from isograd.facts import Finding, Observed
from isograd.facts.treatment import Position
from isograd.observation.probe import Measurement, measure
from isograd.observation.replay import Call, tensors_of
from isograd.treatment.activation_uses import Use, activation_uses


@dataclass
class Patient:
    """A model that is to be treated."""

    model: nn.Module
    """The root module, before its optimizer is made, or with it."""
    optimizer: torch.optim.Optimizer | None = None
    """Its optimizer; None for remedies of the model, which are made before there is one."""
    calls: tuple[Call, ...] = ()
    """How the model is called with batches of the user's own; empty where none is known."""
    targets: tuple[torch.Tensor, ...] = ()
    """What the outputs were compared with in a regression loss, batch by batch; empty where not known."""
    finding: Finding | None = None
    """What is to be cured."""
    observed: Observed | None = None
    """What was seen of the untreated training."""
    births: Mapping[int, Position] = field(default_factory=dict)
    """By `id` of a module: where in the user's source its constructor was called."""

    @cached_property
    def measurement(self) -> Measurement | None:
        """The model on its first batch, its outputs weighted at random: sites, activations, gains; None without one.

        Everything that the pass changes is put back. It draws no random numbers that anybody misses.
        """
        if not self.calls:
            return None
        call = self.calls[0]
        return measure({"model": self.model}, lambda: weighted(self.model(*call.args, **call.kwargs)))

    @cached_property
    def activations(self) -> tuple[Use, ...]:
        """What each activation of the untreated model is for; empty where no call of it is known."""
        return activation_uses(self.model, self.passes)

    @property
    def passes(self) -> tuple[Callable[[], torch.Tensor], ...]:
        """The known calls of the model, each as a scalar that depends on all outputs."""
        model = self.model
        return tuple(
            lambda call=call: weighted(model(*call.args, **call.kwargs))  # bound now, not later
            for call in self.calls
        )

    @property
    def learning_rate(self) -> float:
        """Of the optimizer's first group, else of the untreated training; nan if neither is known."""
        if self.optimizer is not None:
            return float(self.optimizer.param_groups[0].get("lr", math.nan))
        return float(self.observed.network.settings.get("lr", math.nan)) if self.observed else math.nan


def weighted(outputs: Any) -> torch.Tensor:
    """A scalar that depends on all outputs, each entry with a fixed random weight."""
    parts = []
    for tensor in tensors_of(outputs):
        if tensor.requires_grad:
            generator = torch.Generator().manual_seed(tensor.numel())
            weights = torch.randn(tensor.shape, generator=generator, dtype=torch.float32)
            parts.append((tensor * weights.to(tensor)).sum().float())
    return torch.stack(parts).sum()
