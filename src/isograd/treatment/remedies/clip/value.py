"""Clipping by value: every entry of the gradient is cut to [-c, c]."""

import math
from collections.abc import Iterable, Sequence
from typing import final

import torch

from isograd.facts.treatment import Code, Settings
from isograd.observation.statistics import largest_magnitude
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.clip.clipper import Clipper, Outcome, gradients_of, leave_out, size_of
from isograd.treatment.remedies.clip.injection import Clipping, attached, plain
from isograd.treatment.remedies.clip.pool import pool, written_pool
from isograd.treatment.remedies.clip.untreated import needs_guard, rounded, usual_norm
from isograd.treatment.remedies.numbers import number

_ROOT_MEAN_SQUARES = 10.0
"""Entries of a healthy gradient hardly ever are so many times their root mean square."""


@final
class ClipValue(Clipper):
    """Cuts every entry to [-clip_value, clip_value].

    Args:
        parameters: Whose gradients.
        clip_value: The limit, above 0.

    Raises:
        ValueError: The limit is not above 0.

    Source:
        Mikolov, Statistical language models based on neural networks, 2012.

    >>> weight = torch.nn.Parameter(torch.zeros(2)); weight.grad = torch.tensor([3.0, -4.0])
    >>> ClipValue([weight], 1.0).clip_(), weight.grad.tolist()
    (5.0, [1.0, -1.0])
    """

    def __init__(self, parameters: Iterable[torch.Tensor], clip_value: float) -> None:
        super().__init__(parameters)
        if not clip_value > 0:
            raise ValueError(f"clip_value must be above 0. Got {clip_value!r} instead.")
        self.clip_value = float(clip_value)

    def _clip(self, parameters: Sequence[torch.Tensor]) -> Outcome:
        gradients = gradients_of(parameters)
        size = size_of(gradients)
        if not size.finite:
            return leave_out(parameters, size)
        bound = max(map(largest_magnitude, gradients)) > self.clip_value
        for gradient in gradients:
            _entries(gradient).clamp_(-self.clip_value, self.clip_value)
        return Outcome(size.norm, bound)


@final
class _TorchClipValue(Clipper):
    """`torch.nn.utils.clip_grad_value_` itself, with what it does to entries that are not finite."""

    def __init__(self, parameters: Iterable[torch.Tensor], clip_value: float) -> None:
        super().__init__(parameters)
        self.clip_value = clip_value

    def _clip(self, parameters: Sequence[torch.Tensor]) -> Outcome:
        gradients = gradients_of(parameters)
        largest = max(map(largest_magnitude, gradients))
        norm = size_of(gradients).norm
        torch.nn.utils.clip_grad_value_(parameters, self.clip_value)
        return Outcome(norm, bound=largest > self.clip_value)


def _entries(gradient: torch.Tensor) -> torch.Tensor:
    """The entries of a gradient as real numbers, by reference."""
    values = gradient._values() if gradient.is_sparse else gradient
    return torch.view_as_real(values) if values.is_complex() else values


def _choose(patient: Patient) -> Settings:
    size = sum(p.numel() for p in pool(patient) if p.requires_grad)
    value = _ROOT_MEAN_SQUARES * usual_norm(patient) / math.sqrt(max(size, 1))
    return {"clip_value": rounded(value) if value > 0 else 1.0, "guarded": needs_guard(patient)}


def _make(patient: Patient, settings: Settings) -> Clipper:
    limit = number(settings, "clip_value")
    return (ClipValue if settings.get("guarded") else _TorchClipValue)(pool(patient), limit)


def _write(patient: Patient, settings: Settings) -> Code:
    arguments = f"{written_pool(patient)}, {settings['clip_value']}"
    return attached("ClipValue", arguments) if settings.get("guarded") else plain("clip_grad_value_", arguments)


REMEDY = Clipping("clip:value", _choose, _make, _write)
"""The limit: ten root mean squares of an entry before the trouble, else 1."""
