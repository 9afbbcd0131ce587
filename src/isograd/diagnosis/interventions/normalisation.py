"""Batch normalisation exchanged for one scale a layer, which keeps the signal's size and leaves examples apart.

Batch normalisation itself lets the gradient grow on its way back: by sqrt(pi / (pi - 1)) = 1.21 a layer with ReLU
(Yang et al. 2019). It is the cause where the gradient stops growing without it.
"""

from contextlib import AbstractContextManager
from typing import Any

from isograd.diagnosis.interventions.intervention import Subject, Trace
from isograd.diagnosis.interventions.rerouting import Call, Rerouting, rms
from isograd.facts import Text


class Normalisation:
    """The intervention `normalisation`."""

    name = "normalisation"

    def label(self, subject: Subject) -> Text:
        """See `Intervention`."""
        return Text("one scale instead of batch normalisation", "배치 정규화 대신 층별 크기 조정")

    def applies(self, subject: Subject) -> bool:
        """True if the gradient grows and a batch is normalised on the chain."""
        sites = (entry.site for entry in subject.base.seen)
        return subject.gain > 0 and any(site.kind == "norm" and "BatchNorm" in site.operation for site in sites)

    def make(self, subject: Subject, trace: Trace) -> AbstractContextManager[object]:
        """See `Intervention`."""

        def handler(function: Call, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            if name != "batch_norm":
                return function(*args, **kwargs)
            trace.touched += 1
            size = rms(args[0])
            return args[0] / size if size > 0 else args[0]

        return Rerouting(handler)

    def cause(self, subject: Subject, trace: Trace) -> str | None:
        """Batch normalisation's own explosion."""
        return "normalisation-depth"
