"""What the training thread leaves for the writer's thread: bounded, and without a lock on the training thread's way."""

import threading
import zlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from isograd.facts import StepRow
from isograd.record import codec
from isograd.record.store import Batch, Cells, Store

_QUEUED_BYTES = 16 << 20  # of readings
_QUEUED_ROWS = 65_536  # of every other kind: some 20 MB
_ROWS_AT_ONCE = 4096  # wake the writer early

_T = TypeVar("_T")


@dataclass
class Request:
    """Something to be done on the writer's thread once all that was left before is written."""

    act: Callable[[Store], None]
    """What to do."""
    is_done: bool = False
    """True if it was done and did not fail."""
    done: threading.Event = field(default_factory=threading.Event)
    """Set afterwards, also if it failed."""

    def carry_out(self, store: Store) -> None:
        """Do it, on the writer's thread."""
        self.act(store)
        self.is_done = True


class Inbox:
    """Queues that any thread fills and one thread empties; `deque.append` and `popleft` are atomic.

    Attributes:
        num_dropped: Rows and readings that found their queue full because the disk did not keep up.
    """

    def __init__(self) -> None:
        self.num_dropped = 0
        self._steps: deque[tuple[int, StepRow]] = deque()
        self._readings: deque[tuple[Cells, bytes]] = deque()
        self._rows: deque[tuple[str, Callable[[], Cells]]] = deque()
        self._requests: deque[Request] = deque()
        self._wake = threading.Event()

    def put_step(self, network: int, row: StepRow) -> None:
        """Leave a step row."""
        if (waiting := len(self._steps)) >= _QUEUED_ROWS:
            self.num_dropped += 1
            return
        self._steps.append((network, row))
        if waiting == _ROWS_AT_ONCE:
            self._wake.set()

    def put_reading(self, network: int, step: int, layout: int, data: bytes) -> None:
        """Leave the bytes of a reading."""
        if len(self._readings) * len(data) >= _QUEUED_BYTES:
            self.num_dropped += 1
            return
        self._readings.append(((network, step, layout), data))

    def put_row(self, table: str, encode: Callable[[], Cells]) -> None:
        """Leave a row of another table, to be encoded by the writer's thread."""
        if len(self._rows) >= _QUEUED_ROWS:
            self.num_dropped += 1
            return
        self._rows.append((table, encode))

    def put_request(self, request: Request) -> None:
        """Leave a request and wake the writer."""
        self._requests.append(request)
        self._wake.set()

    def wait(self, seconds: float) -> None:
        """Sleep until woken, or for so long."""
        self._wake.wait(seconds)
        self._wake.clear()

    def take_requests(self) -> list[Request]:
        """All requests that wait; take them before the rows, so that what was left before them is written first."""
        return _all_of(self._requests)

    def take(self) -> Batch | None:
        """All rows that wait, or None."""
        # Readings before rows: the layout that a reading refers to was left before it.
        readings, steps, rows = _all_of(self._readings), _all_of(self._steps), _all_of(self._rows)
        if not (readings or steps or rows):
            return None
        others = [(table, encode()) for table, encode in rows]
        others += [("reading", (*cells, zlib.crc32(data), data)) for cells, data in readings]
        return Batch([codec.encode_step(*step) for step in steps], others, self.num_dropped)


def _all_of(queue: deque[_T]) -> list[_T]:
    return [queue.popleft() for _ in range(len(queue))]
