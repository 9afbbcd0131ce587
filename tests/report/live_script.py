"""A script as a user might run it under a live view: run by test_live.py in a terminal of its own."""

import os
import sys
import time

import numpy as np

from isograd.facts import Vitals
from isograd.report.live.view import LiveView

step = 0


def vitals() -> Vitals:
    strip = np.linspace(-9, 0, 10, dtype=np.float32)[None].repeat(5, 0)
    return Vitals("Sequential", step, 2.3, -9.0, 0.0, 0.0, 30.0, 0.008, tuple("abcdefghij"), strip, "")


def train(lines: int) -> None:
    global step
    for step in range(lines):
        sys.stdout.write(f"epoch {step} \x1b[1mloss\x1b[0m 2.3 층")
        sys.stdout.flush()
        time.sleep(0.01)
        print(" done", flush=True)
        print(f"warning {step}", file=sys.stderr, flush=True)


view = LiveView(vitals, sys.stderr, "en")
how = sys.argv[1]
if how != "bare":
    view.start()
train(60)
if how == "fork":
    child = os.fork()
    if child == 0:
        view.stop()
        sys.exit(0)  # runs what is registered with atexit, as a careless child does
    os.waitpid(child, 0)
    train(30)
if how == "crash":
    raise SystemExit("training broke off")
if how != "atexit":
    view.stop()
print("the end", flush=True)
