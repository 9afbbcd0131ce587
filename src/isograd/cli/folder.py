"""The folder that a run's record and report go to."""

import itertools
import os
import re
import time
from dataclasses import dataclass
from pathlib import Path

from isograd.cli.ranks import Rank, launch_mark
from isograd.errors import UsageError

RECORD = "record.sqlite"
"""The record's name in its folder, as `isograd.record` has it; repeated here to be known without its imports."""
RUNS = Path(".isograd", "runs")
"""Where runs go by default, below the working directory."""


@dataclass(frozen=True)
class OutFolder:
    """A folder to be, resolved before the script can change the working directory."""

    run: Path
    """The run's own folder, absolute."""
    within: str
    """The rank's folder in it; empty in a run of one process."""
    asked_for: bool
    """True if `--out` named it: then it was made and tried before the script started."""


def choose(out: str | None, stem: str, rank: Rank | None) -> OutFolder:
    """Decides where the run goes. A folder that was asked for is made at once, any other only when there is something.

    Args:
        out: What `--out` said.
        stem: Short name of the run.
        rank: This process's place among the ranks, if there are any.

    Raises:
        UsageError: `--out` cannot be written, or holds an earlier run.
    """
    within = "" if rank is None else rank.folder
    if out is not None:
        _try_out(Path(os.getcwd(), out, within), out)
        return OutFolder(Path(os.getcwd(), out), within, True)
    moment = time.strftime("%Y%m%d-%H%M%S") if rank is None else launch_mark()
    safe = re.sub(r"[^\w.-]+", "-", stem).strip("-.") or "script"
    return OutFolder(Path(os.getcwd(), RUNS, f"{moment}-{safe}"), within, False)


def make(folder: OutFolder) -> Path:
    """Makes the folder, under another name if an earlier run has taken it.

    Returns:
        Where the record goes.

    Raises:
        OSError: It cannot be made or written.
    """
    if folder.asked_for:
        return folder.run / folder.within
    folder.run.parent.mkdir(parents=True, exist_ok=True)
    keep_out_of_git(folder.run.parent.parent)
    names = (folder.run.name if n == 1 else f"{folder.run.name}-{n}" for n in itertools.count(1))
    for path in (folder.run.with_name(name) / folder.within for name in names):
        try:
            path.mkdir(parents=bool(folder.within))
        except FileExistsError:
            continue
        return path
    raise AssertionError("a count without end has ended")


def latest() -> Path | None:
    """The newest run below the working directory, None if there is none."""
    runs = [run for run in RUNS.glob("*") if run.is_dir()]
    return max(runs, key=lambda run: run.stat().st_mtime, default=None)


def recorded_in(run: Path) -> Path:
    """The folder with the record: the run's own, or that of its rank 0."""
    first = run / "rank-0"
    return first if first.is_dir() and not (run / RECORD).exists() else run


def _try_out(folder: Path, out: str) -> None:
    """Makes the folder and writes to it, so that a long training never ends in a folder that takes no report."""
    if (folder / RECORD).exists():
        raise UsageError(f"--out {out} already holds the record of a run; name another folder or remove this one")
    probe = folder / f".isograd-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise UsageError(f"--out {out} cannot be written ({error.strerror}); name a folder that can") from None


def keep_out_of_git(home: Path) -> None:
    """Records are large and nobody's source: tell git so, as other tools do with their caches.

    Args:
        home: The folder `.isograd`.
    """
    ignore = home / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
