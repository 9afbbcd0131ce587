"""Hidden activations exchanged for tanh, whose largest slope is 1; gates and the output's activation stay.

A bounded reference shows what the activation's own slope does: the rest of the network, its weights and their scale,
stays as it is. Whether called as a module, a function or a method, in place or not, an activation is one call of
torch; fused recurrent layers keep theirs.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import torch

from isograd.diagnosis.interventions.intervention import Subject, Trace
from isograd.diagnosis.interventions.rerouting import Call, Rerouting
from isograd.diagnosis.interventions.roles import ACTIVATIONS, TANHS, Role, plain_name
from isograd.facts import Text

_RECTIFIERS = ("relu", "relu6", "threshold", "clamp_min")


class Activation:
    """The intervention `activation`."""

    name = "activation"

    def label(self, subject: Subject) -> Text:
        """See `Intervention`."""
        names = ", ".join(name for name in subject.roles.hidden() if name not in TANHS)
        return Text("{names} to tanh", "{names} 대신 tanh 사용", {"names": names})

    def applies(self, subject: Subject) -> bool:
        """True if there is a hidden activation other than tanh."""
        return any(name not in TANHS for name in subject.roles.hidden())

    def make(self, subject: Subject, trace: Trace) -> AbstractContextManager[object]:
        """See `Intervention`."""
        return exchange(subject, trace, _tanh)

    def cause(self, subject: Subject, trace: Trace) -> str | None:
        """A rectifier through which nothing passes is dead; others pass too little, which makes no gradient grow."""
        if subject.gain > 0:
            return None
        dead = subject.gain == float("-inf") and any(name in _RECTIFIERS for name in subject.roles.hidden())
        return "dead-at-birth" if dead else "saturating-activation"


class Linear:
    """The probe `linear`: hidden activations left out; it shows what the weights do alone and blames nothing."""

    name = "linear"

    def label(self, subject: Subject) -> Text:
        """See `Intervention`."""
        names = ", ".join(subject.roles.hidden())
        return Text("without {names}", "{names} 제거", {"names": names})

    def applies(self, subject: Subject) -> bool:
        """True if there is a hidden activation."""
        return bool(subject.roles.hidden())

    def make(self, subject: Subject, trace: Trace) -> AbstractContextManager[object]:
        """See `Intervention`."""
        return exchange(subject, trace, lambda x, in_place: x)

    def cause(self, subject: Subject, trace: Trace) -> str | None:
        """None: without activations it is another network."""
        return None


def exchange(subject: Subject, trace: Trace, other: Callable[[torch.Tensor, bool], torch.Tensor]) -> Rerouting:
    """A mode in which hidden activations are another function of (input, whether in place)."""
    roles, calls = subject.roles.activations, iter(range(1 << 40))

    def handler(function: Call, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        plain = plain_name(function)
        if plain not in ACTIVATIONS:
            return function(*args, **kwargs)
        number = next(calls)
        role: Role = roles[number] if number < len(roles) else "frozen"
        if role != "hidden":
            return function(*args, **kwargs)
        trace.touched += 1
        in_place = (name.endswith("_") and not name.startswith("__")) or kwargs.get("inplace") is True
        return other(args[0] if args else kwargs["input"], in_place)

    return Rerouting(handler)


def _tanh(data: torch.Tensor, in_place: bool) -> torch.Tensor:
    return data.tanh_() if in_place else data.tanh()
