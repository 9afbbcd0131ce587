"""The one noun that all observation yields and all rules read: what was seen of a run.

Shapes: T optimizer steps, N detailed readings of one network, S sites in execution order, Q quantities.
Gradient sizes are log10 of an L2 norm, in decades; -inf is an exact zero, nan is "not measured".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from isograd.facts.site import Site

if TYPE_CHECKING:
    import pandas as pd

    from isograd.facts.tables import Table

Column = NDArray[np.float64]

QUANTITIES = (
    "gradient_log10",  # log10 ||dL/dz||, z the output of the site, over the whole batch
    "rho",  # gain across the site, decades: log10(||dL/dz of the site before it on the chain|| / ||dL/dz of it||)
    "slope",  # ledger, decades: log10 of the largest slope of the activation before it
    "gate",  # ledger, decades: saturation and gating, the rest of the activation's share
    "weight",  # ledger, decades: log10(||dL/d input|| / ||dL/d output||)
    "norm",  # ledger, decades: normalisation layers between
    "skip",  # ledger, decades: branches that join or part between
    "other",  # ledger, decades: pooling, dropout, reshaping
    "saturation_share",  # of the entries of the activation after it, slope below 5 % of the largest (0..1)
    "dead_share",  # of its units, silent on every example of this batch (0..1)
    "dead_lasting_share",  # of its units, silent in each of the last readings (see observation; 0..1)
    "zero_share",  # of the entries of dL/dz, exactly zero (0..1)
    "nonfinite_share",  # of the entries of dL/dz, nan or infinite (0..1)
    "underflow_share",  # of the entries of dL/dz, below the smallest normal number of their format, zeros left out
    "input_rms",  # root mean square of what goes in
    "input_max",  # largest magnitude of what goes in
    "input_share",  # share of the input's energy that depends on the example (0..1)
    "weight_gradient_log10",  # log10 ||dL/dW||, before clipping, over the site's parameters
    "weight_scale",  # sigma_w = sqrt(fan_in) * rms(W)
    "weight_max",  # largest magnitude of W
    "update_ratio",  # ||delta W|| / ||W|| of the step that was taken
    "epsilon_floor_share",  # of the entries of W, sqrt(v) of Adam below ten epsilon (0..1)
)
"""Names of the Q quantities of a detailed reading, in the order in which they are stored."""

RunStatus = Literal["running", "finished", "failed", "interrupted"]


@dataclass(frozen=True)
class Run:
    """What was run, and how it ended."""

    name: str
    """The script's stem, or the name that the caller gave."""
    command: tuple[str, ...]
    """The script and its arguments; empty when watched from Python."""
    started: float
    """Seconds since the epoch."""
    seconds: float
    """How long it has run, in seconds."""
    status: RunStatus
    """`running` also after `kill -9`: nobody was left to write the end."""
    error: str
    """The last line of the script's own traceback, or empty."""
    versions: Mapping[str, str]
    """Versions of `isograd`, `torch` and `python`."""
    overhead_share: float
    """Time spent by isograd as a share of the run's time (0..1)."""
    notes: tuple[str, ...] = ()
    """What could not be observed and why, in plain English, e.g. a compiled region."""


@dataclass(frozen=True)
class Network:
    """All that one optimizer trains: one module or several."""

    name: str
    """The variable's name in the script where it was found, else the class's name."""
    type: str
    """Class name of the root module (several joined by `+`)."""
    num_parameters: int
    """Numbers that the optimizer updates."""
    num_frozen: int
    """Numbers of the same modules that no optimizer updates."""
    optimizer: str
    """Class name of the optimizer, e.g. `SGD`, `Adam`."""
    settings: Mapping[str, float]
    """Numeric settings of the optimizer's first group: lr, momentum, weight_decay, eps, ..."""
    sites: tuple[Site, ...]
    """S sites, in execution order."""
    depth: int
    """Layers from first to last site on the chain."""
    unreached: tuple[str, ...]
    """Parameters that the optimizer holds but no gradient has reached so far (detached or unused)."""
    loss: str
    """The loss's autograd operation, e.g. `NllLoss`, `MseLoss`, `BinaryCrossEntropy`; empty if unknown."""
    number_format: str
    """Format of the activations: `float32`, `float16`, `bfloat16`, `float64`."""
    normalised: bool
    """True if a normalisation layer lies on the chain."""
    residual: bool
    """True if skip connections lie on the chain."""


