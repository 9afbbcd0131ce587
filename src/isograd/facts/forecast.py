"""What is expected of a network before it has seen any data."""

from collections.abc import Mapping
from dataclasses import dataclass

from isograd.facts.site import Site
from isograd.facts.text import Text


@dataclass(frozen=True)
class SiteForecast:
    """What is expected at one site; names are those of observation, so expected against seen is a join.

    Gains are in decades; nan where the site is not on the chain or nothing comes before it.
    """

    site: Site
    """Which place it is."""
    rho: float
    """Expected gain across the site, from it to the site before it on the chain."""
    sd: float
    """Standard deviation of `rho` over random initialisations of this width."""
    gain: float
    """Expected gain from the last layer to this site: the sum of `rho` of the sites behind it."""
    low: float
    """Lower end of the error bar of `gain`."""
    high: float
    """Upper end."""
    length: float
    """Expected mean square of the site's output."""
    correlation: float
    """Expected correlation of its output over two inputs (-1..1); near 1 it hardly depends on the input."""
    columns: Mapping[str, float]
    """`rho` by kind of operation, as in the gain ledger; empty where `rho` is nan."""


@dataclass(frozen=True)
class CriticalInitialisation:
    """The initialisation of plain layers that would neither shrink nor swell the gradient."""

    activation: str
    """The activation that most layers of the chain have."""
    sigma_w: float
    """sqrt(fan_in) times the standard deviation of the weights."""
    sigma_b: float
    """Standard deviation of the biases."""


@dataclass(frozen=True)
class Forecast:
    """The gain that a network is born with, forecast from its graph and the statistics of its parameters."""

    sites: tuple[SiteForecast, ...]
    """In execution order."""
    gain: float
    """G in decades: expected log10(||dL/dz_first|| / ||dL/dz_last||); -inf where no gradient passes, nan without
    two layers on the chain."""
    low: float
    """Lower end of its error bar; 95 % of random initialisations lie within, as the bench measures. -inf, and `high`
    inf, where an operation without a rule lies on the way: then nothing bounds the forecast."""
    high: float
    """Upper end."""
    depth: int
    """Layers and residual sums on the chain."""
    decades_per_layer: float
    """Median gain across one of them; the typical rate, of which ends such as a pooled head say nothing."""
    limit: float
    """The |G| beyond which networks of the kind did not train: 2 for plain ones, 3.5 for normalised or residual."""
    failing_depth: float
    """Layers and sums, from the last one on, with which |G| passes the limit: counted where it does so in this network,
    else extrapolated at its rate; inf if the gradient neither shrinks nor swells, nan where nothing bounds the
    forecast."""
    critical: CriticalInitialisation | None
    """What would hold the gradient; None where no weights' scale would, or where normalisation cancels it."""
    notes: tuple[Text, ...]
    """What is approximate here, and what was assumed."""
