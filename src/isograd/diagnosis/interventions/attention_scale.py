"""Attention scores lowered to standard deviation 1, at which a softmax is off its flat ends."""

import math
from contextlib import AbstractContextManager
from typing import Any

import torch

from isograd.diagnosis.interventions.intervention import Subject, Trace
from isograd.diagnosis.interventions.rerouting import Call, Rerouting, spread
from isograd.diagnosis.interventions.roles import SOFTMAXES, plain_name
from isograd.facts import Text

_FUSED = "scaled_dot_product_attention"


class AttentionScale:
    """The intervention `attention-scale`."""

    name = "attention-scale"

    def label(self, subject: Subject) -> Text:
        """See `Intervention`."""
        return Text("attention scores lowered", "어텐션 점수 축소")

    def applies(self, subject: Subject) -> bool:
        """True if a softmax lies between layers."""
        return "hidden" in subject.roles.softmaxes

    def make(self, subject: Subject, trace: Trace) -> AbstractContextManager[object]:
        """See `Intervention`."""
        roles, calls = subject.roles.softmaxes, iter(range(1 << 40))

        def handler(function: Call, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            if plain_name(function) not in (*SOFTMAXES, _FUSED):
                return function(*args, **kwargs)
            number = next(calls)
            if number >= len(roles) or roles[number] != "hidden" or not args:
                return function(*args, **kwargs)
            size = _fused_spread(args, kwargs) if name == _FUSED else _finite_spread(args[0])
            factor = 1.0 / size if size > 1.0 and math.isfinite(size) else 1.0
            trace.scaled(math.log10(factor))
            trace.divided += name == _FUSED and kwargs.get("scale") is None
            return function(args[0] * factor, *args[1:], **kwargs)

        return Rerouting(handler)

    def cause(self, subject: Subject, trace: Trace) -> str | None:
        """Scores that were small already are no reason; of scores that were divided already the weights are."""
        if trace.mean_log10 >= -0.1:
            return None
        return "init-too-large" if trace.divided == trace.touched else "attention-scale"


def _finite_spread(scores: torch.Tensor) -> float:
    """Of the scores that are not masked."""
    return spread(scores[torch.isfinite(scores) & (scores > -1e4)])


def _fused_spread(args: tuple[Any, ...], kwargs: dict[str, Any]) -> float:
    query, key = args[0].detach(), args[1].detach()
    scale = kwargs.get("scale") or 1.0 / math.sqrt(query.shape[-1])
    return spread(query @ key.transpose(-2, -1)) * float(scale)
