"""What `isograd cure` was asked for, checked."""

import hashlib
import os
import re
import shlex
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from isograd.cli.folder import keep_out_of_git
from isograd.errors import UsageError
from isograd.facts.vocabulary import REMEDIES

if TYPE_CHECKING:
    from isograd.treatment.curing.options import Options
    from isograd.treatment.trial.subject import Subject

CURES = Path(".isograd", "cures")
"""Where cures go by default, below the working directory."""
_TRIAL = re.compile(r"(baseline|treated|sham|reseed)-\d+-[0-9a-f]{16}")
_PATCHED = re.compile(r"[0-9a-f]{16}")


def subject_of(words: str, args: Sequence[str], as_module: bool) -> "Subject":
    """The script, module or task that is to be cured.

    Raises:
        UsageError: There is no such thing, or a task was given arguments.
    """
    from isograd.observation.target import Target
    from isograd.treatment.trial.subject import Subject

    if not as_module and names_task(words):
        from isograd.observation.spec import parse

        if args:
            raise UsageError(f"{words} names a task, which takes no arguments; got {shlex.join(args)}")
        parse(words)
        return Subject.spec(words)
    return Subject.of(Target.module(words, args) if as_module else Target.script(words, args))


def names_task(words: str) -> bool:
    """True if the words name a task in a file or module, not a script.

    >>> names_task("task.py:task"), names_task("package.module:task"), names_task("train.py")
    (True, True, False)
    """
    source, colon, name = words.rpartition(":")
    return bool(colon and source and name.isidentifier()) and not os.path.exists(words)


def options_of(subject: "Subject", wanted: Mapping[str, Any]) -> "Options":
    """The options of a cure.

    Raises:
        UsageError: Some of them make no sense.
    """
    from isograd.facts.trial import MetricPattern
    from isograd.treatment.curing.options import Options
    from isograd.treatment.trial.process.concurrency import runs_at_once

    if wanted["lower"] and wanted["metric"] is None:
        raise UsageError("--lower says which way --metric is better; give --metric REGEX, too")
    pattern = None if wanted["metric"] is None else MetricPattern(_regex(wanted["metric"]), wanted["lower"])
    remedies = tuple(map(_known, wanted["remedies"]))
    folder = _folder(subject, wanted["out"])
    _make(folder, wanted["out"])
    if wanted["fresh"]:
        _forget(folder)
    return Options(
        folder=folder,
        metric=pattern,
        seeds=wanted["seeds"],
        steps=wanted["steps"],
        minutes=wanted["minutes"],
        trials=wanted["trials"],
        parallel=wanted["parallel"] or runs_at_once(),
        remedies=remedies,
    )


def _make(folder: Path, out: str | None) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if out is None:
            keep_out_of_git(folder.parent.parent)
    except OSError as error:
        name = f"--out {out}" if out is not None else str(folder)
        raise UsageError(f"{name} cannot be written ({error.strerror}); name a folder that can by --out") from None


def _forget(folder: Path) -> None:
    """Removes the trials of earlier cures, and nothing else: `--out` may name a folder with files of the user's."""
    from isograd.treatment.trial.job import JOB, RECORD, RESULT

    for trial in folder.glob("*-*-*"):
        if _TRIAL.fullmatch(trial.name) and any((trial / name).is_file() for name in (JOB, RESULT, RECORD)):
            shutil.rmtree(trial, ignore_errors=True)
    for patched in (folder / "patched").glob("*"):
        if _PATCHED.fullmatch(patched.name):
            shutil.rmtree(patched, ignore_errors=True)


def _regex(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise UsageError(f"--metric {pattern!r} is no regular expression: {error}") from None
    return pattern


def _known(names: str) -> str:
    for name in names.split("+"):
        if name not in REMEDIES:
            import difflib

            close = difflib.get_close_matches(name, REMEDIES, n=1)
            hint = f"did you mean {close[0]}?" if close else "isograd explain lists them"
            raise UsageError(f"--remedy {name}: there is no such remedy; {hint}")
    return names


def _folder(subject: "Subject", out: str | None) -> Path:
    """The same for the same command in the same place, so that it goes on where it was broken off."""
    if out is not None:
        return Path(os.getcwd(), out)
    words = "\0".join((subject.folder, *subject.command))
    name = re.sub(r"[^\w.-]+", "-", subject.stem).strip("-.") or "script"
    digest = hashlib.sha256(words.encode(errors="surrogateescape")).hexdigest()
    return Path(os.getcwd(), CURES, f"{name}-{digest[:8]}")
