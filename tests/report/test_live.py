import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TextIO

import pytest
from tests.report.fake_terminal import FakeTerminal
from tests.report.test_live_frame import VITALS

from isograd.facts import Vitals
from isograd.report.live.frame import LINES
from isograd.report.live.view import LiveView, drawable

SCRIPT = Path(__file__).with_name("live_script.py")
ROWS, COLUMNS = 24, 80
OURS = re.compile(
    rb"(?:\x1bD){3}\x1b\[3A\x1b7\x1b\[1;\d+r\x1b8|\x1b7(?:\x1b\[\d+;1H\x1b\[0m[^\r\n]*?)\x1b8|\x1b7\x1b\[r.*?\x1b8"
)


def set_size(descriptor: int, rows: int, columns: int) -> None:
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def run_in_terminal(how: str, terminal: str = "xterm-256color", piped: bool = False) -> tuple[bytes, bytes, int]:
    """What the terminal was sent, what went to a piped standard output, and the exit status."""
    master, slave = pty.openpty()
    set_size(slave, ROWS, COLUMNS)
    environ = {**os.environ, "TERM": terminal, "PYTHONUTF8": "1"}
    environ.pop("NO_COLOR", None)
    process = subprocess.Popen(
        [sys.executable, str(SCRIPT), how],
        stdin=slave,
        stdout=subprocess.PIPE if piped else slave,
        stderr=slave,
        env=environ,
        start_new_session=True,
    )
    os.close(slave)
    pieces: list[bytes] = []
    reader = threading.Thread(target=_drain, args=(master, pieces), daemon=True)
    reader.start()
    output = process.stdout.read() if process.stdout else b""
    status = process.wait(60)
    reader.join(10)
    os.close(master)
    return b"".join(pieces), output, status


def _drain(master: int, pieces: list[bytes]) -> None:
    try:
        while piece := os.read(master, 65536):
            pieces.append(piece)
    except OSError:
        return  # on Linux, how a terminal ends


@pytest.fixture(scope="module")
def bare() -> bytes:
    return run_in_terminal("bare")[0]


def shown(sent: bytes) -> FakeTerminal:
    screen = FakeTerminal(ROWS, COLUMNS)
    screen.feed(sent.decode())
    return screen


@pytest.mark.parametrize("how", ["plain", "atexit", "fork", "crash"])
def test_the_script_writes_as_ever_and_the_terminal_is_given_back(how: str) -> None:
    sent, _, status = run_in_terminal(how)
    assert b"Sequential" in sent
    assert status == (1 if how == "crash" else 0)
    screen = shown(sent)
    assert screen.region == (1, ROWS)
    written = [line for line in screen.text if line]
    steps = [*range(60), *(range(30) if how == "fork" else [])]
    expected = [line for step in steps for line in (f"epoch {step} loss 2.3 층 done", f"warning {step}")]
    assert written == [*expected, "training broke off" if how == "crash" else "the end"]


def test_what_the_script_sends_is_the_same_byte_for_byte(bare: bytes) -> None:
    sent = run_in_terminal("plain")[0]
    assert OURS.search(sent)
    assert OURS.sub(b"", sent) == bare


def test_a_piped_standard_output_is_untouched() -> None:
    sent, output, _ = run_in_terminal("plain", piped=True)
    assert b"Sequential" in sent
    assert output == run_in_terminal("bare", piped=True)[1]


def test_a_dumb_terminal_is_left_alone(bare: bytes) -> None:
    assert run_in_terminal("plain", terminal="dumb")[0] == bare


class Terminal:
    """A terminal within the test, to draw on frame by frame."""

    def __init__(self, rows: int, columns: int) -> None:
        self.master, self.slave = pty.openpty()
        set_size(self.slave, rows, columns)
        self.stream = os.fdopen(self.slave, "w", encoding="utf-8")
        self.screen = FakeTerminal(rows, columns)

    def write(self, text: str) -> None:
        self.stream.write(text)
        self.stream.flush()
        self.look()

    def look(self) -> FakeTerminal:
        os.set_blocking(self.master, False)
        sent = b""
        try:
            while piece := os.read(self.master, 65536):
                sent += piece
        except BlockingIOError:
            self.screen.feed(sent.decode())
        return self.screen

    def resize(self, rows: int, columns: int) -> None:
        self.look().resize(rows, columns)
        set_size(self.slave, rows, columns)

    def close(self) -> None:
        self.stream.close()
        os.close(self.master)


@contextmanager
def drawn_on(
    rows: int, columns: int, vitals: Callable[[], Vitals | None] = lambda: VITALS
) -> Iterator[tuple[Terminal, LiveView]]:
    terminal = Terminal(rows, columns)
    view = LiveView(vitals, terminal.stream, "en")
    try:
        yield terminal, view
    finally:
        view.stop()
        terminal.close()


def test_the_panel_stays_at_the_bottom_while_the_script_scrolls() -> None:
    with drawn_on(14, 80) as (terminal, view):
        terminal.write("half a line")
        view.draw()
        screen = terminal.look()
        assert screen.region == (1, 14 - LINES)
        assert (screen.row, screen.column) == (0, len("half a line"))
        terminal.write("\n" + "\n".join(f"line {index}" for index in range(30)))
        view.draw()
        screen = terminal.look()
        assert "step 1,234" in screen.screen[-LINES]
        assert screen.screen[-LINES - 1] == "line 29"
        assert [line for line in screen.text[:-LINES] if line] == ["half a line", *(f"line {n}" for n in range(30))]


