import os
import threading
import time

from isograd.facts import Event
from isograd.record import forks
from isograd.record.forks import ForkGate
from isograd.record.store import Store


def fork_and_wait():
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    return os.waitpid(pid, 0)[1]


def hold(gate, seconds):
    """Enter a gate on another thread; returns the list that gets a mark when it is left."""
    entered, left = threading.Event(), []

    def inside():
        with gate:
            entered.set()
            time.sleep(seconds)
            left.append("left")

    threading.Thread(target=inside).start()
    entered.wait()
    return left


def test_a_fork_waits_until_nobody_is_inside_sqlite():
    gate = ForkGate()
    left = hold(gate, 0.2)
    assert fork_and_wait() == 0
    assert left == ["left"]
    with gate:  # and it is open again
        pass


def test_a_disk_that_hangs_does_not_stop_the_fork(monkeypatch):
    monkeypatch.setattr(forks, "_WAIT_SECONDS", 0.05)
    gate = ForkGate()
    left = hold(gate, 0.5)
    assert fork_and_wait() == 0
    assert left == []
    time.sleep(0.6)
    with gate:
        pass


def test_the_writer_touches_the_disk_inside_its_gate_only(open_writer, monkeypatch):
    writer = open_writer()
    locked = []
    original = Store._write
    monkeypatch.setattr(
        Store, "_write", lambda store, batch: (locked.append(writer._gate._lock.locked()), original(store, batch))
    )
    writer.event(0, Event(0, "rebuilt", "", "", ""))
    assert writer.flush()
    assert locked == [True]
