"""Weights that are exactly zero drawn at random, as He et al. (2015) do; zeros pass no gradient on."""

import math
from contextlib import AbstractContextManager

import torch

from isograd.diagnosis.interventions.intervention import Subject, Trace
from isograd.diagnosis.interventions.rerouting import shifted, substituting
from isograd.facts import Text


class ZeroWeights:
    """The intervention `zero-weights`."""

    name = "zero-weights"

    def label(self, subject: Subject) -> Text:
        """See `Intervention`."""
        return Text("zero weights drawn at random", "0인 가중치를 무작위로 초기화")

    def applies(self, subject: Subject) -> bool:
        """True if nothing arrives and a weight is zero throughout."""
        return subject.gain == -math.inf and bool(_zeros(subject))

    def make(self, subject: Subject, trace: Trace) -> AbstractContextManager[object]:
        """See `Intervention`."""
        zeros = _zeros(subject)
        trace.touched = len(zeros)
        return substituting({id(w): lambda w=w, n=n: shifted(w, _drawn(w, n)) for n, w in enumerate(zeros)})  # type: ignore[misc]  # defaults bind the loop's variables

    def cause(self, subject: Subject, trace: Trace) -> str | None:
        """Always the zeros."""
        return "zero-init"


def _zeros(subject: Subject) -> list[torch.Tensor]:
    weights = (entry.weight for entry in subject.base.seen if entry.site.on_chain)
    return [weight for weight in weights if weight is not None and weight.ndim >= 2 and not weight.detach().any()]


def _drawn(weight: torch.Tensor, seed: int) -> torch.Tensor:
    """From a generator of its own, so that the user's random state is not drawn from."""
    generator = torch.Generator().manual_seed(seed)
    fan_in = weight.numel() // weight.shape[0]
    values = torch.randn(weight.shape, generator=generator, dtype=torch.float64) * math.sqrt(2.0 / fan_in)
    return values.to(weight.device, weight.dtype)