class StepRow(NamedTuple):
    """The sentinels of one optimizer step; the fields are those of `Steps`, one value each."""

    step: int
    loss: float
    raw_log10: float
    applied_log10: float
    gain: float
    learning_rate: float
    seconds: float
    nonfinite: int


@dataclass(frozen=True)
class Steps:
    """Sentinels: one row an optimizer step of one network; columns of shape (T,)."""

    step: NDArray[np.int64]
    """Number of the optimizer step of this network, from 0."""
    loss: Column
    """Loss that was back-propagated last before the step, unscaled; nan if it was no scalar."""
    raw_log10: Column
    """log10 of the gradient norm after backward, before clipping, unscaled; nan where not sampled."""
    applied_log10: Column
    """log10 of the gradient norm that the optimizer was given; nan where not sampled."""
    gain: Column
    """G in decades: log10(||dL/dz_first|| / ||dL/dz_last||) along the chain; nan where not sampled."""
    learning_rate: Column
    """Learning rate of the first group."""
    seconds: Column
    """Time since the step before, isograd's own time left out."""
    nonfinite: NDArray[np.int64]
    """Bits: 1 loss, 2 raw gradient, 4 applied gradient, 8 a parameter after the step, 16 step skipped by a scaler."""


@dataclass(frozen=True)
class Readings:
    """Detailed readings of one network."""

    step: NDArray[np.int64]
    """Shape (N,): the step each was taken at."""
    values: NDArray[np.float32]
    """Shape (N, S, Q)."""

    def column(self, quantity: str) -> NDArray[np.float32]:
        """The (N, S) values of one of `QUANTITIES`."""
        return self.values[:, :, QUANTITIES.index(quantity)]


@dataclass(frozen=True)
class TimeProfile:
    """Gradient by time step of one recurrent site on one batch."""

    site: str
    """Name of the recurrent site, or of the fused layer."""
    step: int
    """The optimizer step at which it was taken."""
    length: int
    """Time steps of the sequence."""
    lag: NDArray[np.int64]
    """Shape (K,): time steps back from the last one, ascending from 0; at most 128 of them. In a layer that runs
    backwards the last one is the first of the data; in a packed batch each sequence counts from its own end."""
    gradient_log10: Column
    """Shape (K,): log10 of the norm of that gradient at that lag, over the whole batch, of the whole loss."""
    cell: str
    """`RNN`, `LSTM`, `GRU`, or `loop` for a module called in a Python loop."""
    gated: bool
    """True for LSTM and GRU: there a small gain at initialisation is a risk and no verdict."""
    quantity: Literal["hidden", "cell", "pre-activation"] = "hidden"
    """Whose gradient it is: dL/dh_t, dL/dc_t, or, where no state could be told, dL/dz_t of the recurrent layer."""


@dataclass(frozen=True)
class Event:
    """Something that happened once, at a step."""

    step: int
    """The step at which it happened."""
    kind: Literal["non-finite", "rebuilt", "scaler-skip", "experiment", "carried"]
    """What happened; `carried`: the first steps all had the gradients of earlier steps in theirs."""
    site: str
    """Where, or empty."""
    direction: Literal["forward", "backward", "update", ""]
    """For `non-finite`: where it appeared first."""
    operation: str
    """The operation that made it, e.g. `Log`, `Sqrt`, `Div`; empty if it could not be told."""
    detail: Mapping[str, object] = field(default_factory=dict)
    """Further numbers and words, JSON."""


@dataclass(frozen=True)
class Observed:
    """One network and all that was seen of it."""

    network: Network
    """What it is."""
    steps: Steps
    """Sentinels, one row a step."""
    readings: Readings
    """Detailed readings, a subset of the steps."""
    times: tuple[TimeProfile, ...] = ()
    """Gradient through time, for recurrent sites."""
    events: tuple[Event, ...] = ()
    """Non-finite values and the like, in order."""


@dataclass(frozen=True)
class Record:
    """All that was seen of a run."""

    run: Run
    """What was run."""
    observed: tuple[Observed, ...]
    """One entry a network (an optimizer and the modules it trains)."""

    def to_pandas(self, table: "Table" = "steps") -> "pd.DataFrame":
        """One of the record's tables, tidy; see `facts.tables.to_pandas`. pandas is imported when this is called.

        Args:
            table: `steps`, `readings`, `times` or `events`.

        Raises:
            UsageError: pandas is not installed, or there is no such table.
        """
        from isograd.facts.tables import to_pandas

        return to_pandas(self, table)
