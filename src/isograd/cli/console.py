"""Where isograd speaks: standard error while a script runs, which owns standard output."""

import os
import sys
from typing import TextIO

INTERRUPTED_STATUS = 130
"""Exit status after Ctrl-C, as shells count it: 128 and the number of the signal."""


def complain(sentence: str, stream: TextIO | None = None) -> None:
    """Writes one sentence under isograd's name.

    Args:
        sentence: Without the name in front.
        stream: Where to, by default standard error.
    """
    write(f"isograd: {sentence}\n", stream if stream is not None else sys.stderr)


def write(text: str, stream: TextIO | None) -> None:
    """Writes text that the stream's encoding may lack signs for; a stream that is gone is no reason to fail.

    Args:
        text: As it is to stand there, with its line ends.
        stream: None where the process has no such stream.
    """
    if stream is None or stream.closed:
        return
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        stream.write(text.encode(encoding, "replace").decode(encoding))
        stream.flush()
    except BrokenPipeError:
        # Whoever was reading has left. What Python flushes at exit would fail again and be shown: let it go nowhere.
        _let_go(stream)


def _let_go(stream: TextIO) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def on_terminal(stream: TextIO | None) -> bool:
    """Whether somebody looks at the stream, on a terminal that can move its cursor."""
    if stream is None or stream.closed or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty()
