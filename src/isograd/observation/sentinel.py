"""What is looked at on every step of one network: the loss, one small gradient, and now and then the whole gradient."""

import math
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import torch

from isograd.observation.sizes import all_finite, total_log10

LOSS_BAD, RAW_BAD, APPLIED_BAD, PARAMETER_BAD, SKIPPED = 1, 2, 4, 8, 16
JUMP_DECADES = 1.0
"""A gradient or a loss this much above its trailing median raises an alarm."""
TRAIL, SHORTEST_TRAIL = 32, 8
"""Length of the trailing median, and the least that one is made of."""


@dataclass
class Sentinel:
    """The sentinels of one network between two optimizer steps."""

    loss: float = math.nan
    """The latest loss, unscaled."""
    raw_log10: float = math.nan
    """log10 of the gradient's size after backward, unscaled; nan if not sampled."""
    nonfinite: int = 0
    """Bits as in `facts.Steps`."""
    scale: float = 1.0
    """What a scaler multiplied the loss by, 1 without one."""
    scale_fell: bool = False
    """True if the scaler has skipped a step since the last one."""
    _token: tuple[tuple[int, int], ...] = ()
    _losses: deque[float] = field(default_factory=lambda: deque(maxlen=TRAIL))
    _sizes: deque[float] = field(default_factory=lambda: deque(maxlen=TRAIL))

    @property
    def sampled(self) -> bool:
        """True if the raw size was measured on this step; else there is nothing to hold the applied one against."""
        return not math.isnan(self.raw_log10) or bool(self.nonfinite & RAW_BAD)

    def scale_changed(self, scale: float) -> None:
        """Takes note of the loss scale in force."""
        self.scale_fell = self.scale_fell or scale < self.scale
        self.scale = scale

    def see_loss(self, loss: float | None) -> None:
        """Takes in the loss that was back-propagated; None if it was no single number."""
        self.loss = math.nan if loss is None else loss / self.scale
        if loss is not None and not math.isfinite(loss):
            self.nonfinite |= LOSS_BAD

    def sample_raw(self, gradients: Sequence[torch.Tensor]) -> None:
        """Measures the gradient after backward, before anything clips it; without any there is nothing to measure."""
        if not gradients:
            return
        self.raw_log10 = total_log10(gradients) - math.log10(self.scale)
        self._token = tuple((id(gradient), gradient._version) for gradient in gradients)
        if math.isnan(self.raw_log10) or self.raw_log10 == math.inf:
            self.nonfinite |= RAW_BAD

    def applied(self, gradients: Sequence[torch.Tensor]) -> float:
        """log10 of the gradient's size as the optimizer gets it; nan if the raw size was not sampled."""
        if not gradients or not self.sampled:
            return math.nan
        if self._token == tuple((id(gradient), gradient._version) for gradient in gradients):
            return self.raw_log10
        size = total_log10(gradients)
        if math.isnan(size) or size == math.inf:
            self.nonfinite |= APPLIED_BAD
        return size

    def probe(self, gradient: torch.Tensor | None) -> bool:
        """Looks whether one small gradient is finite; True if it is not."""
        if gradient is not None and not all_finite(gradient):
            self.nonfinite |= RAW_BAD
            return True
        return False

    def loudest(self) -> float:
        """The largest magnitude that a loss may have without having jumped; infinite before any trail."""
        median = _median(self._losses)
        return math.inf if math.isnan(median) else 10 ** min(median + JUMP_DECADES, 300.0)

    def alarmed(self) -> bool:
        """True if the loss or the gradient jumped, or anything is not finite."""
        loss_jumped = _size_log10(self.loss) > _median(self._losses) + JUMP_DECADES
        gradient_jumped = self.raw_log10 > _median(self._sizes) + JUMP_DECADES
        return bool(self.nonfinite) or loss_jumped or gradient_jumped

    def remember(self) -> None:
        """Takes loss and gradient into the trail that later ones are held against."""
        for value, trail in ((_size_log10(self.loss), self._losses), (self.raw_log10, self._sizes)):
            if math.isfinite(value):
                trail.append(value)

    def reset(self) -> None:
        """Forgets the step that was taken."""
        self.loss, self.raw_log10, self.nonfinite, self._token = math.nan, math.nan, 0, ()
        self.scale_fell = False


def _median(trail: Collection[float]) -> float:
    """nan, which nothing exceeds, as long as the trail is short."""
    return sorted(trail)[len(trail) // 2] if len(trail) >= SHORTEST_TRAIL else math.nan


def _size_log10(loss: float) -> float:
    """Of a loss that is not 0 and finite; else nan."""
    return math.log10(abs(loss)) if loss and math.isfinite(loss) else math.nan
