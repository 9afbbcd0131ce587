"""A place in a network at which the gradient is measured."""

from dataclasses import dataclass
from typing import Literal

SiteKind = Literal["weight", "recurrent", "embedding", "norm", "sum"]
"""`weight`: linear, convolution, attention projection; `recurrent`: a weight applied once a time step, or a fused
recurrent layer; `norm`: normalisation; `sum`: the point at which a residual branch joins its stream."""


@dataclass(frozen=True)
class Site:
    """One layer whose output gradient dL/dz is measured; z is the pre-activation."""

    name: str
    """The module's path in the network, e.g. `layers.3`; unique within its network."""
    kind: SiteKind
    """What the place is."""
    operation: str
    """The autograd operation behind it, e.g. `Addmm`, `Convolution`, `NativeLayerNorm`."""
    activation: str
    """The activation that follows, e.g. `sigmoid`, `relu`; empty where there is none."""
    parameters: tuple[str, ...]
    """Names of the parameters that belong to it; empty for a `sum`."""
    num_parameters: int
    """How many numbers those parameters hold."""
    fan_in: int
    """Inputs of one unit (0 where that has no meaning)."""
    units: int
    """Units, or channels (0 where that has no meaning)."""
    on_chain: bool
    """True if every gradient path from the loss to the first site passes here, so that a gain across it is defined."""
