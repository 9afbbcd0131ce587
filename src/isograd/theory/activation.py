"""What theory needs to know of an activation: its values, its slope and where they break."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Elementwise = Callable[[Array], Array]


@dataclass(frozen=True)
class Activation:
    """An elementwise function phi and its derivative phi'.

    Example:
        >>> square = Activation("square", np.square, lambda x: 2 * x)
        >>> float(square.slope(np.array(3.0)))
        6.0
    """

    name: str
    """As in `torch.nn.functional`, with its parameters where they are not the defaults."""
    phi: Elementwise
    """phi(x), elementwise."""
    slope: Elementwise
    """phi'(x), elementwise, as autograd has it: the derivative almost everywhere, blind to jumps."""
    breaks: tuple[float, ...] = ()
    """The points at which phi or phi' is not smooth; quadrature is split there."""
