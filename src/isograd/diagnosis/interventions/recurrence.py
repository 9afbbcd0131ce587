"""Recurrent weights brought to orthogonal scale: every singular value becomes 1, the singular vectors stay.

Behind a rectifier, which cuts half of the energy away at every time step, they all become sqrt(2).
"""

import math
from contextlib import AbstractContextManager

import torch

from isograd.diagnosis.activations import is_rectifier
from isograd.diagnosis.interventions.intervention import Subject, Trace
from isograd.diagnosis.interventions.rerouting import shifted, substituting
from isograd.facts import Text


class Recurrence:
    """The intervention `recurrence`."""

    name = "recurrence"

    def label(self, subject: Subject) -> Text:
        """See `Intervention`."""
        if _rectified(subject):
            return Text("recurrent weights orthogonal, times sqrt(2)", "순환 가중치 직교화(√2배)")
        return Text("recurrent weights orthogonal", "순환 가중치 직교화")

    def applies(self, subject: Subject) -> bool:
        """True if the site that is judged has a square weight."""
        return bool(subject.site) and bool(square_weights(subject))

    def make(self, subject: Subject, trace: Trace) -> AbstractContextManager[object]:
        """See `Intervention`."""
        weights = square_weights(subject)
        trace.touched = len(weights)
        scale = math.sqrt(2.0) if _rectified(subject) else 1.0
        return substituting({id(w): lambda w=w: shifted(w, scale * _orthogonal(w)) for w in weights})  # type: ignore[misc]  # a default binds the loop's variable

    def cause(self, subject: Subject, trace: Trace) -> str | None:
        """By the sign of the gain through time."""
        return "recurrence-expands" if subject.gain > 0 else "recurrence-contracts"


def square_weights(subject: Subject) -> list[torch.Tensor]:
    """The square weights of recurrent sites; those of gated layers are not square."""
    entries = (entry for entry in subject.base.seen if entry.site.kind == "recurrent")
    found = {id(p): p for entry in entries for p in entry.parameters if p.ndim == 2 and p.shape[0] == p.shape[1]}
    return list(found.values())


def _rectified(subject: Subject) -> bool:
    """Whether the recurrence that is judged has a rectifier around it."""
    return any(entry.site.name == subject.site and is_rectifier(entry.site.activation) for entry in subject.base.seen)


def _orthogonal(weight: torch.Tensor) -> torch.Tensor:
    left, _, right = torch.linalg.svd(weight.detach().double())
    orthogonal: torch.Tensor = (left @ right).to(weight.dtype)
    return orthogonal
