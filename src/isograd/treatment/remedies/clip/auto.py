"""AutoClip: clipping by norm at a percentile of all norms so far, the present one among them.

Legend: G_t the norms of steps 1..t; p `percentile`, 10. The limit is c_t = the p-th percentile of G_t, with linear
interpolation, and g <- g * min(1, c_t / ||g||). Seetharaman and others, AutoClip: adaptive gradient clipping for source
separation networks, 2020, algorithm 1.
"""

import math
from bisect import insort
from collections.abc import Iterable, Sequence
from typing import ClassVar, Final, final

import torch

from isograd.facts.treatment import Code, Settings
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.clip.clipper import Clipper, Outcome, cut_to, gradients_of, leave_out, size_of
from isograd.treatment.remedies.clip.injection import Clipping, attached
from isograd.treatment.remedies.clip.pool import pool, written_pool
from isograd.treatment.remedies.numbers import number

_PERCENTILE: Final = 10.0


@final
class AutoClip(Clipper):
    """Clips by norm at a percentile of all gradient norms seen so far.

    Args:
        parameters: Whose gradients.
        percentile: p, 0 to 100.

    Raises:
        ValueError: The percentile is not within 0 to 100.

    >>> weight = torch.nn.Parameter(torch.zeros(1))
    >>> clip = AutoClip([weight], percentile=50.0)
    >>> for norm in (1.0, 3.0):
    ...     weight.grad = torch.tensor([norm]); _ = clip.clip_()
    >>> weight.grad.item()
    2.0
    """

    _KEPT: ClassVar[tuple[str, ...]] = ("norms",)

    def __init__(self, parameters: Iterable[torch.Tensor], percentile: float = _PERCENTILE) -> None:
        super().__init__(parameters)
        if not 0 <= percentile <= 100:
            raise ValueError(f"percentile must be within 0 to 100. Got {percentile!r} instead.")
        self.percentile = float(percentile)
        self.norms: list[float] = []
        """All norms, ascending: thirty-two bytes a step."""

    def _clip(self, parameters: Sequence[torch.Tensor]) -> Outcome:
        gradients = gradients_of(parameters)
        size = size_of(gradients)
        if not size.finite:
            return leave_out(parameters, size)
        insort(self.norms, size.norm)
        limit = _percentile(self.norms, self.percentile)
        limit_log10 = math.log10(limit) if limit > 0 else -math.inf
        bound = limit < size.norm and cut_to(gradients, size, max(limit_log10, size.log10 - 300))
        return Outcome(size.norm, bound)


def _percentile(ascending: Sequence[float], percentile: float) -> float:
    """As `numpy.percentile`, without sorting again."""
    place = percentile / 100 * (len(ascending) - 1)
    low = int(place)
    high = min(low + 1, len(ascending) - 1)
    return ascending[low] + (ascending[high] - ascending[low]) * (place - low)


def _choose(patient: Patient) -> Settings:
    return {"percentile": _PERCENTILE}


def _make(patient: Patient, settings: Settings) -> Clipper:
    return AutoClip(pool(patient), number(settings, "percentile"))


def _write(patient: Patient, settings: Settings) -> Code:
    told = "" if settings["percentile"] == _PERCENTILE else f", percentile={settings['percentile']}"
    return attached("AutoClip", written_pool(patient) + told)


REMEDY = Clipping("clip:auto", _choose, _make, _write)
"""At the 10th percentile, as the paper recommends."""
