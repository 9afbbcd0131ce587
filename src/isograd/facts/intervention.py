"""What happened to the gradient when one thing was changed and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass

from isograd.facts.text import Text


@dataclass(frozen=True)
class Intervened:
    """One measurement on the same batch with some things changed."""

    names: tuple[str, ...]
    """Interventions that were made together."""
    gain: float
    """The gain with them, in decades; -inf if nothing arrives, nan if it could not be measured."""


@dataclass(frozen=True)
class InterventionTable:
    """All interventions tried on one network, and what they say."""

    network: str
    """Name of the network."""
    site: str
    """The recurrent site whose gain through time was followed; empty for the gain through the layers."""
    before: float
    """The gain as the network is, in decades."""
    tolerance: float
    """|gain| up to which it counts as restored."""
    rows: tuple[Intervened, ...]
    """Each alone first, then those made together."""
    labels: Mapping[str, Text]
    """What each intervention changes, by its name."""
    sufficient: tuple[tuple[str, ...], ...]
    """Smallest sets that restore the gain, the least invasive first; empty if none does, or none was needed."""
    shares: Mapping[str, float]
    """Of each intervention in those sets, its share of what was restored (0..1, together 1)."""
    dead_site: str = ""
    """Where nothing arrives: the first layer, seen from the loss, that passes no gradient on."""
    dead_share: float = float("nan")
    """Share of that layer's units that are silent on every example (0..1); nan if not measured."""
