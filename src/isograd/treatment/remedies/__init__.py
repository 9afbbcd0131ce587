"""Every remedy of the vocabulary, one file each: `REMEDIES` by family."""

from isograd.treatment.remedies import (
    activation,
    clip,
    init,
    loss,
    lr,
    norm,
    precision,
    pretrain,
    recurrent,
    residual,
    scale,
)
from isograd.treatment.remedies.remedy import Remedy, Stage

REMEDIES: tuple[Remedy, ...] = (
    *activation.REMEDIES,
    *init.REMEDIES,
    *norm.REMEDIES,
    *residual.REMEDIES,
    *clip.REMEDIES,
    *recurrent.REMEDIES,
    *pretrain.REMEDIES,
    *scale.REMEDIES,
    *lr.REMEDIES,
    *precision.REMEDIES,
    *loss.REMEDIES,
)
"""All remedies; add one of your own by writing its file and naming it in its family's tuple."""

__all__ = ["REMEDIES", "Remedy", "Stage"]
