"""A session watches all that is trained between its start and its stop, and writes the record.

On every step it costs a look at the loss; at a cadence within the budget it samples the gradient's size and takes
detailed readings (see cadence), and steps in between are quiet (see quiet). It only reads, and it draws no random
numbers.
"""

import math
import platform
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from threading import get_ident
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from isograd.facts import Event, Network, Run, RunStatus, StepRow, TimeProfile, Vitals
from isograd.observation.backward import Backward, begin_backward, end_backward, loss_of
from isograd.observation.guard import Guard
from isograd.observation.keepsake import Keepsake
from isograd.observation.quiet import QuietPath
from isograd.observation.taps import Taps
from isograd.observation.tracker import Tracker
from isograd.observation.trackers import MAX_NETWORKS, Trackers

_NO_THREAD = 0
RECENT = 4
"""Backward passes remembered until the step that uses them."""


class Sink(Protocol):
    """Where a session writes; `record.RecordWriter` is one."""

    def network(self, index: int, network: Network) -> None:
        """A network was found, or is known better."""

    def step(self, network: int, row: StepRow) -> None:
        """An optimizer step was taken."""

    def reading(self, network: int, step: int, values: NDArray[np.float32]) -> None:
        """A detailed reading was taken."""

    def time_profile(self, network: int, profile: TimeProfile) -> None:
        """Gradient through time was read."""

    def event(self, network: int, event: Event) -> None:
        """Something happened once."""

    def run(self, run: Run) -> None:
        """The run as a whole is known better."""


