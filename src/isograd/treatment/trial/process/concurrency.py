"""How many trials run at once on this machine, and with how many threads each."""

import os

MOST_AT_ONCE = 8
"""Each run holds a network and its data: more of them fill the memory of a machine before they use its processors."""


def usable_processors() -> int:
    """Processors that this process may use, at least 1: those of its affinity, where the system has such a thing."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return max(1, os.cpu_count() or 1)


def runs_at_once() -> int:
    """One a processor, at most `MOST_AT_ONCE`; a single one where torch finds an accelerator: its memory is shared."""
    import torch

    if torch.accelerator.is_available():
        return 1
    return min(usable_processors(), MOST_AT_ONCE)


def threads_of(parallel: int) -> int:
    """Threads of each of so many runs, at least 1."""
    return max(1, usable_processors() // parallel)
