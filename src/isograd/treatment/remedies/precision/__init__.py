"""Number formats that hold small gradients."""

from isograd.treatment.remedies.precision import bfloat16, scaled_losses
from isograd.treatment.remedies.precision.bfloat16 import use_bfloat16
from isograd.treatment.remedies.precision.loss_scale import LossScale
from isograd.treatment.remedies.remedy import Remedy

REMEDIES: tuple[Remedy, ...] = (scaled_losses.REMEDY, bfloat16.REMEDY)
"""Of this family, best first."""

__all__ = ["REMEDIES", "LossScale", "use_bfloat16"]
