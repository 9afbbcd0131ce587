"""Residual branches lowered so that each adds at most 1/sqrt(L) of its stream, L the number of sums on the chain."""

import math
from contextlib import AbstractContextManager
from typing import Any

import torch

from isograd.diagnosis.interventions.intervention import Subject, Trace
from isograd.diagnosis.interventions.rerouting import Call, Rerouting, rms
from isograd.diagnosis.interventions.roles import SUMS
from isograd.facts import Text

_FEWEST = 2


class ResidualScale:
    """The intervention `residual-scale`."""

    name = "residual-scale"

    def label(self, subject: Subject) -> Text:
        """See `Intervention`."""
        return Text("residual branches lowered", "잔차 분기 축소")

    def applies(self, subject: Subject) -> bool:
        """True if several branches join the chain; also in a loop over time, whose step may be x + f(x)."""
        return len(subject.roles.branches) >= _FEWEST

    def make(self, subject: Subject, trace: Trace) -> AbstractContextManager[object]:
        """See `Intervention`."""
        branches, calls = subject.roles.branches, iter(range(1 << 40))
        share = 1.0 / math.sqrt(len(branches))

        def handler(function: Call, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            at = branches.get(next(calls)) if name in SUMS else None
            if at is None or len(args) < 2:
                return function(*args, **kwargs)
            factor = _factor(args[at], args[1 - at], share)
            trace.scaled(math.log10(factor))
            if at == 0 and name in ("add_", "__iadd__"):
                return function(args[0].mul_(factor), *args[1:], **kwargs)
            changed = list(args)
            changed[at] = args[at] * factor
            return function(*changed, **kwargs)

        return Rerouting(handler)

    def cause(self, subject: Subject, trace: Trace) -> str | None:
        """Branches that hardly had to be lowered, or a gradient that shrinks, have another reason."""
        return "residual-scale" if trace.mean_log10 < -0.05 and not subject.gain < 0 else None


def _factor(branch: torch.Tensor, stream: torch.Tensor, share: float) -> float:
    size, room = rms(branch), share * rms(stream)
    return room / size if size > room > 0 and math.isfinite(size) else 1.0
