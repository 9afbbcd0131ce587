"""What `isograd cure` was asked for, checked."""

import hashlib
import os
import re
import shlex
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from isograd.errors import UsageError
from isograd.facts.vocabulary import REMEDIES

if TYPE_CHECKING:
    from isograd.treatment.curing.options import Options
    from isograd.treatment.trial.subject import Subject

CURES = Path(".isograd", "cures")
"""Where cures go by default, below the working directory."""


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

    if wanted["lower"] and wanted["metric"] is None:
        raise UsageError("--lower says which way --metric is better; give --metric REGEX, too")
    pattern = None if wanted["metric"] is None else MetricPattern(_regex(wanted["metric"]), wanted["lower"])
    folder = _folder(subject, wanted["out"])
    if wanted["fresh"] and folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    return Options(
        folder=folder,
        metric=pattern,
        seeds=wanted["seeds"],
        steps=wanted["steps"],
        minutes=wanted["minutes"],
        trials=wanted["trials"],
        parallel=wanted["parallel"] or max(1, (os.cpu_count() or 1)),
        remedies=tuple(map(_known, wanted["remedies"])),
    )


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
    folder = Path(
        os.getcwd(), CURES, f"{name}-{hashlib.sha256(words.encode(errors='surrogateescape')).hexdigest()[:8]}"
    )
    return folder
