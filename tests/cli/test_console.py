import io
import os
import pty

import pytest

from isograd.cli.console import complain, on_terminal, write
from isograd.cli.options import Outputs


def stream(encoding: str = "utf-8") -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="")


def test_signs_that_the_stream_lacks_become_question_marks() -> None:
    target = stream("ascii")
    write("기울기 ok\n", target)
    assert target.buffer.getvalue() == b"??? ok\n"


def test_a_stream_that_is_gone_is_no_reason_to_fail() -> None:
    closed = stream()
    closed.close()
    write("text", closed)
    write("text", None)
    assert not on_terminal(closed)
    assert not on_terminal(None)


def test_a_reader_that_left_silences_the_stream() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "w") as target:
        write("text", target)
        write("more", target)


def test_complaints_bear_the_name() -> None:
    target = io.StringIO()
    complain("it is so.", target)
    assert target.getvalue() == "isograd: it is so.\n"


@pytest.mark.parametrize(("term", "expected"), [("xterm", True), ("dumb", False)])
def test_a_terminal_is_known(monkeypatch, term: str, expected: bool) -> None:
    monkeypatch.setenv("TERM", term)
    terminal, end = pty.openpty()
    with open(end, "w") as target:
        assert on_terminal(target) is expected
    os.close(terminal)
    assert not on_terminal(io.StringIO())


@pytest.mark.parametrize(
    ("lang", "locale", "language"),
    [(None, {}, "en"), (None, {"LANG": "ko_KR.UTF-8"}, "ko"), ("en", {"LANG": "ko_KR.UTF-8"}, "en"), ("ko", {}, "ko")],
)
def test_the_language_is_that_asked_for_else_the_locales(
    lang: str | None, locale: dict[str, str], language: str
) -> None:
    assert Outputs(None, None, lang, False, "never", locale=locale).language == language
