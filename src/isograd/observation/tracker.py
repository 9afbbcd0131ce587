"""Follows one network through its steps: when to look, what to keep from before a step, what to write after it."""

import math
import time
import weakref
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch

from isograd.facts import Event, StepRow, Vitals
from isograd.observation.backward import Backward
from isograd.observation.cadence import Cadence
from isograd.observation.calm_numbers import calm_numbers
from isograd.observation.carried import Carried
from isograd.observation.first_nonfinite import FirstNonFinite
from isograd.observation.gain_sentinel import GainSentinel
from isograd.observation.guard import Guard
from isograd.observation.keepsake import LONGEST_STEP_SECONDS, Keepsake
from isograd.observation.networks import Naming, parameters_of
from isograd.observation.pace import Pace
from isograd.observation.quiet import QuietStep, QuietSteps
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
        self._first_nonfinite = FirstNonFinite(self.watched, sink)
        self.pace = Pace()
        self.quiet_steps = QuietSteps()
        self._takes_closures = False
        self._spent_seconds = 0.0
        self._decided_at = 0
        self._told_sites = -1
        self._row: StepRow | None = None
        self.keepsake = Keepsake(naming.root, guard) if naming.root is not None else None

    @property
    def alive(self) -> bool:
        """True while the optimizer exists, or all parameters that it held: another may follow."""
        return self.watched.optimizer() is not None or self.watched.between

    @property
    def steps(self) -> int:
        """Optimizer steps so far."""
        return self.watched.step + len(self.quiet_steps)

    @property
    def quiet(self) -> bool:
        """True if nothing is due on the step that comes, or none has come for long."""
        return self.quiet_steps.expected or self._waited > PATIENCE

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
            self.sentinel.sample_raw(self.watched.gradients())

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

    def look_back(self, ended: bool = False) -> None:
        """The loss is not finite, or the run ends: if the last step was quiet, tells whether its gradient is to blame.

        Nobody looked at that gradient. When the run ends it is still there; before, it may be emptied by now, but where
        it was not finite, neither are the parameters that it moved.

        Args:
            ended: True when the run ends.
        """
        if not self.quiet_steps or self._first_nonfinite.told:
            return
        steps = self.quiet_steps.take()
        self._write_quiet(steps[:-1])
        self._first_nonfinite.tell_of_gradients(
            (p, p.grad if ended else p) for p in self.watched.parameters() if p.requires_grad
        )
        if self._first_nonfinite.told:
            self.sentinel.nonfinite |= RAW_BAD
        self._write_quiet(steps[-1:])

    def work_off(self) -> None:
        """Writes the rows of the quiet steps that wait."""
        self._write_quiet(self.quiet_steps.take())

    def _write_quiet(self, steps: Sequence[QuietStep]) -> None:
        for step in steps:
            self.sentinel.loss = step.loss / self.sentinel.scale
            self._write_row(step.learning_rate, math.nan, self.pace.step_ended(step.ended_at, step.spent_seconds))
            self._go_on()

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
            self._takes_closures = True
            self._applied = self._size_applied()
            self._look_for_nonfinite(optimizer, backwards)
            if self._snapshot is not None:
                self._snapshot.moves = self._evaluations
        if backwards:
            self.sentinel.see_loss(backwards[-1].loss)
        gain = self._take_reading() if self._snapshot is not None else self.gain_sentinel.gain()
        if not math.isnan(gain):
            self.watched.gain = gain
        self._write_row(_learning_rate(optimizer), gain, self.pace.step_ended(began, spent))
        read, sampled = self._snapshot is not None, self._wants_sample
        self._conclude()
        now_spent = spent + time.perf_counter() - began
        per_step = (now_spent - self._spent_seconds) / (self.watched.step - self._decided_at)
        self._cadence.learn(per_step, read=read, sampled=sampled)
        self._spent_seconds, self._decided_at = now_spent, self.watched.step
        self._decide(training)

    def finish(self, backwards: Sequence[Backward]) -> None:
        """At the end of the run: tells of what the last backward passes saw, if no step followed."""
        self.look_back(ended=True)
        self.work_off()
        if self.watched.step:
            self._first_nonfinite.tell_of_pass(backwards)
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
        return Vitals(
            network=self.watched.naming.name,
            step=row.step,
            loss=row.loss,
            gain=self.watched.gain,
            raw_log10=row.raw_log10,
            applied_log10=row.applied_log10,
            steps_per_second=self.pace.steps_per_second(),
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
            self._first_nonfinite.follow(first.parameters)
        return reading.gain

    def _is_sick(self, reading: Reading) -> bool:
        """True if the gain over the layers or through time is one that experiments could explain."""
        through_time = (abs(p.gradient_log10[-1] - p.gradient_log10[0]) for p in reading.profiles)
        return any(size > ALARM_GAIN for size in (abs(reading.gain), *through_time))

    def _arm_keepsake(self) -> None:
        quick = not self.pace.usual_seconds() >= LONGEST_STEP_SECONDS
        if self.keepsake is not None and self.keepsake.wanted and quick:
            self.keepsake.arm()

    def _tell_network(self, only_if_grown: bool = False) -> None:
        if only_if_grown and len(self.watched.sites) == self._told_sites:
            return
        network = describe_network(self.watched)
        if network is not None:
            self._told_sites = len(self.watched.sites)
            self._sink.network(self.watched.index, network)

    def _write_row(self, learning_rate: float, gain: float, seconds: float) -> None:
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
            learning_rate=learning_rate,
            seconds=seconds,
            nonfinite=sentinel.nonfinite,
        )
        self._sink.step(self.watched.index, self._row)

    def _look_for_nonfinite(self, optimizer: torch.optim.Optimizer, backwards: Sequence[Backward]) -> None:
        first = self._first_nonfinite
        bad = self.sentinel.probe(first.probe()) or bool(self.sentinel.nonfinite & RAW_BAD)
        first.tell_of_pass(backwards)
        if bad:
            first.tell_of_gradients((p, p.grad) for p in parameters_of(optimizer))

    def _conclude(self) -> None:
        """After a step was written: what is known of it makes room for the next."""
        if self.sentinel.alarmed():
            self._cadence.raise_alarm()
        if self._snapshot is not None:
            self.watched.reached.update(id(p) for p in self.watched.parameters() if p.grad is not None)
        self._snapshot, self._in_step, self._applied = None, False, math.nan
        self._go_on()

    def _go_on(self) -> None:
        self.sentinel.remember()
        self.sentinel.reset()
        self.watched.step += 1

    def _decide(self, training: float) -> None:
        """After a step: what to look at on the next one, and for how long there will be nothing."""
        step, usual, cadence = self.watched.step, self.pace.usual_seconds(), self._cadence
        self._waited = 0
        self._wants_reading = cadence.wants_reading(step, self._spent_seconds, training)
        self._wants_sample = cadence.wants_sentinel(step, usual) or self._wants_reading
        due = self._wants_sample or not self._carried.done or self._takes_closures or self._is_keeping()
        steps = 0 if due else cadence.quiet_steps(step, self._spent_seconds, training, usual)
        self.quiet_steps.expect(steps, self.sentinel.loudest() * self.sentinel.scale)

    def _is_keeping(self) -> bool:
        return self.keepsake is not None and self.keepsake.awaits


def _learning_rate(optimizer: torch.optim.Optimizer) -> float:
    """That of the first group; nan if it has none."""
    return float(optimizer.param_groups[0].get("lr", math.nan))
