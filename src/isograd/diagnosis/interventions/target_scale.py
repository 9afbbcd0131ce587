"""Targets of a regression standardised; the gain does not see their scale, the loss and the output's gradient do."""

from contextlib import AbstractContextManager
from typing import Any

import torch

from isograd.diagnosis.interventions.intervention import Subject, Trace
from isograd.diagnosis.interventions.rerouting import Call, Rerouting
from isograd.facts import Text

LOSSES = ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss")


class TargetScale:
    """The intervention `target-scale`."""

    name = "target-scale"

    def label(self, subject: Subject) -> Text:
        """See `Intervention`."""
        return Text("targets standardised", "목푯값 표준화")

    def applies(self, subject: Subject) -> bool:
        """True if the loss is not finite: only then can targets be what spoils the gain."""
        return not abs(subject.base.loss) < float("inf")

    def make(self, subject: Subject, trace: Trace) -> AbstractContextManager[object]:
        """See `Intervention`."""

        def handler(function: Call, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            if name not in LOSSES or len(args) < 2 or not isinstance(args[1], torch.Tensor):
                return function(*args, **kwargs)
            trace.touched += 1
            target = args[1].double()
            size = target.std(correction=0)
            fit = ((target - target.mean()) / torch.where(size > 0, size, torch.ones_like(size))).to(args[1].dtype)
            return function(args[0], fit, *args[2:], **kwargs)

        return Rerouting(handler)

    def cause(self, subject: Subject, trace: Trace) -> str | None:
        """Always the targets' scale, if there was a regression loss at all."""
        return "target-scale" if trace.touched else None
