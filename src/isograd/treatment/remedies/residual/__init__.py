"""Shortcuts around layers, and the scale of branches."""

from isograd.treatment.remedies.remedy import Remedy
from isograd.treatment.remedies.residual import learnt_scale, scale, skip
from isograd.treatment.remedies.residual.learnt_scale import rezero
from isograd.treatment.remedies.residual.scale import scale_branches
from isograd.treatment.remedies.residual.skip import add_skips

REMEDIES: tuple[Remedy, ...] = (skip.REMEDY, learnt_scale.REMEDY, scale.REMEDY)
"""Of this family, best first."""

__all__ = ["REMEDIES", "add_skips", "rezero", "scale_branches"]
