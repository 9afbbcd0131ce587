"""A program that clips by itself, and too tightly: its own limit is raised while the edit lasts."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch

from isograd.facts.treatment import CLIPPING, Code, Setting, Swap
from isograd.model.surgery import Edit
from isograd.treatment.patch.seen.clippings import CLIPPING_PLACE


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

    edit.note("", "max_norm of the program's clip_grad_norm_", f"at least {limit:g}", CLIPPING_PLACE.enter(around))
    edit.tells(
        lambda: {"clip:norm steps": float(len(calls)), "clip:norm raised_share": sum(calls) / max(len(calls), 1)}
    )


def written_raise(limit: Setting) -> Code:
    """The calls of the program with another limit; what to look for where they are not in its source."""
    return Code(
        swaps=(Swap(CLIPPING, "", {"max_norm": f"{limit}"}),),
        advice=(
            "# Raise the limit of the clipping that is there:\n"
            f"torch.nn.utils.clip_grad_norm_({{model}}.parameters(), {limit})"
        ),
    )
