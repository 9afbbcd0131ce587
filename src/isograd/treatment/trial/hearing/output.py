"""The program's output: into files of bounded size, and searched line by line for the metric.

File descriptors 1 and 2 lead to the files too, for what is written past Python. Standard input is empty.
"""

import io
import os
import re
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from isograd.facts.trial import MetricPattern, PrintedMetric

MOST_BYTES = 16 << 20
"""What is kept of each stream; the rest is searched and dropped."""
MOST_MATCHES = 2000
_LONGEST_LINE = 1 << 16


class Search:
    """Finds the metric in lines, with the step at which each was printed."""

    def __init__(self, metric: MetricPattern | None, steps: Callable[[], int]) -> None:
        self.matches: deque[PrintedMetric] = deque(maxlen=MOST_MATCHES)
        """The last of them."""
        self._pattern = re.compile(metric.pattern) if metric is not None else None
        self._steps = steps
        self._rest = ""

    def feed(self, text: str) -> None:
        """More text; lines end at a newline or, as those of progress bars, at a carriage return."""
        if self._pattern is None:
            return
        *lines, self._rest = re.split(r"[\r\n]", self._rest + text)
        self._rest = self._rest[-_LONGEST_LINE:]
        for line in lines:
            self._search(line)

    def finish(self) -> None:
        """The last line may have no end."""
        self._search(self._rest)
        self._rest = ""

    def _search(self, line: str) -> None:
        if self._pattern is None or not line:
            return
        for match in self._pattern.finditer(line):
            number = _number(match.group(1) if self._pattern.groups else match.group())
            if number is not None:
                self.matches.append(PrintedMetric(self._steps(), number))


def _number(text: str | None) -> float | None:
    """The number that was matched, percent signs and thousands separators left out; None if it is none."""
    try:
        return float((text or "").strip().rstrip("%").replace(",", ""))
    except ValueError:
        return None


class _Stream(io.RawIOBase):
    """Bytes on their way to a file."""

    def __init__(self, descriptor: int, search: Search) -> None:
        self._descriptor = descriptor
        self._search = search
        self._left = MOST_BYTES

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def write(self, data: Any) -> int:
        kept = bytes(data)
        self._search.feed(kept.decode("utf-8", errors="replace"))
        if self._left > 0:
            os.write(self._descriptor, kept[: self._left])
            self._left -= len(kept)
        return len(kept)


class Output:
    """Takes the place of the three standard streams, for the rest of the process.

    Args:
        stdout: File for standard output.
        stderr: File for standard error.
        metric: What to look for.
        steps: Optimizer steps taken so far.
    """

    def __init__(self, stdout: Path, stderr: Path, metric: MetricPattern | None, steps: Callable[[], int]) -> None:
        self._searches = [Search(metric, steps), Search(metric, steps)]
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  stays for the rest of the process
        sys.stdout = sys.__stdout__ = _opened(stdout, 1, self._searches[0])  # type: ignore[misc]  # Final in typeshed
        sys.stderr = sys.__stderr__ = _opened(stderr, 2, self._searches[1])  # type: ignore[misc]  # as above

    def matches(self) -> tuple[PrintedMetric, ...]:
        """Of standard output; of standard error, where loggers write, if there are none."""
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (OSError, ValueError, AttributeError):
                continue  # the program closed or replaced it
        for search in self._searches:
            search.finish()
        return tuple(self._searches[0].matches or self._searches[1].matches)


def _opened(path: Path, descriptor: int, search: Search) -> io.TextIOWrapper:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o644)
    os.dup2(file, descriptor)
    os.close(file)
    raw = _Stream(descriptor, search)
    name = f"<{'stdout' if descriptor == 1 else 'stderr'}>"
    stream = io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8", errors="backslashreplace", line_buffering=True)
    stream.mode = "w"  # type: ignore[misc]  # as those of Python have it
    raw.name = name  # type: ignore[attr-defined]  # shown as that of the stream
    return stream
