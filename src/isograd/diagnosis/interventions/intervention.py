"""What an intervention is: one change that can be made while a model runs, and the cause that it stands for."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from torch import nn

from isograd.diagnosis.interventions.roles import Roles
from isograd.facts import Text
from isograd.observation.probe import Measurement


@dataclass(frozen=True)
class Subject:
    """One network on one batch, as it is."""

    modules: Mapping[str, nn.Module]
    """The models by name."""
    loss: Callable[[Any], torch.Tensor]
    """Computes the loss of a batch with them."""
    batch: Any
    """The batch."""
    base: Measurement
    """What was measured of it unchanged."""
    roles: Roles
    """What its activations, sums and inputs are."""
    gain: float
    """The gain to be explained, in decades: over the layers, or over the time steps of `site`."""
    site: str
    """The recurrent site whose gain through time is judged; empty for the gain over the layers."""

    @property
    def members(self) -> frozenset[int]:
        """Identities of the parameters."""
        return frozenset(id(p) for module in self.modules.values() for p in module.parameters())

    @property
    def recurrent(self) -> frozenset[int]:
        """Identities of the parameters of recurrent sites."""
        return frozenset(id(p) for e in self.base.seen if e.site.kind == "recurrent" for p in e.parameters)


@dataclass
class Trace:
    """What an intervention did while it was on; filled while the model runs."""

    log10_scales: list[float] = field(default_factory=list)
    """Of each thing that was scaled, log10 of the factor."""
    touched: int = 0
    """How many things were changed."""
    divided: int = 0
    """How many of the attention scores among them had been divided by the square root of the head's size already."""
    by_leaf: dict[int, float] = field(default_factory=dict)
    """Of each parameter that was scaled, by identity, log10 of the factor."""

    def scaled(self, log10_scale: float) -> None:
        """Remembers one factor."""
        self.log10_scales.append(log10_scale)
        self.touched += 1

    @property
    def mean_log10(self) -> float:
        """Mean of the factors' logarithms; 0 without any."""
        return sum(self.log10_scales) / len(self.log10_scales) if self.log10_scales else 0.0


class Intervention(Protocol):
    """One change; `INTERVENTIONS` holds them, the least invasive first."""

    @property
    def name(self) -> str:
        """What it is called, e.g. `activation`."""

    def label(self, subject: Subject) -> Text:
        """What it changes, as the head of a line, e.g. `sigmoid to tanh`."""

    def applies(self, subject: Subject) -> bool:
        """Whether there is something for it to change."""

    def make(self, subject: Subject, trace: Trace) -> AbstractContextManager[object]:
        """Makes it so while the context lasts, for the model's forward pass; nothing of the model is written."""

    def cause(self, subject: Subject, trace: Trace) -> str | None:
        """The cause that it stands for if it restores the gain; None if what it did cannot be the reason."""
