"""Gradients cut back before the step."""

from isograd.treatment.remedies.clip import adaptive, auto, norm, value, zscore
from isograd.treatment.remedies.clip.adaptive import AdaptiveClip
from isograd.treatment.remedies.clip.auto import AutoClip
from isograd.treatment.remedies.clip.norm import ClipNorm
from isograd.treatment.remedies.clip.value import ClipValue
from isograd.treatment.remedies.clip.zscore import ZClip
from isograd.treatment.remedies.remedy import Remedy

REMEDIES: tuple[Remedy, ...] = (norm.REMEDY, zscore.REMEDY, adaptive.REMEDY, auto.REMEDY, value.REMEDY)
"""Of this family, best first."""

__all__ = ["REMEDIES", "AdaptiveClip", "AutoClip", "ClipNorm", "ClipValue", "ZClip"]
