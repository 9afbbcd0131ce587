"""One trial: one training of the user's program under an order, and what came of it. JSON can carry all of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from isograd.facts.treatment import Change, Code, Dose, Places, Plan
from isograd.facts.verdict import MetricKind

ArmName = Literal["baseline", "treated", "sham", "reseed"]
"""`baseline`: the program as it is; `treated`: with remedies; `sham`: with a change of like size that leaves the
mechanism alone; `reseed`: the program as it is, with a seed that no other arm uses."""
TrialStatus = Literal["finished", "stopped", "failed", "interrupted"]
"""`stopped`: at `Order.max_steps`; `interrupted`: killed from outside, by Ctrl-C or a time limit."""


@dataclass(frozen=True)
class MetricPattern:
    """Where in the program's output the metric stands."""

    pattern: str
    """A regular expression, looked for line by line; its first group, else the whole match, is the number."""
    lower: bool = False
    """True if lower is better."""


@dataclass(frozen=True)
class Order:
    """What one trial is to do."""

    arm: ArmName = "baseline"
    """Which arm it belongs to."""
    doses: tuple[Dose, ...] = ()
    """Remedies of a treated run, in the order in which they are made, those of the model first."""
    seed: int = 0
    """0 for the program's own seeds; others shift every seed that the program sets, see `treatment.trial.seeds`."""
    max_steps: int | None = None
    """Stop after so many optimizer steps of the treated network; None to run to the end."""
    network: str = ""
    """Which network is treated: `Trained.key`, or its name; empty for the one that is made first."""
    metric: MetricPattern | None = None
    """What to look for in the program's output."""
    outlooks: tuple[Plan, ...] = ()
    """Plans whose gain is to be forecast and measured on one kept batch; the run itself does not notice."""
    keep_samples: bool = False
    """Keep calls of the network and regression targets in the trial's folder."""
    untreated: str = ""
    """Folder of a baseline trial that kept samples: what remedies are told of the untreated training."""
    patched: str = ""
    """Folder with replaced sources, each at its absolute path below it (`/home/me/train.py` at `home/me/train.py`);
    they run in place of the user's own, and nothing is injected."""
    explain: bool = False
    """Look for the causes of what was found by experiment when the run has ended, as `isograd run` does."""


@dataclass(frozen=True)
class Trained:
    """One network that a trial trained."""

    key: str
    """Tells it from the others: the same in all trials of one program, whatever the treatment."""
    name: str
    """What the record calls it."""
    type: str
    """Class of its root module."""
    steps: int
    """Optimizer steps taken."""


@dataclass(frozen=True)
class LossCurve:
    """Training losses of the treated network, thinned to at most 2,000."""

    step: tuple[int, ...] = ()
    """Numbers of optimizer steps, from 0, ascending; the last step is always there."""
    value: tuple[float, ...] = ()
    """The loss that was propagated back last before that step, unscaled; nan if it was no scalar."""


@dataclass(frozen=True)
class EvaluationPass:
    """One pass of the program's own evaluation: losses without gradients in evaluation mode between two steps."""

    step: int
    """Optimizer steps taken before it."""
    loss: float
    """Mean over the examples."""
    examples: int
    """How many."""


@dataclass(frozen=True)
class PrintedMetric:
    """One match of the metric's pattern."""

    step: int
    """Optimizer steps taken before it was printed."""
    value: float
    """The number."""


@dataclass(frozen=True)
class Gains:
    """G of the treated network in decades, over the readings of one run; nan where none was seen."""

    first: float = float("nan")
    """At the first reading, before the first step."""
    median: float = float("nan")
    """Over all."""
    last: float = float("nan")
    """At the last."""
    through_time: float = float("nan")
    """From the last time step to the first, over the later half of the run, of the recurrence that is worst off."""


@dataclass(frozen=True)
class Made:
    """One remedy as it was made in a run."""

    dose: Dose
    """Its name and all of its numbers, chosen ones too."""
    changes: tuple[Change, ...]
    """What it changed."""
    code: Code | None = None
    """How a user would write it; None for the sham."""
    figures: Mapping[str, float] = field(default_factory=dict)
    """What it did during the run, e.g. `{"clip:norm bound_share": 0.2}`."""


@dataclass(frozen=True)
class Outlook:
    """What a plan does to the untrained network, before any training."""

    plan: Plan
    """The plan: chosen numbers in its doses, `expected_gain` and `measured_gain` filled in; nan if not known."""
    suits: bool
    """False if a remedy of it finds nothing to change."""
    untreated_gain: float
    """Measured gain of the untreated network on the same batch, in decades."""
    changes: tuple[Change, ...] = ()
    """What it would change."""
    error: str = ""
    """Why it could not be made or measured; empty if it could."""


@dataclass(frozen=True)
class Result:
    """What came of one trial."""

    order: Order
    """What was to be done."""
    status: TrialStatus
    """How it ended."""
    error: str = ""
    """One line that says why it failed; empty if it did not."""
    seconds: float = 0.0
    """From the start of the process to its end."""
    train_seconds: float = 0.0
    """From the first backward pass to the last step, isograd's own time left out."""
    steps: int = 0
    """Optimizer steps of the treated network."""
    networks: tuple[Trained, ...] = ()
    """All networks that stepped, in the order in which their optimizers were made."""
    losses: LossCurve = field(default_factory=LossCurve)
    """Of the treated network."""
    digest: str = ""
    """SHA-256 over every loss of the treated network and its final parameters: equal digests, equal bits."""
    metrics: tuple[PrintedMetric, ...] = ()
    """Matches of the metric's pattern in the order in which they were printed: the last 2,000."""
    evaluations: tuple[EvaluationPass, ...] = ()
    """The program's own evaluation passes, the last 2,000."""
    score: float = float("nan")
    """`Task.evaluate` at the end, the higher the better; nan for a script."""
    metric_kinds: tuple[MetricKind, ...] = ()
    """Which metrics were seen, the one to prefer first."""
    gains: Gains = field(default_factory=Gains)
    """Of the treated network."""
    findings: Mapping[str, Any] = field(default_factory=dict)
    """The findings file's object, see `report.findings`; the record itself is `record.sqlite` in the trial's folder."""
    made: tuple[Made, ...] = ()
    """What was made in the network, dose by dose; of several treated networks the last."""
    places: Places | None = None
    """Where the change can be written in the source; None where nothing was recorded."""
    outlooks: tuple[Outlook, ...] = ()
    """One for each plan of the order that could be looked at."""
    redirected: tuple[str, ...] = ()
    """Files that the program wrote, by the paths that it gave; they are in the trial's folder instead."""
    warnings: tuple[str, ...] = ()
    """What could not be kept, refused or seen, in plain English."""
