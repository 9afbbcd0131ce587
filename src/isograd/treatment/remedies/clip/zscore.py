"""ZClip: only steps whose norm stands out from the recent ones are clipped.

Legend: n the norm of this step; mu, v running mean and variance of past norms, with decay alpha = 0.97, begun with the
mean and variance of the first 25; s = sqrt(v); z = (n - mu) / (s + eps). Where z > z* = 2.5,
n <- mu + z* s / (z / z*), the further out the lower; then mu <- alpha mu + (1 - alpha) n and
v <- alpha v + (1 - alpha) (n - mu)^2 with the new n and mu. Kumar and others, ZClip: adaptive spike mitigation for LLM
pre-training, 2025, and its authors' code. eps is 1e-6 there; here 1e-6 of the mean where that is below 1, as norms may
be far smaller than 1e-6. The code's further limit, a norm of 1, is off unless `max_norm` is given.
"""

import math
from collections.abc import Iterable, Sequence
from typing import ClassVar, Final, final

import torch

from isograd.facts.treatment import Code, Settings
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.clip.clipper import Clipper, Outcome, cut_to, gradients_of, leave_out, size_of
from isograd.treatment.remedies.clip.injection import Clipping, attached
from isograd.treatment.remedies.clip.pool import pool, written_pool
from isograd.treatment.remedies.numbers import number

_WARMUP: Final = 25
_LEAST_WARMUP: Final = 5
_EPS = 1e-6


@final
class ZClip(Clipper):
    """Clips steps whose gradient norm lies more than `z_thresh` deviations above the recent ones.

    Args:
        parameters: Whose gradients.
        alpha: Decay of the running mean and variance, 0 to 1.
        z_thresh: From how many deviations above the mean on a step is clipped.
        warmup: Steps that are only looked at, at least 2.
        max_norm: A limit that holds besides, also during the warm-up; None for none.

    Raises:
        ValueError: A number is out of its range.

    >>> weight = torch.nn.Parameter(torch.zeros(1))
    >>> clip = ZClip([weight], warmup=4)
    >>> for norm in (1.0, 1.2, 1.0, 1.2, 50.0):
    ...     weight.grad = torch.tensor([norm]); _ = clip.clip_()
    >>> 1.1 < weight.grad.item() < 1.2
    True
    """

    _KEPT: ClassVar[tuple[str, ...]] = ("mean", "variance", "begun")

    def __init__(
        self,
        parameters: Iterable[torch.Tensor],
        alpha: float = 0.97,
        z_thresh: float = 2.5,
        warmup: int = _WARMUP,
        max_norm: float | None = None,
    ) -> None:
        super().__init__(parameters)
        if not 0 < alpha < 1 or not z_thresh > 0 or warmup < 2:
            raise ValueError(
                "alpha must be between 0 and 1, z_thresh above 0, warmup at least 2. "
                f"Got {alpha!r}, {z_thresh!r}, {warmup!r} instead."
            )
        self.alpha, self.z_thresh, self.warmup = float(alpha), float(z_thresh), int(warmup)
        self.max_norm = math.inf if max_norm is None else float(max_norm)
        self.mean = math.nan
        """Running mean of the norms; nan during the warm-up."""
        self.variance = math.nan
        """Running variance of the norms; nan during the warm-up."""
        self.begun: list[float] = []
        """Norms of the warm-up, while it lasts."""

    def _clip(self, parameters: Sequence[torch.Tensor]) -> Outcome:
        gradients = gradients_of(parameters)
        size = size_of(gradients)
        if not size.finite:
            return leave_out(parameters, size)
        norm = self._take_in(size.norm)
        limit = min(norm, self.max_norm)
        bound = limit < size.norm and cut_to(gradients, size, math.log10(limit))
        return Outcome(size.norm, bound)

    def _take_in(self, norm: float) -> float:
        """Updates the statistics; the norm that this step may have."""
        if math.isnan(self.mean):
            self.begun.append(norm)
            if len(self.begun) >= self.warmup:
                self.mean = sum(self.begun) / len(self.begun)
                self.variance = sum((n - self.mean) ** 2 for n in self.begun) / len(self.begun)
                self.begun = []
            return norm
        deviation = math.sqrt(self.variance)
        z = (norm - self.mean) / max(deviation + _EPS * min(1.0, self.mean), 1e-300)
        if z > self.z_thresh:
            norm = self.mean + self.z_thresh * deviation / (z / self.z_thresh)
        self.mean = self.alpha * self.mean + (1 - self.alpha) * norm
        self.variance = self.alpha * self.variance + (1 - self.alpha) * (norm - self.mean) ** 2
        return norm


def _choose(patient: Patient) -> Settings:
    """A warm-up that is over before the trouble begins, as far as that is known."""
    first = patient.finding.first_step if patient.finding is not None else _WARMUP
    return {"z_thresh": 2.5, "warmup": min(_WARMUP, max(_LEAST_WARMUP, first))}


def _make(patient: Patient, settings: Settings) -> Clipper:
    return ZClip(pool(patient), z_thresh=number(settings, "z_thresh"), warmup=int(number(settings, "warmup")))


def _write(patient: Patient, settings: Settings) -> Code:
    numbers = (("z_thresh", 2.5), ("warmup", _WARMUP))
    told = "".join(f", {name}={settings[name]}" for name, usual in numbers if settings[name] != usual)
    return attached("ZClip", written_pool(patient) + told)


REMEDY = Clipping("clip:zscore", _choose, _make, _write)
"""With the numbers of the authors' code, but for a shorter warm-up where the trouble begins early."""
