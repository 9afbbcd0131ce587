"""A process that has imported torch and forks for each trial: a trial then starts in some 20 ms instead of seconds.

It imports and does nothing else: no tensor is made, no thread of torch is started, and no device is touched before it
forks. Its children differ from fresh processes in that torch is imported before the script's first line, so it does not
serve programs that set what torch reads at import, see `launching.forks`.

Over its socket it takes the folder of a job a line and says `process folder` when that has started and
`-process status` when it has ended.
"""

import os
import select
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path


class ForkServer:
    """The parent's end.

    Args:
        environment: Of the server and of all that it forks.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._socket, theirs = socket.socketpair()
        flags = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]  # what multiprocessing uses
        self.process = subprocess.Popen(
            [
                sys.executable,
                *flags,
                "-m",
                "isograd.treatment.trial.process.serving",
                str(theirs.fileno()),
                str(os.getpid()),
            ],
            pass_fds=(theirs.fileno(),),
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        self._rest = b""
        self.started: dict[str, int] = {}
        """Process numbers by folder."""
        self.ended: dict[int, int] = {}
        """Exit statuses by process number, as `os.waitpid` tells them."""

    def start(self, folder: Path) -> None:
        """Has a job run; `started` knows its process soon."""
        self._socket.sendall(os.fsencode(folder) + b"\n")

    def listen(self, seconds: float) -> None:
        """Hears what happened, waiting so long at most.

        Raises:
            OSError: The server is gone.
        """
        if not select.select([self._socket], [], [], seconds)[0]:
            return
        data = self._socket.recv(1 << 16)
        if not data:
            raise OSError("the process that forks trials is gone")
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            number, _, rest = line.partition(b" ")
            if int(number) > 0:
                self.started[os.fsdecode(rest)] = int(number)
            else:
                self.ended[-int(number)] = int(rest)

    def kill(self) -> None:
        """Ends the server; what it forked dies with it."""
        with suppress(OSError):
            self.process.kill()
        self.process.wait()
        self._socket.close()