class Session:
    """Watches training in this process.

    Args:
        sink: where to write.
        budget: share of training time that watching may take, e.g. 0.01; 1 or more takes a reading at every step.
        run_name: the script's stem or another name.
        command: the script and its arguments.
        modules: models known beforehand; others are found among the script's variables.
        optimizers: if there are any, only these are watched.
    """

    def __init__(
        self,
        sink: Sink,
        budget: float = 0.01,
        run_name: str = "run",
        command: tuple[str, ...] = (),
        *,
        modules: Sequence[torch.nn.Module] = (),
        optimizers: Sequence[torch.optim.Optimizer] = (),
    ) -> None:
        self._sink = sink
        self._name = run_name
        self._command = command
        self._guard = Guard(on_fault=self._unplug)
        self._quiet = QuietPath(self._guard)
        self._taps = Taps(self, self._quiet)
        self._trackers = Trackers(sink, budget, self._guard, modules, optimizers)
        self._latest: Tracker | None = None
        self._started = time.time()
        self._began: float | None = None
        self._backward_depth = 0
        self._step_depth = 0
        self._notes: dict[str, None] = {}
        self._scale = 1.0
        self._told_at = 0.0
        self._hidden: list[tuple[int, int]] = []
        self._recent: list[Backward] = []
        self._stepped = False
        self._adopted = False
        self._listening = True

    def start(self) -> None:
        """Starts watching; torch is imported by now."""
        self._taps.install()

    def stop(self, status: RunStatus, error: str = "") -> None:
        """Stops watching and writes how the run ended."""
        self._taps.remove()
        self._guard(self._settle_by_hand)
        for tracker in self._trackers:
            self._guard(tracker.finish, self._recent)
        self._sink.run(self._run(status, error))

    def vitals(self) -> Vitals | None:
        """The latest of the network that stepped last; may be called from another thread."""
        tracker = self._latest
        return tracker.vitals(self._overhead_share()) if tracker is not None else None

    @property
    def steps(self) -> int:
        """Optimizer steps seen so far, of all networks."""
        return sum(tracker.steps for tracker in self._trackers)

    def keepsakes(self) -> dict[int, Keepsake]:
        """Passes that were kept for experiments, by number of the network; to be asked for after `stop`."""
        kept = ((tracker.watched.index, tracker.keepsake) for tracker in self._trackers)
        return {index: keepsake for index, keepsake in kept if keepsake is not None and keepsake.step >= 0}

    def index_of(self, optimizer: torch.optim.Optimizer) -> int | None:
        """The number that an optimizer's network has in the record; None if it was not seen stepping."""
        tracker = self._trackers.known(optimizer)
        return None if tracker is None else tracker.watched.index

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Within it, nothing is watched: what is trained there is not the program's training."""
        before = self._listening, self._guard.thread
        self._listening, self._guard.thread = False, _NO_THREAD
        try:
            yield
        finally:
            self._listening, self._guard.thread = before

    @property
    def fault(self) -> str:
        """What ended the watching early, or empty."""
        return self._guard.fault

    def backward_begins(self, roots: tuple[torch.Tensor, ...]) -> None:
        """See `taps.Observer`."""
        if not self._adopted and self._listening:
            self._guard.thread = get_ident()
            self._adopted = True
        if get_ident() != self._guard.thread:
            return
        self._backward_depth += 1
        if self._backward_depth == 1:
            self._guard(self._begin_backward, roots)

    def backward_ends(self) -> None:
        """See `taps.Observer`."""
        if get_ident() != self._guard.thread:
            return
        self._backward_depth = max(self._backward_depth - 1, 0)
        if self._backward_depth == 0:
            self._guard(self._end_backward)

    def step_begins(self, optimizer: torch.optim.Optimizer, args: Any, kwargs: Any) -> None:
        """See `taps.Observer`."""
        if get_ident() != self._guard.thread:
            return
        self._step_depth += 1
        if self._step_depth == 1 and not self._quiet.open:
            self._guard(self._begin_step, optimizer)

    def step_ends(self, optimizer: torch.optim.Optimizer, args: Any, kwargs: Any) -> None:
        """See `taps.Observer`."""
        if get_ident() != self._guard.thread:
            return
        self._step_depth = max(self._step_depth - 1, 0)
        if self._step_depth == 0:
            self._guard(self._end_quiet_step if self._quiet.open else self._end_step, optimizer)

    def loss_scaled(self, scale: float) -> None:
        """See `taps.Observer`."""
        if self._quiet.open and scale != self._scale:
            self._guard(self._be_alert)
        self._scale = scale
        self._trackers.scale_changed(scale)

    def saving_hooked(self, start: int, end: int) -> None:
        """See `taps.Observer`."""
        if self._backward_depth == 0:
            self._hidden.append((start, end))
            self._notes["some activations are recomputed or offloaded: their forward statistics were not read"] = None

    def _begin_backward(self, roots: tuple[torch.Tensor, ...]) -> None:
        loss = loss_of(roots)
        if self._quiet.open:
            if loss is not None and not math.isfinite(loss):
                for tracker in self._trackers:
                    tracker.look_back()
            self._be_alert()
        self._quiet.loss = loss
        if self._began is None:
            self._began = time.perf_counter()
            self._trackers.find(roots)
        self._settle_by_hand()
        if self._stepped:
            self._recent.clear()
            self._stepped = False
        trackers = self._trackers.alive()
        for tracker in trackers:
            tracker.any_backward_begins()
        wanted = [tracker.wants_reading() for tracker in trackers]  # all are asked: each counts how long it waits
        observe = not trackers or any(wanted)
        backward = begin_backward(roots, loss, observe, self._is_weight, self._hidden, self._guard)
        self._recent.append(backward)
        if not observe:
            for tracker in trackers:
                tracker.backward_begins(roots, self._guard)
        del self._recent[:-RECENT]
        if backward.read is not None and backward.read.compiled:
            self._notes["a compiled region hides its layers: only its parameters were watched"] = None

    def _end_backward(self) -> None:
        self._hidden.clear()
        if self._recent:
            end_backward(self._recent[-1])
        for tracker in self._trackers.alive():
            tracker.backward_ended(self._recent)
        if self._trackers.by_hand is not None:
            self._trackers.by_hand.after_backward(self._recent)

    def _settle_by_hand(self) -> None:
        """Ends the step that was taken by hand since the last backward pass, if one was."""
        by_hand = self._trackers.by_hand
        if by_hand is not None and by_hand.before_backward(
            self._recent, self._guard.spent_so_far(), self._training_seconds()
        ):
            self._latest, self._stepped = by_hand.tracker, True
            self._tell_run()

    def _is_weight(self, tensor: torch.Tensor) -> bool:
        return isinstance(tensor, torch.nn.Parameter) or self._trackers.owns(tensor)

    def _begin_step(self, optimizer: torch.optim.Optimizer) -> None:
        tracker = self._trackers.of(optimizer)
        if tracker is not None:
            tracker.begin_step(optimizer, self._recent)

    def _end_quiet_step(self, optimizer: torch.optim.Optimizer) -> None:
        latest = self._latest
        is_latest = latest is not None and latest.watched.optimizer() is optimizer
        tracker = latest if is_latest else self._trackers.known(optimizer)
        if tracker is None and not self._trackers.is_new(optimizer):
            return  # not one of those that are watched
        rate, spent = optimizer.param_groups[0].get("lr", math.nan), self._guard.spent_seconds
        if tracker is not None and tracker.quiet_steps.lets_wait(self._quiet.loss, rate, spent):
            self._latest = tracker
            self._hidden.clear()
            return
        self._be_alert()
        self._begin_step(optimizer)
        self._end_step(optimizer)

    def _be_alert(self) -> None:
        """From here on, until a step has ended, nothing is taken to be quiet."""
        self._quiet.open = False
        self._recent = [Backward(self._quiet.loss)]
        for tracker in self._trackers:
            tracker.work_off()

    def _end_step(self, optimizer: torch.optim.Optimizer) -> None:
        tracker = self._trackers.of(optimizer)
        if tracker is None:
            return
        self._latest, self._stepped = tracker, True
        tracker.end_step(optimizer, self._recent, self._guard.spent_so_far(), self._training_seconds())
        self._tell_run()
        may_be_quiet = self._trackers.by_hand is None and self._backward_depth == 0
        self._quiet.open = may_be_quiet and all(one.quiet for one in self._trackers.alive())
        if self._quiet.open:
            self._recent.clear()

    def _tell_run(self) -> None:
        now = time.perf_counter()
        if now - self._told_at > 1.0:
            self._told_at = now
            self._sink.run(self._run("running", ""))

    def _training_seconds(self) -> float:
        elapsed = time.perf_counter() - self._began if self._began is not None else 0.0
        return max(elapsed - self._guard.spent_seconds, 0.0)

    def _overhead_share(self) -> float:
        training = self._training_seconds()
        return self._guard.spent_seconds / training if training > 0 else 0.0

    def _run(self, status: RunStatus, error: str) -> Run:
        from isograd import __version__

        versions = {"isograd": __version__, "torch": torch.__version__, "python": platform.python_version()}
        seconds = time.time() - self._started
        overfull = (f"only the first {MAX_NETWORKS} optimizers were watched",) if self._trackers.overfull else ()
        notes = (*self._notes, *overfull, *_fault_note(self._guard.fault))
        overhead = self._overhead_share()
        return Run(self._name, self._command, self._started, seconds, status, error, versions, overhead, notes)

    def _unplug(self) -> None:
        self._taps.remove()


def _fault_note(fault: str) -> Iterable[str]:
    return (f"watching ended early by a fault of isograd: {fault}",) if fault else ()
