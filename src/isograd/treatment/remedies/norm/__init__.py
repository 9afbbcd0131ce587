"""Normalisation put between a layer and what follows it."""

from isograd.treatment.remedies.norm import batch, group, layer, rms, weight
from isograd.treatment.remedies.norm.batch import batch_normalise
from isograd.treatment.remedies.norm.group import group_normalise
from isograd.treatment.remedies.norm.layer import layer_normalise
from isograd.treatment.remedies.norm.rms import rms_normalise
from isograd.treatment.remedies.norm.weight import weight_normalise
from isograd.treatment.remedies.remedy import Remedy

REMEDIES: tuple[Remedy, ...] = (batch.REMEDY, layer.REMEDY, rms.REMEDY, group.REMEDY, weight.REMEDY)
"""Of this family, best first."""

__all__ = [
    "REMEDIES",
    "batch_normalise",
    "group_normalise",
    "layer_normalise",
    "rms_normalise",
    "weight_normalise",
]
