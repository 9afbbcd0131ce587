"""Inputs brought to the scale that first layers are made for.

Each feature of what enters a first layer is given mean 0 and standard deviation 1. Where the gain through time is
judged, an input as large as that would itself saturate the cell: there what it drives the cell with is lowered to a
root mean square of 0.1 a time step, if it is larger. A fused cell is driven by all that enters it, computed or given.
"""

import math
from contextlib import AbstractContextManager
from typing import Any

import torch

from isograd.diagnosis.interventions.intervention import Subject, Trace
from isograd.diagnosis.interventions.operands import RECURRENT, contraction, is_given
from isograd.diagnosis.interventions.rerouting import Call, Rerouting, rms
from isograd.diagnosis.interventions.roles import feature_dim
from isograd.facts import Text

DRIVE = 0.1
"""Root mean square of what the input adds to a recurrent unit in one time step."""
_FEW = 4


class InputScale:
    """The intervention `input-scale`."""

    name = "input-scale"

    def label(self, subject: Subject) -> Text:
        """See `Intervention`."""
        if subject.site:
            return Text("input drive to 0.1", "입력 항의 크기를 0.1로 축소")
        return Text("input standardised", "입력 표준화")

    def applies(self, subject: Subject) -> bool:
        """True if an input is off its scale: by two, by its mean, or feature against feature by ten."""
        if subject.site:
            return any(given.drive > 1.5 * DRIVE for given in subject.roles.given)
        return any(
            not 0.5 <= given.rms <= 2.0 or given.offset > 1.0 or given.spread > 10.0 for given in subject.roles.given
        )

    def make(self, subject: Subject, trace: Trace) -> AbstractContextManager[object]:
        """See `Intervention`."""
        return _driven(subject, trace) if subject.site else _standardised(subject, trace)

    def cause(self, subject: Subject, trace: Trace) -> str | None:
        """Always the input's scale."""
        return "input-scale"


def _standardised(subject: Subject, trace: Trace) -> Rerouting:
    members = subject.members

    def handler(function: Call, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        found = contraction(name, args, members)
        if found is None or not is_given(args[found.data]):
            return function(*args, **kwargs)
        changed = list(args)
        changed[found.data] = standardised(args[found.data])
        trace.touched += 1
        return function(*changed, **kwargs)

    return Rerouting(handler)


def standardised(data: torch.Tensor) -> torch.Tensor:
    """Each feature with mean 0 and standard deviation 1 over all else; as one feature where there is too little."""
    dim = feature_dim(data) % data.ndim
    others = [d for d in range(data.ndim) if d != dim]
    if data.numel() // data.shape[dim] < _FEW:
        others = list(range(data.ndim))
    centred = data - data.mean(dim=others, keepdim=True)
    size = centred.square().mean(dim=others, keepdim=True).sqrt()
    return torch.where(size > 0, centred / size, centred)


def _driven(subject: Subject, trace: Trace) -> Rerouting:
    members, recurrent, factors = subject.members, subject.recurrent, dict[int, float]()

    def factor(key: int, drive: torch.Tensor) -> float:
        if key not in factors:
            size = rms(drive)
            factors[key] = DRIVE / size if size > DRIVE else 1.0
            trace.scaled(math.log10(factors[key]))
        return factors[key]

    def handler(function: Call, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        changed = list(args)
        if name in RECURRENT:
            weight = args[2][0] if isinstance(args[2], list | tuple) else args[2]
            changed[0] = args[0] * factor(id(weight), args[0].detach() @ weight.detach().T)
            return function(*changed, **kwargs)
        found = contraction(name, args, members)
        if found is None or not is_given(args[found.data]) or id(found.leaf) in recurrent:
            return function(*args, **kwargs)
        with torch.no_grad():
            drive = args[found.data] @ args[found.weight] if name != "linear" else args[0] @ args[1].T
        changed[found.data] = args[found.data] * factor(id(found.leaf), drive)
        return function(*changed, **kwargs)

    return Rerouting(handler)
