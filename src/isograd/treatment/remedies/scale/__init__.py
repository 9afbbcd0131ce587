"""Inputs and targets brought to unit scale."""

from isograd.treatment.remedies.remedy import Remedy
from isograd.treatment.remedies.scale.input_scale import ScaleInput
from isograd.treatment.remedies.scale.target_scale import ScaleTarget

REMEDIES: tuple[Remedy, ...] = (ScaleInput(), ScaleTarget())
"""Of this family, best first."""
