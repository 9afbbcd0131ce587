"""The server's end of `fork_server`: imports torch, and forks for each trial until its parent closes the channel."""

import gc
import os
import select
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from isograd.treatment.trial.process.child import perform
from isograd.treatment.trial.process.lifeline import die_with

_LOOK_SECONDS = 0.02


def serve(channel: socket.socket) -> NoReturn:
    """The server's end: forks until the parent closes the channel."""
    _prepare()
    with suppress(ConnectionError):  # it was killed, or ended while something was on its way to it
        _attend(channel)
    os._exit(0)


def _attend(channel: socket.socket) -> None:
    """Forks as it is told to; returns when the channel is closed."""
    children: set[int] = set()
    rest = b""
    while True:
        ready = select.select([channel], [], [], _LOOK_SECONDS if children else None)[0]
        for process, status in _ended(children):
            channel.sendall(b"-%d %d\n" % (process, status))
        if not ready:
            continue
        data = channel.recv(1 << 16)
        if not data:
            return
        *folders, rest = (rest + data).split(b"\n")
        for folder in folders:
            process = _fork(os.fsdecode(folder), channel)
            children.add(process)
            channel.sendall(b"%d %s\n" % (process, folder))


def _prepare() -> None:
    """Imports what every trial needs, and lets its pages be shared."""
    from isograd.treatment.trial import script_run, task_run  # noqa: F401  imported for the children
    from isograd.treatment.trial.hearing import witness  # noqa: F401  imported for the children

    gc.collect()
    gc.freeze()


def _fork(folder: str, channel: socket.socket) -> int:
    server = os.getpid()
    process = os.fork()
    if process:
        return process
    channel.close()
    os.setsid()
    die_with(server)
    perform(Path(folder))


def _ended(children: set[int]) -> list[tuple[int, int]]:
    found = []
    for process in list(children):
        number, status = os.waitpid(process, os.WNOHANG)
        if number:
            children.discard(number)
            found.append((number, status))
    return found


die_with(int(sys.argv[2]))
serve(socket.socket(fileno=int(sys.argv[1])))
