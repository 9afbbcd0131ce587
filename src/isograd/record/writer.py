"""`RecordWriter`: takes what is observed from the training thread, and a thread of its own writes it."""

import atexit
import contextlib
import functools
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from isograd.errors import RecordError
from isograd.facts import QUANTITIES, Event, Network, Record, Run, StepRow, TimeProfile
from isograd.record import codec
from isograd.record.forks import ForkGate
from isograd.record.inbox import Inbox, Request
from isograd.record.reader import read
from isograd.record.store import Limits, Store

_DEFAULT = Limits()
_FIRST_COMMIT_SECONDS, _COMMIT_SECONDS = 0.2, 1.0  # between commits: a tenth of the time so far, within these
_OPEN_SECONDS = 10.0


class RecordWriter:
    """Writes the record of one run without holding up its training.

    No call raises, and none waits for the disk but `flush`, `snapshot`, `close` and the constructor, which opens the
    file. If the disk fails, the writer goes on in memory and `fault` says so; if it is too slow, rows are dropped and
    counted. In a forked child every call does nothing.

    An earlier record at the same path is replaced; anything else there is left alone, and is a fault.

    Args:
        path: The file to write; its folder is made if need be.
        run: What is run, as known so far.
        limits: How far the record may grow.
    """

    def __init__(self, path: Path, run: Run, limits: Limits = _DEFAULT) -> None:
        self.path = path
        self._run = run
        self._pid = os.getpid()
        self._fault: str | None = None
        self._layouts: dict[int, tuple[int, tuple[str, ...]]] = {}
        self._last: Record | None = None
        self._open = True
        self._inbox = Inbox()
        self._gate = ForkGate()
        opened = Request(lambda store: None)
        self._inbox.put_request(opened)
        threading.Thread(target=self._work, args=(path, run, limits), name="isograd-record", daemon=True).start()
        opened.done.wait(_OPEN_SECONDS)
        atexit.register(self.close)

    @property
    def fault(self) -> str | None:
        """One sentence that says why nothing is written to disk any more; None while all is well."""
        return self._fault

    @property
    def num_dropped(self) -> int:
        """Rows and readings that were not recorded because the disk was too slow."""
        return self._inbox.num_dropped

    def network(self, index: int, network: Network) -> None:
        """Record what a network is, or what it has become: its sites may grow, and change their order."""
        if self._is_off():
            return
        index = int(index)
        names = tuple(site.name for site in network.sites)
        layout, known = self._layouts.get(index, (-1, None))
        if names != known:
            layout += 1
            self._layouts[index] = (layout, names)
            self._inbox.put_row("layout", lambda: (index, layout, codec.encode_names(names)))
        self._inbox.put_row("network", lambda: (index, *codec.encode(network)))

    def step(self, network: int, row: StepRow) -> None:
        """Record one optimizer step of the network with this index."""
        if self._is_off():
            return
        self._inbox.put_step(network, row)

    def reading(self, network: int, step: int, values: NDArray[np.float32]) -> None:
        """Record a detailed reading; the values are copied.

        Args:
            network: Index of the network; its `sites` were given to `network` before.
            step: The optimizer step it was taken at.
            values: Shape (S, Q), in the order of the sites and of `QUANTITIES`; any other shape is a mistake in isograd
                and fails an assertion.
        """
        if self._is_off():
            return
        assert values.ndim == 2, values.shape
        assert values.shape[1] == len(QUANTITIES), values.shape
        data = np.asarray(values, "<f4").tobytes()
        layout, _ = self._layouts.get(network, (-1, ()))
        self._inbox.put_reading(int(network), int(step), layout, data)

    def time_profile(self, network: int, profile: TimeProfile) -> None:
        """Record the gradient by time step of one recurrent site."""
        if self._is_off():
            return
        self._inbox.put_row("time_profile", lambda: (int(network), *codec.encode_time_profile(profile)))

    def event(self, network: int, event: Event) -> None:
        """Record something that happened once."""
        if self._is_off():
            return
        self._inbox.put_row("event", lambda: (int(network), *codec.encode(event)))

    def run(self, run: Run) -> None:
        """Record what is now known of the run, e.g. how it ended."""
        if self._is_off():
            return
        self._run = run
        self._inbox.put_row("run", lambda: (1, *codec.encode(run)))

    def flush(self, timeout_seconds: float = 60.0) -> bool:
        """Wait until all that was recorded before is committed; from then on `kill -9` does not lose it.

        Returns:
            False if the disk did not answer in time.
        """
        return self._ask(lambda store: None, timeout_seconds)

    def snapshot(self, timeout_seconds: float = 60.0) -> Record:
        """All that was recorded so far and was not thinned, whatever became of the disk.

        After `close` it is read from disk, or is what memory held last.
        """
        found: list[Record] = []
        if self._ask(lambda store: found.append(store.load()), timeout_seconds) and found:
            return found[0]
        if os.getpid() == self._pid and not self._open and self._last is None:
            with contextlib.suppress(RecordError):  # removed since: the run is all that is left
                self._last = read(self.path)
        return self._last or Record(self._run, ())

    def close(self, timeout_seconds: float = 60.0) -> None:
        """Write all that waits and close the file, which is then a single one; further calls do nothing."""
        self._ask(self._close, timeout_seconds)
        if os.getpid() == self._pid:
            atexit.unregister(self.close)

    def _is_off(self) -> bool:
        return not self._open or os.getpid() != self._pid

    def _ask(self, act: Callable[[Store], None], timeout_seconds: float) -> bool:
        if self._is_off():
            return False
        request = Request(act)
        self._inbox.put_request(request)
        return request.done.wait(timeout_seconds) and request.is_done

    def _close(self, store: Store) -> None:
        self._open = False
        if store.fault is not None:
            self._last = store.load()
        store.close()

    def _work(self, path: Path, run: Run, limits: Limits) -> None:
        """The writer's thread; only its frame holds the database, so that nothing in a forked child can reach it."""
        with self._gate:
            store = Store(path, run, limits)
        began = time.monotonic()
        while self._open:
            self._fault = self._fault or store.fault
            self._inbox.wait(min(max(0.1 * (time.monotonic() - began), _FIRST_COMMIT_SECONDS), _COMMIT_SECONDS))
            requests = self._inbox.take_requests()
            with self._gate:
                self._guarded(lambda: self._write(store))
                for request in requests:
                    self._guarded(functools.partial(request.carry_out, store))
            self._fault = self._fault or store.fault
            for request in requests:
                request.done.set()

    def _write(self, store: Store) -> None:
        if batch := self._inbox.take():
            store.apply(batch)

    def _guarded(self, act: Callable[[], None]) -> None:
        """Do it; what goes wrong ends in `fault`, for nobody must wait for ever on a thread that died."""
        try:
            act()
        except (sqlite3.Error, OSError) as error:
            self._fault = f"The record is incomplete ({error}): memory does not hold it either."
        except Exception as error:  # noqa: BLE001  # the training must go on whatever mistake is ours
            self._fault = f"The record is incomplete because of a fault in isograd ({error!r}): please report it."
