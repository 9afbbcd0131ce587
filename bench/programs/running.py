"""Runs one program by plain Python and under `isograd run`, and keeps what both of them said."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TIMEOUT_SECONDS = 300
ROOT = Path(__file__).parent


@dataclass(frozen=True)
class Outcome:
    """How one process ended."""

    status: int
    """Exit status; -1 if it was ended after `TIMEOUT_SECONDS`."""
    stdout: str
    """Its standard output."""
    stderr: str
    """Its standard error."""


@dataclass(frozen=True)
class Trial:
    """One program under `isograd run` with one seed."""

    program: str
    """Name of the program: its split, a slash, and its stem."""
    seed: int
    """What was given as `--seed`."""
    findings: Mapping[str, Any] | None
    """The findings file; None if none was written."""
    faithful: bool | None
    """True if standard output and exit status are those of plain Python; None if that was not asked for."""
    complaint: str
    """The last lines of standard error where no findings file was written, else empty."""


def environment() -> dict[str, str]:
    """One thread a process, so that sums are taken in one order and jobs do not fight over the cores."""
    return {**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}


def run_process(command: list[str], folder: str) -> Outcome:
    """Run a command in a folder of its own and keep what it wrote."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=folder, env=environment(), timeout=TIMEOUT_SECONDS
        )
    except subprocess.TimeoutExpired:
        return Outcome(-1, "", f"ended after {TIMEOUT_SECONDS} seconds")
    return Outcome(done.returncode, done.stdout, done.stderr)


def read_findings(path: Path) -> dict[str, Any] | None:
    """The findings file, or None where it is missing or is no JSON (the trial then counts as broken)."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def run_trial(program: str, seed: int, compare: bool) -> Trial:
    """Run a program under `isograd run`, and if `compare` by plain Python as well.

    Args:
        program: Name of the program, e.g. `dev/labels_shuffled`.
        seed: Given to it as `--seed`.
        compare: Whether to hold it against plain Python; doubles the time.
    """
    script = str(ROOT / f"{program}.py")
    with tempfile.TemporaryDirectory(prefix="isograd-programs-") as folder:
        findings = Path(folder, "findings.json")
        watch = ["-m", "isograd", "run", "--json", str(findings), "--quiet", "--no-live", "--out", f"{folder}/run"]
        watched = run_process([sys.executable, *watch, script, "--seed", str(seed)], folder)
        faithful = None
        if compare:
            plain = run_process([sys.executable, script, "--seed", str(seed)], folder)
            faithful = (plain.status, plain.stdout) == (watched.status, watched.stdout)
        found = read_findings(findings)
    return Trial(program, seed, found, faithful, "" if found is not None else watched.stderr[-400:])
