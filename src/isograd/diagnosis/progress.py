"""Does the training get anywhere? Read off the loss alone, against its noise and against what guessing would score."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from isograd.diagnosis import trends
from isograd.facts import Network, Observed

State = Literal["unseen", "unknown", "worse", "stuck", "weak", "learning", "learned"]

_CLASSES = ("nllloss", "crossentropy")
_BINARY = ("binarycrossentropy", "binary_cross_entropy", "bce")
_REGRESSION = ("mse", "l1", "huber", "smooth")

STUCK_SHARE = 0.04
"""A loss that fell by less than this share of its reference has not moved."""
ORDINARY_OUTPUT = 3.0
"""Root mean square of logits under which no class loss starts far above guessing."""
WEAK_SHARE = 0.2
"""A loss that fell by less than this share has barely moved."""
LEARNED_SHARE = 0.6
"""A loss that fell by this share was learned from."""


@dataclass(frozen=True)
class Progress:
    """What the loss of one run did."""

    seen: int
    """Finite losses seen."""
    start: float
    """Level over the first few steps."""
    end: float
    """Level over the last tenth."""
    best: float
    """The lowest smoothed level."""
    peak: float
    """The highest smoothed level."""
    chance: float
    """The loss of guessing: ln C, or ln 2; nan where it cannot be known."""
    share: float
    """How far the loss fell, as a share of its start or of chance, whichever is lower; negative if it rose."""
    rest_share: float
    """How far it fell after the first fifth of the run, as a share of its level there."""
    late_share: float
    """How far it fell over the second half, as a share of its level at half time."""
    noise: float
    """Standard deviation from one loss to the next, free of trend."""
    state: State
    """The verdict."""

    @property
    def poor(self) -> bool:
        """True if the loss is no better than at the start, or barely."""
        return self.state in ("worse", "stuck", "weak")

    @property
    def good(self) -> bool:
        """True if the loss fell by a share that only learning explains."""
        return self.state in ("learning", "learned")

    @property
    def at_chance(self) -> bool:
        """True if the loss ends where guessing would."""
        return bool(abs(self.end - self.chance) <= 0.04 * self.chance)


def loss_family(loss: str) -> Literal["classes", "binary", "regression", "other"]:
    """What kind of loss an autograd operation stands for.

    >>> loss_family("NllLoss"), loss_family("BinaryCrossEntropyWithLogits"), loss_family("MseLoss")
    ('classes', 'binary', 'regression')
    """
    name = loss.lower().replace("-", "")
    if any(word in name for word in _BINARY):
        return "binary"
    if any(word in name for word in _CLASSES):
        return "classes"
    if any(word in name for word in _REGRESSION):
        return "regression"
    return "other"


def chance_level(network: Network) -> float:
    """The loss of a network that knows nothing of its input: ln C for C classes, ln 2 for two; nan if unknown."""
    family = loss_family(network.loss)
    if family == "binary":
        return float(np.log(2.0))
    last = [site for site in network.sites if site.kind in ("weight", "recurrent") and site.units > 1]
    if family == "classes" and last:
        return float(np.log(last[-1].units))
    return float("nan")


def progress(observed: Observed) -> Progress:
    """What the loss of one network did.

    Args:
        observed: A network and its sentinels.

    Returns:
        Levels, shares and a verdict; `unseen` for fewer than three finite losses, `unknown` where the loss has no
        meaningful zero (it is negative or crosses zero) and nothing else can be said.
    """
    loss = observed.steps.loss[np.isfinite(observed.steps.loss)]
    chance = chance_level(observed.network)
    if loss.size and loss[0] > 3 * chance and output_size(observed) < ORDINARY_OUTPUT:
        # Outputs of ordinary size cannot score so badly: the loss is a sum over the batch, and so is that of guessing.
        chance = float(loss[0])
    return _measure(loss, chance)


def output_size(observed: Observed) -> float:
    """Size of the outputs at the first reading, input_rms * sigma_w of the last layer; infinite if not measured."""
    if observed.readings.step.size == 0:
        return float("inf")
    size = observed.readings.column("input_rms")[0] * observed.readings.column("weight_scale")[0]
    seen = size[np.isfinite(size)]
    return float(seen[-1]) if seen.size else float("inf")


def _measure(loss: trends.Series, chance: float) -> Progress:
    if loss.size < 3:
        nan = float("nan")
        start = float(loss[0]) if loss.size else nan
        return Progress(loss.size, start, nan, nan, nan, chance, nan, nan, nan, nan, "unseen")
    noise = trends.roughness(loss)
    start = _start(loss, chance, noise)
    end = trends.median(trends.last_part(loss, 0.1, min(8, loss.size // 3)))
    width = max(1, min(25, loss.size // 8)) | 1
    smooth = trends.running_median(loss, width)
    reference = _reference(start, end, chance)
    fifth = float(np.median(smooth[loss.size // 5 : max(loss.size // 5 + 1, loss.size * 3 // 10)]))
    half = float(np.median(smooth[loss.size * 2 // 5 : max(loss.size * 2 // 5 + 1, loss.size // 2)]))
    share = (reference - end) / reference if reference > 0 else float("nan")
    return Progress(
        seen=loss.size,
        start=start,
        end=end,
        best=float(smooth.min()),
        peak=float(smooth.max()),
        chance=chance,
        share=share,
        rest_share=(fifth - end) / abs(fifth) if fifth else 0.0,
        late_share=(half - end) / abs(half) if half else 0.0,
        noise=noise,
        state=_no_better_than_guessing(_state(loss, start, end, share, noise), end, chance),
    )


def _start(loss: trends.Series, chance: float, noise: float) -> float:
    """The level over the first few steps; the very first loss alone where the next steps at once blew it up."""
    level = trends.median(trends.first_part(loss, 0.0, min(5, 1 + loss.size // 20)))
    lucky = noise > 0.3 * loss[0] and noise < loss.max() / 10 if np.isnan(chance) else loss[0] < 0.4 * chance
    return float(loss[0]) if level > 2 * loss[0] > 0 and not lucky else level


def _no_better_than_guessing(state: State, end: float, chance: float) -> State:
    """However far the loss fell from a giant start: above guessing it is not good."""
    return "weak" if state in ("learning", "learned") and end > 1.3 * chance else state


def _reference(start: float, end: float, chance: float) -> float:
    """The level that a fall is counted from: chance where the loss came down to it or began near it; else the start."""
    if np.isnan(chance):
        return start
    at_chance = abs(end - chance) <= 0.04 * chance
    return min(start, chance) if at_chance or start <= 1.5 * chance else start


def _state(loss: trends.Series, start: float, end: float, share: float, noise: float) -> State:
    window = max(1.0, loss.size / 10)
    doubt = 3.0 * noise / np.sqrt(window)
    if not np.isfinite(share) or np.any(loss < 0):
        # No natural zero: only a move against the noise can be told, and a rise may be wanted (a policy, a critic).
        return "learning" if start - end > max(doubt, 0.02 * abs(start)) else "unknown"
    if end > 1.15 * start + doubt:
        return "worse"
    if share < STUCK_SHARE or start - end < doubt:
        return "stuck"
    if share < WEAK_SHARE:
        return "weak"
    return "learned" if share >= LEARNED_SHARE else "learning"
