"""The place of this process among the ranks of a distributed run."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Rank:
    """One process of a run under torchrun or a launcher that sets the same variables."""

    number: int
    """0 for the rank that draws, prints and reports."""
    restarts: int
    """How often the launcher has started the ranks anew."""

    @property
    def folder(self) -> str:
        """Name of this rank's folder in that of the run."""
        return f"rank-{self.number}" + (f"-restart-{self.restarts}" if self.restarts else "")


def rank_of(environ: Mapping[str, str]) -> Rank | None:
    """The rank that RANK and WORLD_SIZE tell of; None in a run of one process.

    Example:
        >>> rank_of({"RANK": "1", "WORLD_SIZE": "2"}).folder
        'rank-1'
        >>> rank_of({}) is None
        True
    """
    number, size = environ.get("RANK", ""), environ.get("WORLD_SIZE", "")
    if not (number.isdecimal() and size.isdecimal()):
        return None
    restarts = environ.get("TORCHELASTIC_RESTART_COUNT", "0")
    return Rank(int(number), int(restarts) if restarts.isdecimal() else 0)


def launch_mark() -> str:
    """A name on which all ranks of one launcher on one machine agree without a word between them.

    Returns:
        When their common parent was started, as `20261122-101500`; where the system does not tell, which only Linux
        does, its process number.
    """
    parent = os.getppid()
    try:
        fields = Path(f"/proc/{parent}/stat").read_text().rpartition(")")[2].split()
        booted = next(line for line in Path("/proc/stat").read_text().splitlines() if line.startswith("btime"))
    except (OSError, StopIteration):
        return f"launch-{parent}"
    # Field 22 of proc(5), counted from 1, of which the first two were cut off with the bracket.
    started = float(booted.split()[1]) + int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return time.strftime("%Y%m%d-%H%M%S", time.localtime(started))
