"""The learning rate: lower, higher, warmed up."""

from isograd.treatment.remedies.lr import higher, lower, warmup
from isograd.treatment.remedies.lr.scaled_rate import ScaledRate
from isograd.treatment.remedies.lr.warmup import warm_up
from isograd.treatment.remedies.remedy import Remedy

REMEDIES: tuple[Remedy, ...] = (lower.REMEDY, higher.REMEDY, warmup.REMEDY)
"""Of this family, best first."""

__all__ = ["REMEDIES", "ScaledRate", "warm_up"]
