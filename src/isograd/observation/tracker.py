"""Follows one network through its steps: when to look, what to keep from before a step, what to write after it."""

import math
import time
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch

from isograd.facts import Event, StepRow, Vitals
from isograd.observation.backward import Backward
from isograd.observation.cadence import Cadence
from isograd.observation.calm_numbers import calm_numbers
from isograd.observation.carried import Carried
from isograd.observation.gain_sentinel import GainSentinel
from isograd.observation.guard import Guard
from isograd.observation.keepsake import LONGEST_STEP_SECONDS, Keepsake
from isograd.observation.networks import Naming, parameters_of
from isograd.observation.nonfinite import likeliest
from isograd.observation.sentinel import RAW_BAD, SKIPPED, Sentinel
from isograd.observation.watched import Reading, Snapshot, Watched, assemble, describe_network, gains_to_last, prepare

if TYPE_CHECKING:
    from isograd.observation.session import Sink

PATIENCE = 64
"""Backward passes after which a reading that no step came for is given up."""
ALARM_GAIN = 2.0
"""|G| beyond which the live view speaks of vanishing or exploding."""


class Tracker:
    """The observation of one network."""

    def __init__(
        self,
        index: int,
        optimizer: weakref.ref[torch.optim.Optimizer],
        naming: Naming,
        cadence: Cadence,
        sink: "Sink",
        guard: Guard,
    ) -> None:
        self.watched = Watched(index, optimizer, naming)
        self._kind = type(optimizer())
        self.sentinel = Sentinel()
        self.gain_sentinel = GainSentinel()
        self._carried = Carried()
        self._cadence = cadence
        self._sink = sink
        self._wants_reading = True
        self._wants_sample = True
        self._waited = 0
        self._snapshot: Snapshot | None = None
        self._applied = math.nan
        self._evaluations = 0
        self._in_step = False
        self._probe: weakref.ref[torch.Tensor] | None = None
        self._told_nonfinite = False
        self._previous_at = math.nan
        self._spent_seconds = 0.0
        self._step_seconds = math.nan
        self._told_sites = -1
        self._row: StepRow | None = None
        self._recent_seconds: deque[float] = deque(maxlen=32)
        self.keepsake = Keepsake(naming.root, guard) if naming.root is not None else None

    @property
    def alive(self) -> bool:
        """True while the optimizer exists, or all parameters that it held: another may follow."""
        return self.watched.optimizer() is not None or self.watched.between

    def takes_up(self, optimizer: torch.optim.Optimizer) -> bool:
        """Goes on with an optimizer of the same kind over the same parameters, as programs make one anew each epoch.

        Whether the former one is gone does not count: torch keeps the first of a process alive until it is collected.

        Returns:
            Whether it is one of the same network; then it stands in the former one's place.
        """
        before, now = self.watched.parameters(), parameters_of(optimizer)
        if type(optimizer) is not self._kind or not before or len(before) != len(now):
            return False
        if any(a is not b for a, b in zip(before, now, strict=True)):
            return False
        self.watched.optimizer = weakref.ref(optimizer)
        return True

    def wants_reading(self) -> bool:
        """True if the next backward pass should be read in detail; not for ever, should no step come."""
        self._waited += 1
        return self._wants_reading and self._waited <= PATIENCE

    def any_backward_begins(self) -> None:
        """Before every backward pass, read or not, of whichever network."""
        self._carried.backward_begins()

    def backward_begins(self, roots: Sequence[torch.Tensor], guard: Callable[..., None]) -> None:
        """Before a backward pass that is not read in detail: listens at the two ends of the chain, when due."""
        if self._wants_sample and not self._wants_reading:
            self.gain_sentinel.listen(roots, guard)

    def backward_ended(self, backwards: Sequence[Backward]) -> None:
        """Samples the gradient before anything clips it, when due.

        Within a step that was given a closure, the weights are still those from before it.

        Args:
            backwards: The backward passes since the step before.
        """
        self._evaluations += self._in_step
        if self._in_step and self._snapshot is None and self._wants_reading:
            self._snapshot = prepare(self.watched, backwards)
        if self._wants_sample and self._waited <= PATIENCE:
            began = time.perf_counter()
            self.sentinel.sample_raw(self.watched.gradients())
            self._cadence.learn_sentinel(time.perf_counter() - began)

    def begin_step(self, optimizer: torch.optim.Optimizer, backwards: Sequence[Backward]) -> None:
        """Before the optimizer's step."""
        self._in_step, self._evaluations = True, 0
        if self._carried.step_begins():
            self._sink.event(self.watched.index, Event(self.watched.step, "carried", "", "", ""))
        if self.keepsake is not None:
            self.keepsake.before_step(self.watched.step)
        self._applied = self._size_applied()
        if self._wants_reading and any(backward.read for backward in backwards):
            self._snapshot = prepare(self.watched, backwards)
        self._look_for_nonfinite(optimizer, backwards)

    def _size_applied(self) -> float:
        """See `Sentinel.applied`; most steps are not sampled, and then the gradients need not be gathered."""
        return self.sentinel.applied(self.watched.gradients()) if self.sentinel.sampled else math.nan

    def forget_applied(self) -> None:
        """What the update will be given cannot be known: it is made by hand, perhaps after clipping."""
        self._applied = math.nan

    def end_step(
        self, optimizer: torch.optim.Optimizer, backwards: Sequence[Backward], spent: float, training: float
    ) -> None:
        """After the optimizer's step: writes the step's row and, when read, its reading; decides about the next.

        Args:
            optimizer: the network's optimizer.
            backwards: the backward passes since the step before.
            spent: seconds that isograd has taken in all.
            training: seconds that training has taken in all, isograd's left out.
        """
        began = time.perf_counter()
        if not self._carried.done:
            self._carried.step_ends(self.watched.parameters())
        if self._evaluations:
            self._applied = self._size_applied()
            self._look_for_nonfinite(optimizer, backwards)
            if self._snapshot is not None:
                self._snapshot.moves = self._evaluations
        if backwards:
            self.sentinel.see_loss(backwards[-1].loss)
        gain = self._take_reading() if self._snapshot is not None else self.gain_sentinel.gain()
        if not math.isnan(gain):
            self.watched.gain = gain
        self._write_row(optimizer, gain, began, spent)
        if self._snapshot is not None:
            self._cadence.learn_reading(max(time.perf_counter() - began, spent - self._spent_seconds))
        self._spent_seconds = spent + time.perf_counter() - began
        self._decide(training)

    def finish(self, backwards: Sequence[Backward]) -> None:
        """At the end of the run: tells of what the last backward passes saw, if no step followed."""
        if not self._told_nonfinite and backwards and self.watched.step:
            self._tell_origin(backwards, self.watched.step)
        self._tell_network()
        if self.keepsake is not None:
            self.keepsake.give_up()

    def vitals(self, overhead_share: float) -> Vitals | None:
        """A snapshot for a live view; None before the first step."""
        row, strip = self._row, list(self.watched.strip)
        if row is None:
            return None
        width = max((len(line) for line in strip), default=0)
        strip = [line for line in strip if len(line) == width]
        seconds = list(self._recent_seconds)
        return Vitals(
            network=self.watched.naming.name,
            step=row.step,
            loss=row.loss,
            gain=self.watched.gain,
            raw_log10=row.raw_log10,
            applied_log10=row.applied_log10,
            steps_per_second=len(seconds) / sum(seconds) if sum(seconds) > 0 else 0.0,
            overhead_share=overhead_share,
            sites=tuple(site.name for site in list(self.watched.sites.values()) if site.on_chain),
            strip=np.stack(strip) if strip else np.empty((0, 0), dtype=np.float32),
            alarm=self._alarm(row),
        )

    def _alarm(self, row: StepRow) -> str:
        if row.nonfinite & ~SKIPPED:
            return "non-finite"
        if self.watched.gain < -ALARM_GAIN:
            return "vanishing"
        return "exploding" if self.watched.gain > ALARM_GAIN else ""

    def _take_reading(self) -> float:
        assert self._snapshot is not None
        with calm_numbers():
            return self._read(self._snapshot)

    def _read(self, snapshot: Snapshot) -> float:
        reading = assemble(self.watched, snapshot)
        step = self.watched.step
        self._tell_network(only_if_grown=True)
        self._sink.reading(self.watched.index, step, reading.values)
        for profile in reading.profiles:
            self._sink.time_profile(self.watched.index, profile)
        self.watched.strip.append(gains_to_last(self.watched, reading.values))
        self.gain_sentinel.way = reading.way
        if self._is_sick(reading) and not snapshot.backward.compiled:
            self._arm_keepsake()
        first = next((entry for entry in snapshot.seen if entry.parameters), None)
        if first is not None:
            self._probe = weakref.ref(min(first.parameters, key=lambda p: p.numel()))
        return reading.gain

    def _is_sick(self, reading: Reading) -> bool:
        """True if the gain over the layers or through time is one that experiments could explain."""
        through_time = (abs(p.gradient_log10[-1] - p.gradient_log10[0]) for p in reading.profiles)
        return any(size > ALARM_GAIN for size in (abs(reading.gain), *through_time))

    def _arm_keepsake(self) -> None:
        quick = math.isnan(self._step_seconds) or self._step_seconds < LONGEST_STEP_SECONDS
        if self.keepsake is not None and self.keepsake.wanted and quick:
            self.keepsake.arm()

    def _tell_network(self, only_if_grown: bool = False) -> None:
        if only_if_grown and len(self.watched.sites) == self._told_sites:
            return
        network = describe_network(self.watched)
        if network is not None:
            self._told_sites = len(self.watched.sites)
            self._sink.network(self.watched.index, network)

    def _write_row(self, optimizer: torch.optim.Optimizer, gain: float, now: float, spent: float) -> None:
        seconds = now - self._previous_at - (spent - self._spent_seconds)
        self._previous_at = now
        if math.isfinite(seconds):
            self._recent_seconds.append(max(seconds, 0.0))
            self._step_seconds = sorted(self._recent_seconds)[len(self._recent_seconds) // 2]
        sentinel = self.sentinel
        if sentinel.scale_fell:
            sentinel.nonfinite |= SKIPPED
            self._sink.event(self.watched.index, Event(self.watched.step, "scaler-skip", "", "", ""))
        if self.watched.step == 0 and self._told_sites < 0:
            self._tell_network()
        self._row = StepRow(
            step=self.watched.step,
            loss=sentinel.loss,
            raw_log10=sentinel.raw_log10,
            applied_log10=self._applied,
            gain=gain,
            learning_rate=float(optimizer.param_groups[0].get("lr", math.nan)),
            seconds=seconds,
            nonfinite=sentinel.nonfinite,
        )
        self._sink.step(self.watched.index, self._row)

    def _look_for_nonfinite(self, optimizer: torch.optim.Optimizer, backwards: Sequence[Backward]) -> None:
        probe = self._probe() if self._probe is not None else None
        bad = self.sentinel.probe(probe.grad if probe is not None else None)
        bad = bad or bool(self.sentinel.nonfinite & RAW_BAD) or any(b.origin for b in backwards)
        if not bad or self._told_nonfinite:
            return
        if not self._tell_origin(backwards, self.watched.step):
            self._tell_backward(optimizer)

    def _tell_origin(self, backwards: Sequence[Backward], step: int) -> bool:
        """Writes the event of a non-finite value that a backward pass located; True if there was one."""
        found = next((backward for backward in backwards if backward.origin is not None), None)
        if found is None or found.origin is None:
            return False
        owner = self.watched.naming.owners.get(id(found.origin_leaf)) if found.origin_leaf is not None else None
        detail = {"given": found.origin.given, "candidates": list(self.watched.risky)}
        site = self._site_of(owner.name) if owner else ""
        event = Event(step, "non-finite", site, found.origin.direction, found.origin.operation, detail)
        self._sink.event(self.watched.index, event)
        self._told_nonfinite = True
        return True

    def _tell_backward(self, optimizer: torch.optim.Optimizer) -> None:
        """Writes the event of a gradient that is not finite although the loss was: the layer nearest the loss."""
        owners = self.watched.naming.owners
        bad = [
            owners[id(p)].name
            for p in parameters_of(optimizer)
            if p.grad is not None and id(p) in owners and not bool(p.grad.isfinite().all())
        ]
        sites = [self._site_of(name) for name in bad]
        order = [name for name in self.watched.sites if name in sites]
        detail = {"given": False, "candidates": list(self.watched.risky), "parameters": bad[:16]}
        site = order[-1] if order else (sites[-1] if sites else "")
        event = Event(self.watched.step, "non-finite", site, "backward", likeliest(self.watched.risky), detail)
        self._sink.event(self.watched.index, event)
        self._told_nonfinite = True

    def _site_of(self, parameter: str) -> str:
        for site in self.watched.sites.values():
            if parameter in site.parameters:
                return site.name
        return parameter.rsplit(".", 1)[0]

    def _decide(self, training: float) -> None:
        """After a step: what to look at on the next one."""
        watched = self.watched
        if self.sentinel.alarmed():
            self._cadence.raise_alarm()
        if self._snapshot is not None:
            watched.reached.update(id(p) for p in watched.parameters() if p.grad is not None)
        self.sentinel.reset()
        self._snapshot, self._in_step, self._waited = None, False, 0
        watched.step += 1
        self._wants_reading = self._cadence.wants_reading(watched.step, self._spent_seconds, training)
        self._wants_sample = self._cadence.wants_sentinel(self._step_seconds) or self._wants_reading
