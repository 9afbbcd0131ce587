"""Losses written so that they stay finite."""

from isograd.treatment.remedies.loss.stable import StableLoss
from isograd.treatment.remedies.remedy import Remedy

REMEDIES: tuple[Remedy, ...] = (StableLoss(),)
"""Of this family, best first."""
