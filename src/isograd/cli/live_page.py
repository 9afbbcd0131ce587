"""The report of a run that may still be going on, made anew from its record when somebody asks for it."""

import math
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from isograd.cli.folder import RECORD
from isograd.errors import RecordError
from isograd.facts import Language, Record

SHORTEST_WAIT_SECONDS = 4.0
"""Between two makings of the page."""
WAIT_PER_MAKING = 20
"""A page that took long to make is made the less often: at most a twentieth of one core goes into it."""
QUIET_SECONDS = 600.0
"""A record that has not grown for so long belongs to a run that was killed: `running` is its last word."""


@dataclass(frozen=True)
class Page:
    """What a browser gets."""

    content: bytes
    """UTF-8."""
    is_html: bool
    """False if the record could not be read: then the content is one plain sentence that says why."""
    refresh_seconds: int | None
    """When to ask again; None if the run has ended."""


class LivePage:
    """The page of one run. Many threads may ask; one makes it, and only if the record has grown since.

    Args:
        place: The run's folder, or the record in it.
        render: A record as HTML.
    """

    def __init__(self, place: Path, render: Callable[[Record], str]) -> None:
        self._file = place / RECORD if place.is_dir() else place
        self._render = render
        self._lock = threading.Lock()
        self._seen: tuple[tuple[int, int], ...] | None = None
        self._not_before = -math.inf
        self._wait_seconds = SHORTEST_WAIT_SECONDS
        self._made: tuple[bytes, bool, bool] = (b"", False, False)

    def __call__(self) -> Page:
        """The page as of now, or of a few seconds ago."""
        with self._lock:
            state = self._state()
            if state != self._seen and time.monotonic() >= self._not_before:
                self._make()
                self._seen = state
            content, is_html, is_over = self._made
            ends = is_over or (state == self._seen and self._is_quiet(state))
            return Page(content, is_html, None if ends else math.ceil(self._wait_seconds))

    def _make(self) -> None:
        from isograd.record import read

        began = time.monotonic()
        try:
            record = read(self._file)
            self._made = (self._render(record).encode(), True, record.run.status != "running")
        except RecordError as error:
            self._made = (f"{error}\n".encode(), False, False)
        ended = time.monotonic()
        self._wait_seconds = max(SHORTEST_WAIT_SECONDS, WAIT_PER_MAKING * (ended - began))
        self._not_before = ended + self._wait_seconds

    def _state(self) -> tuple[tuple[int, int], ...]:
        """Size and time of the record and of its log, as far as they are there: they tell whether it has grown."""
        state = []
        for file in (self._file, Path(f"{self._file}-wal")):
            try:
                found = os.stat(file)
            except OSError:  # the log is gone when the run has ended; a record that is gone is said by `read`
                state.append((-1, 0))
            else:
                state.append((found.st_size, found.st_mtime_ns))
        return tuple(state)

    def _is_quiet(self, state: tuple[tuple[int, int], ...]) -> bool:
        """Whether nothing has been written for so long that nothing will be."""
        return time.time() - max(changed for _, changed in state) / 1e9 > QUIET_SECONDS


def page_of(place: Path, language: Language) -> LivePage:
    """The live report of a run, with the pages of the rules.

    Args:
        place: The run's folder, or the record in it.
        language: Of the report.
    """
    from isograd.diagnosis import diagnose
    from isograd.diagnosis.rules import RULES
    from isograd.report.page.document import render_html

    pages = {rule.code: rule.page(language) for rule in RULES}
    return LivePage(place, lambda record: render_html(record, diagnose(record), language, pages))
