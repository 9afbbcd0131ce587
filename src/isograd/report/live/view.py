"""Live vitals at the bottom of a terminal while a script trains, never mixed into what the script writes."""

import atexit
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TextIO

from isograd.facts import Language, Vitals
from isograd.report.live.frame import LINES, frame
from isograd.report.live.region import draw, forget, release, reserve
from isograd.report.terminal.paper import Paper, paper

PERIOD_SECONDS = 0.25
"""Time between frames: 4 Hz."""
FEWEST_ROWS, FEWEST_COLUMNS = 12, 40
"""On a smaller terminal nothing is drawn."""
_PATIENCE_SECONDS = 1.0  # a terminal held by Ctrl-S must not hold the script's end


class LiveView:
    """Draws the latest vitals in lines reserved at the bottom of a terminal, from a thread of its own.

    Each frame is one write to the terminal that leaves the cursor where it was. Nothing is drawn before the first
    vitals are there, nor where the stream is no terminal, the terminal is dumb or too small, or the script runs in
    the background. A forked child draws nothing and restores nothing.

    Example:
        >>> import io
        >>> view = LiveView(lambda: None, io.StringIO(), "en")  # no terminal: off
        >>> view.start(), view.running, view.stop()
        (None, False, None)
    """

    def __init__(self, vitals: Callable[[], Vitals | None], stream: TextIO, language: Language) -> None:
        self._vitals = vitals
        self._stream = stream
        self._paper = paper(language, None, None, stream, os.environ)
        self._stopped = threading.Event()
        self._drawing = threading.Lock()
        self._thread: threading.Thread | None = None
        self._reserved: os.terminal_size | None = None
        self._process = 0

    @property
    def running(self) -> bool:
        """True between a `start` that found a terminal and `stop`."""
        return self._thread is not None

    def start(self) -> None:
        """Begins to draw, if the stream is a terminal that can be drawn on."""
        if self.running or not drawable(self._stream, os.environ.get("TERM", "")):
            return
        self._process = os.getpid()
        self._stopped.clear()
        self._thread = threading.Thread(target=self._run, name="isograd-live", daemon=True)
        self._thread.start()
        atexit.register(self.stop)

    def stop(self) -> None:
        """Ends drawing, clears the panel and gives its lines back; does nothing in a forked child."""
        if self._thread is None or os.getpid() != self._process:
            return
        self._stopped.set()
        self._thread.join(_PATIENCE_SECONDS)
        self._thread = None
        atexit.unregister(self.stop)

    def _run(self) -> None:
        try:
            try:
                while not self._stopped.wait(PERIOD_SECONDS):
                    self.draw()
            finally:
                self._give_back()  # also where the vitals themselves fail, which is then reported
        except OSError:
            self._reserved = None  # the terminal is gone, and with it what there was to restore

    def _descriptor(self) -> int:
        try:
            return self._stream.fileno()
        except ValueError as closed:
            raise OSError("the stream that the live view draws on was closed by the script") from closed

    def draw(self) -> None:
        """Draws one frame now.

        Raises:
            OSError: The terminal is gone.
        """
        vitals = self._vitals()
        descriptor = self._descriptor()
        if vitals is None or not _in_foreground(descriptor):
            return
        with self._drawing:
            size = os.get_terminal_size(descriptor)
            prelude = self._settle(size)
            if self._reserved is not None:
                lines = frame(vitals, replace(self._paper, width=size.columns))
                _write(descriptor, prelude + draw(size.lines, lines), self._paper)
            elif prelude:
                _write(descriptor, prelude, self._paper)

    def _settle(self, size: os.terminal_size) -> str:
        """What must be sent before a frame so that the panel fits the size that the terminal has now."""
        if size == self._reserved:
            return ""
        prelude = "" if self._reserved is None else forget()
        fits = size.lines >= FEWEST_ROWS and size.columns >= FEWEST_COLUMNS
        self._reserved = size if fits else None
        return prelude + reserve(size.lines, LINES) if fits else prelude

    def _give_back(self) -> None:
        with self._drawing:
            if self._reserved is None:
                return
            descriptor = self._descriptor()
            same = os.get_terminal_size(descriptor) == self._reserved
            _write(descriptor, release(self._reserved.lines, LINES) if same else forget(), self._paper)
            self._reserved = None


def drawable(stream: TextIO, terminal: str) -> bool:
    """True if the stream is a terminal with escape sequences.

    Args:
        stream: that would be drawn on.
        terminal: the variable `TERM`.
    """
    return os.name == "posix" and stream.isatty() and terminal not in ("", "dumb")


def _in_foreground(descriptor: int) -> bool:
    try:
        return os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:
        return True  # a terminal without job control has no background


def _write(descriptor: int, text: str, sheet: Paper) -> None:
    """One write: the kernel keeps it together, so that the script's own output cannot get in between."""
    data = text.encode(sheet.encoding, "replace")
    while data:
        try:
            data = data[os.write(descriptor, data) :]
        except BlockingIOError:
            return  # the script made its terminal non-blocking and it is full: this frame is dropped
