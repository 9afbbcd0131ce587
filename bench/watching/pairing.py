"""Times of watched blocks of steps against unwatched ones right beside them, in one process on one model."""

import random
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from watching.methods import METHODS, Nothing
from watching.models import MODELS, Workload

CLOCKS: dict[str, Callable[[], float]] = {"wall": time.perf_counter, "cpu": time.process_time}
"""`cpu` counts the work of all threads of the process and is steadier on a machine that others use."""


@dataclass(frozen=True)
class Plan:
    """How one way of watching is measured."""

    rounds: int = 24
    """Pairs of blocks."""
    block: int = 20
    """Steps a block."""
    warmup: int = 20
    """Unwatched steps before the first pair."""
    threads: int = 1
    """Threads of torch."""
    clock: str = "wall"
    """One of `CLOCKS`."""
    seed: int = 0
    """Of the order of blocks and of the model."""


@dataclass(frozen=True)
class Measured:
    """What was measured of one way of watching one model."""

    plain_seconds: NDArray[np.float64]
    """Shape (rounds,): time of the unwatched block of each pair."""
    watched_seconds: NDArray[np.float64]
    """Shape (rounds,): time of the watched one."""
    counted_seconds: NDArray[np.float64]
    """Shape (rounds,): what the way of watching had taken by its own account after each pair; nan if it keeps none."""
    peak_mib: float
    """Largest resident memory of the process."""
    recorded_bytes: int
    """What was left on disk."""


def run_block(work: Workload, method: Nothing, watched: bool, steps: int, clock: Callable[[], float]) -> float:
    """Seconds that a block of steps took; switching on and off is not counted."""
    if watched:
        method.switch_on()
    began = clock()
    for _ in range(steps):
        work.optimizer.zero_grad()
        loss = work.loss()
        loss.backward()
        if watched:
            method.after_backward(loss)
        work.optimizer.step()
    seconds = clock() - began
    if watched:
        method.switch_off()
    return seconds


def measure(model: str, method: str, plan: Plan) -> Measured:
    """Runs pairs of blocks, plain and watched in random order, of one model; meant for a process of its own."""
    torch.set_num_threads(plan.threads)
    torch.manual_seed(plan.seed)
    order = random.Random(plan.seed)
    clock = CLOCKS[plan.clock]
    work = MODELS[model]()
    times, counted = np.zeros((plan.rounds, 2)), np.zeros(plan.rounds)
    with tempfile.TemporaryDirectory(prefix="overhead-") as folder:
        watcher = METHODS[method](work.model, Path(folder))
        run_block(work, watcher, False, plan.warmup, clock)
        for number, pair in enumerate(times):
            for watched in order.sample([False, True], 2):
                pair[int(watched)] = run_block(work, watcher, watched, plan.block, clock)
            counted[number] = watcher.counted_seconds()
        watcher.close()
        recorded = sum(path.lstat().st_size for path in Path(folder).rglob("*") if path.is_file())
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Measured(times[:, 0], times[:, 1], counted, peak_mib, recorded)


def counted_share(measured: Measured, skip: int) -> float | None:
    """What watching took by its own account, over plain time, the first pairs left out; None if it keeps none.

    The clock of two blocks is shaken by whatever else the machine does; this account hardly is, but sees only calls.
    """
    counted = measured.counted_seconds
    if not np.isfinite(counted).all() or skip >= len(counted):
        return None
    before = counted[skip - 1] if skip else 0.0
    return float((counted[-1] - before) / measured.plain_seconds[skip:].sum())


def ratio(measured: Measured, skip: int = 0, draws: int = 4000) -> dict[str, float]:
    """Watched over plain time, of all pairs together, with a 95 % bootstrap interval over pairs.

    The whole time is compared and not the median step: isograd works hard on few steps, and a median would hide them.

    Args:
        measured: pairs of times.
        skip: pairs at the start to leave out.
        draws: samples of the bootstrap.

    Returns:
        `median`, `low` and `high` of the bootstrapped ratio.
    """
    rng = np.random.default_rng(0)
    plain, watched = measured.plain_seconds[skip:], measured.watched_seconds[skip:]
    chosen = rng.integers(len(plain), size=(draws, len(plain)))
    ratios = watched[chosen].sum(axis=1) / plain[chosen].sum(axis=1)
    low, median, high = np.quantile(ratios, (0.025, 0.5, 0.975))
    return {"median": float(median), "low": float(low), "high": float(high)}
