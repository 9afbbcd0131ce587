"""A program that clips by itself, and too tightly: its own limit is raised while the edit lasts."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch.nn.utils import clip_grad, clip_grad_norm_

from isograd.facts.treatment import Code, Setting, Swap
from isograd.model.surgery import Edit
from isograd.treatment.interposition import Place
from isograd.treatment.patient import Patient

# `clip_grad_norm_` may have been imported by name before we come; what it calls inside, it looks up on each call.
_INNER = "_clip_grads_with_norm_"
_PLACE = Place(clip_grad, _INNER if hasattr(clip_grad, _INNER) else "clip_grad_norm_")


def raise_own_limit(edit: Edit, parameters: Sequence[torch.Tensor], limit: float) -> None:
    """Lets `torch.nn.utils.clip_grad_norm_` clip to no less than a limit, where it is called with these parameters."""
    own = {id(p) for p in parameters}
    calls = []

    def around(
        original: Callable[..., Any],
        given: torch.Tensor | Iterable[torch.Tensor],
        max_norm: float,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        given = [given] if isinstance(given, torch.Tensor) else list(given)
        if any(id(p) in own for p in given):
            calls.append(float(max_norm) < limit)
            max_norm = max(float(max_norm), limit)
        return original(given, max_norm, *args, **kwargs)

    edit.note("", "max_norm of the program's clip_grad_norm_", f"at least {limit:g}", _PLACE.enter(around))
    edit.tells(
        lambda: {"clip:norm steps": float(len(calls)), "clip:norm raised_share": sum(calls) / max(len(calls), 1)}
    )


def written_raise(patient: Patient, limit: Setting) -> Code:
    """The call of the program with another limit where its place is known, else what to look for."""
    position = patient.births.get(id(clip_grad_norm_))
    if position is not None:
        return Code(swaps=(Swap(position, "", {"max_norm": f"{limit}"}),))
    return Code(
        advice=(
            "# Raise the limit of the clipping that is there:\n"
            f"torch.nn.utils.clip_grad_norm_({{model}}.parameters(), {limit})"
        )
    )