def test_a_cursor_at_the_bottom_makes_room_without_losing_a_line() -> None:
    with drawn_on(14, 80) as (terminal, view):
        terminal.write("\n".join(f"line {index}" for index in range(14)))
        view.draw()
        screen = terminal.look()
        assert [line for line in screen.text if line.startswith("line")] == [f"line {n}" for n in range(14)]
        assert (screen.row, screen.column) == (13 - LINES, len("line 13"))


@pytest.mark.parametrize("size", [(40, 120), (13, 60), (14, 50)])
def test_the_panel_follows_a_resize(size: tuple[int, int]) -> None:
    with drawn_on(20, 80) as (terminal, view):
        terminal.write("one\ntwo\n")
        view.draw()
        terminal.resize(*size)
        view.draw()
        screen = terminal.look()
        assert screen.region == (1, size[0] - LINES)
        assert sum("step 1,234" in line for line in screen.text) == 1
        assert "step 1,234" in screen.screen[-LINES]
        assert [line for line in screen.text[:-LINES] if line] == ["one", "two"]


def test_a_terminal_that_becomes_too_small_is_given_back_until_it_grows() -> None:
    with drawn_on(20, 80) as (terminal, view):
        view.draw()
        terminal.resize(10, 80)
        view.draw()
        assert terminal.look().region == (1, 10)
        assert not any("step" in line for line in terminal.look().screen)
        terminal.resize(24, 80)
        view.draw()
        assert terminal.look().region == (1, 24 - LINES)


@pytest.mark.parametrize("size", [(11, 80), (24, 39)])
def test_a_small_terminal_is_left_alone(size: tuple[int, int]) -> None:
    with drawn_on(*size) as (terminal, view):
        view.draw()
        assert not any(terminal.look().screen)


def test_nothing_is_drawn_before_there_are_vitals() -> None:
    with drawn_on(24, 80, lambda: None) as (terminal, view):
        view.draw()
        assert terminal.look().region == (1, 24)
        assert not any(terminal.look().screen)


def test_frames_come_from_a_thread_and_stop_when_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    taken: list[float] = []

    def vitals() -> Vitals:
        taken.append(time.monotonic())
        return replace(VITALS, step=len(taken))

    with drawn_on(24, 80, vitals) as (terminal, view):
        view.start()
        view.start()  # a second start is no second thread
        assert view.running
        deadline = time.monotonic() + 10
        while len(taken) < 3 and time.monotonic() < deadline:
            time.sleep(0.05)
        view.stop()
        assert len(taken) >= 3
        assert not view.running
        frames = len(taken)
        time.sleep(0.6)
        assert len(taken) == frames
        assert terminal.look().region == (1, 24)
        assert not any(terminal.look().screen)


def test_a_terminal_that_goes_away_ends_the_view(monkeypatch: pytest.MonkeyPatch) -> None:
    with watched(monkeypatch) as (terminal, view, reported):
        os.close(terminal.master)
        assert ended(view)
        assert reported == []
        terminal.stream.close()


def test_a_stream_that_the_script_closes_ends_the_view_without_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    with watched(monkeypatch) as (terminal, view, reported):
        terminal.stream.close()
        assert ended(view)
        assert reported == []
        os.close(terminal.master)


def test_vitals_that_fail_are_reported_once_and_the_terminal_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    snapshots = iter([VITALS])
    with watched(monkeypatch, lambda: next(snapshots)) as (terminal, view, reported):
        assert ended(view)
        assert [type(error) for error in reported] == [StopIteration]
        assert terminal.look().region == (1, 24)
        terminal.close()


@contextmanager
def watched(
    monkeypatch: pytest.MonkeyPatch, vitals: Callable[[], Vitals | None] = lambda: VITALS
) -> Iterator[tuple[Terminal, LiveView, list[object]]]:
    """A started view, and what its thread reported as errors."""
    reported: list[object] = []
    monkeypatch.setattr(threading, "excepthook", lambda error: reported.append(error.exc_value))
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal(24, 80)
    view = LiveView(vitals, terminal.stream, "en")
    view.start()
    yield terminal, view, reported
    view.stop()


def ended(view: LiveView) -> bool:
    deadline = time.monotonic() + 10
    while view._thread is not None and view._thread.is_alive() and time.monotonic() < deadline:
        time.sleep(0.05)
    return view._thread is not None and not view._thread.is_alive()


def test_what_cannot_be_drawn_on(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as log:
        assert not drawable(log, "xterm")
        view = LiveView(lambda: VITALS, log, "en")
        view.start()
        assert not view.running
    assert not drawable(io.StringIO(), "xterm")


def test_the_terminal_must_know_escape_sequences() -> None:
    terminal = Terminal(24, 80)
    stream: TextIO = terminal.stream
    assert drawable(stream, "xterm")
    assert not drawable(stream, "dumb")
    assert not drawable(stream, "")
    terminal.close()
