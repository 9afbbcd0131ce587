"""Clipping by norm: a gradient longer than c is scaled down to c; its direction stays."""

import math
from collections.abc import Iterable, Sequence
from typing import final

import torch
from torch.nn.utils import clip_grads_with_norm_

from isograd.facts.treatment import Code, Settings
from isograd.model.surgery import Edit
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.clip.clipper import Clipper, Outcome, cut_to, gradients_of, leave_out, size_of
from isograd.treatment.remedies.clip.gradient_size import whole
from isograd.treatment.remedies.clip.injection import attached, clip, plain
from isograd.treatment.remedies.clip.own_limit import raise_own_limit, written_raise
from isograd.treatment.remedies.clip.pool import pool, written_pool
from isograd.treatment.remedies.clip.untreated import clips_too_tight, needs_guard, usual_norm
from isograd.treatment.remedies.numbers import number
from isograd.treatment.remedies.remedy import Stage


@final
class ClipNorm(Clipper):
    """Scales the gradients down where their common norm is above a limit: g <- g * min(1, c / ||g||).

    Where float32 holds the norm, the same bits as `torch.nn.utils.clip_grad_norm_`; where it does not (entries from
    1e19 on, half formats) torch makes zeros or nan of them, and this does not. Takes sparse and sharded gradients.

    Args:
        parameters: Whose gradients.
        max_norm: The limit c, above 0.

    Raises:
        ValueError: The limit is not above 0.

    Source:
        Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks, 2013, algorithm 1.

    >>> weight = torch.nn.Parameter(torch.zeros(2)); weight.grad = torch.tensor([3e30, 4e30])
    >>> clip = ClipNorm([weight], 1.0)
    >>> f"{clip.clip_():.1e}", [round(g, 4) for g in weight.grad.tolist()], clip.bound_share
    ('5.0e+30', [0.6, 0.8], 1.0)
    """

    def __init__(self, parameters: Iterable[torch.Tensor], max_norm: float) -> None:
        super().__init__(parameters)
        if not max_norm > 0:
            raise ValueError(f"max_norm must be above 0. Got {max_norm!r} instead.")
        self.max_norm = float(max_norm)

    def _clip(self, parameters: Sequence[torch.Tensor]) -> Outcome:
        gradients = gradients_of(parameters)
        size = size_of(gradients)
        if not size.finite:
            return leave_out(parameters, size)
        if size.as_torch is not None:
            clip_grads_with_norm_(parameters, self.max_norm, size.as_torch)
            return Outcome(size.norm, size.norm > self.max_norm)
        return Outcome(size.norm, cut_to(gradients, size, math.log10(self.max_norm)))


@final
class _TorchClipNorm(Clipper):
    """`torch.nn.utils.clip_grad_norm_` itself, with what it does beyond the range of its format."""

    def __init__(self, parameters: Iterable[torch.Tensor], max_norm: float) -> None:
        super().__init__(parameters)
        self.max_norm = max_norm

    def _clip(self, parameters: Sequence[torch.Tensor]) -> Outcome:
        norm = float(whole(torch.nn.utils.clip_grad_norm_(parameters, self.max_norm)))
        return Outcome(norm, norm > self.max_norm)


@final
class NormClipping:
    """The remedy: clips, or where the program clips by itself and too tightly, raises its limit."""

    name = "clip:norm"
    stage: Stage = "optimizer"

    def suits(self, patient: Patient) -> bool:
        """True if there is a gradient to clip."""
        return any(p.requires_grad for p in pool(patient))

    def choose(self, patient: Patient) -> Settings:
        """The median norm before the trouble, else 1.

        Half to ten times the average norm of many steps works (Pascanu and others, 2013).
        """
        usual = usual_norm(patient)
        limit = usual if usual > 0 else 1.0
        return {"max_norm": limit, "guarded": needs_guard(patient), "raises": clips_too_tight(patient)}

    def make(self, patient: Patient, settings: Settings) -> Edit:
        """Attaches a clipper to the optimizer, or stands around the program's own clipping."""
        limit = number(settings, "max_norm")
        edit = Edit()
        if settings.get("raises"):
            raise_own_limit(edit, pool(patient), limit)
        else:
            clipper = (ClipNorm if settings.get("guarded") else _TorchClipNorm)(pool(patient), limit)
            clip(edit, self.name, clipper, patient, settings)
        return edit

    def code(self, patient: Patient, settings: Settings) -> Code:
        """One line of plain torch before the step where that does the same."""
        arguments = f"{written_pool(patient)}, {settings['max_norm']}"
        if settings.get("raises"):
            return written_raise(settings["max_norm"])
        if settings.get("guarded"):
            return attached("ClipNorm", arguments)
        return plain("clip_grad_norm_", arguments)


REMEDY = NormClipping()
"""See there."""
