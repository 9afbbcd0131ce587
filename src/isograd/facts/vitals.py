"""What a live view shows while training: a small snapshot, taken by another thread at any moment."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Vitals:
    """The latest of one network; H readings kept for the strip, S sites."""

    network: str
    """Name of the network."""
    step: int
    """The latest optimizer step."""
    loss: float
    """The latest loss; nan if none was seen."""
    gain: float
    """The latest G in decades; nan if not yet seen."""
    raw_log10: float
    """log10 of the gradient norm before clipping; nan if not yet seen."""
    applied_log10: float
    """log10 of the gradient norm that the optimizer was given."""
    steps_per_second: float
    """Over the last few seconds."""
    overhead_share: float
    """isograd's own share of the time so far (0..1)."""
    sites: tuple[str, ...]
    """S names on the chain, input side first."""
    strip: NDArray[np.float32]
    """Shape (H, S): log10(||dL/dz_s|| / ||dL/dz_last||) of the latest readings, oldest first."""
    alarm: str
    """Empty, or what a sentinel saw: `non-finite`, `vanishing`, `exploding`."""
