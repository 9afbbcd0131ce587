"""The levels that the rules hold numbers against, each with where it comes from.

G is the backward gain in decades, log10(||dL/dz_first|| / ||dL/dz_last||). It depends neither on the loss's scale nor
on batch or width, so that one level serves all networks of a kind.
"""

from dataclasses import dataclass

from isograd.facts import Network

DEAD_WARNING = 0.5
"""Half of a layer's units silent: own choice; with harm seen elsewhere only."""
DEAD_ERROR = 0.9
"""Nine units of ten silent: the layer passes on next to nothing; own choice."""
SATURATION = 0.6
"""Entries with less than a twentieth of the activation's largest slope; own choice, tuned on healthy tanh networks."""
EPSILON_FLOOR = 0.1
"""Share of Adam's coordinates under ten epsilon beyond which the scale of the gradient matters (own sweep)."""
COLLAPSED_SHARE = 1e-3
"""Share of the last layer's input energy that depends on the example, below which outputs are constant (own sweep)."""
STARVED = 1e-3
"""A layer that moves less than a thousandth as far as the median layer does not take part (own sweep)."""
UPDATE_HIGH = 0.1
"""A step that moves a weight by a tenth of its size; a healthy step moves it by 1e-4 to 1e-2."""
TRAVEL_LOW = 0.02
"""Weights that moved by less than a fiftieth of their size in the whole run have not been trained."""
INPUT_LARGE = 8.0
"""Root mean square of the inputs of the first layer; standardised inputs have 1."""
INPUT_SMALL = 1e-2
"""The same, below which the biases alone decide what the first layer gives."""
FEW_STEPS = 3
"""Fewer steps than this allow no verdict."""
ENOUGH_STEPS = 50
"""Steps after which a loss that has not moved is called stalled."""


@dataclass(frozen=True)
class GainLevels:
    """How large |G| may be, in decades."""

    warning: float
    """Beyond this it is worth a look."""
    error: float
    """Beyond this networks of the kind did not train."""


PLAIN = GainLevels(1.3, 2.0)
"""|G| <= 1.3 is Schoenholz's depth line L <= 6 xi; the best cut over 96 networks was 1.85 (SGD) and 2.0 (Adam)."""
NORMALISED = GainLevels(2.0, 3.5)
"""|G| <= 3.47 is Yang's depth line L <= 16 xi for batch normalisation; a 32-layer one at 2.2 was already slow."""


def gain_levels(network: Network) -> GainLevels:
    """The levels of a network: normalised and residual ones bear more, since their ends alone shift G by a decade."""
    return NORMALISED if network.normalised or network.residual else PLAIN


def adaptive(network: Network) -> bool:
    """True for optimizers that divide each coordinate by its own size, so that the gradient's scale does not matter."""
    name = network.optimizer.lower()
    return any(
        word in name for word in ("adam", "rmsprop", "adagrad", "adadelta", "lion", "sign", "adafactor", "rprop")
    )
