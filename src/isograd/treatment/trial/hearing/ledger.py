"""A sink that passes everything on to the record and keeps every loss, exactly."""

import hashlib
import math
import struct
from collections.abc import Iterable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from isograd.facts import Event, Network, Run, StepRow, TimeProfile
from isograd.facts.trial import LossCurve
from isograd.observation.session import Sink

MOST_POINTS = 2000
"""Losses that a result carries."""


class Ledger:
    """Keeps the losses of every network by the number that the session gives it."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self.losses: dict[int, list[float]] = {}
        """By network, one a step."""
        self.seconds: dict[int, float] = {}
        """By network: the time of its steps, isograd's own left out."""

    def network(self, index: int, network: Network) -> None:
        """See `observation.session.Sink`."""
        self._sink.network(index, network)

    def step(self, network: int, row: StepRow) -> None:
        """See `observation.session.Sink`."""
        self.losses.setdefault(network, []).append(row.loss)
        passed = row.seconds if math.isfinite(row.seconds) else 0.0
        self.seconds[network] = self.seconds.get(network, 0.0) + passed
        self._sink.step(network, row)

    def reading(self, network: int, step: int, values: NDArray[np.float32]) -> None:
        """See `observation.session.Sink`."""
        self._sink.reading(network, step, values)

    def time_profile(self, network: int, profile: TimeProfile) -> None:
        """See `observation.session.Sink`."""
        self._sink.time_profile(network, profile)

    def event(self, network: int, event: Event) -> None:
        """See `observation.session.Sink`."""
        self._sink.event(network, event)

    def run(self, run: Run) -> None:
        """See `observation.session.Sink`."""
        self._sink.run(run)


def digest(losses: Sequence[float], parameters: Iterable[torch.Tensor]) -> str:
    """SHA-256 over losses, to the bit, and over parameters; their order does not matter, nor does where they lie."""
    found = hashlib.sha256(struct.pack(f"<{len(losses)}d", *losses))
    for one in sorted(map(_bits, parameters)):
        found.update(one)
    return found.hexdigest()


def _bits(tensor: torch.Tensor) -> bytes:
    if torch.nn.parameter.is_lazy(tensor):
        return b""
    plain = tensor.detach().to_dense() if tensor.layout != torch.strided else tensor.detach()
    flat = plain.cpu().contiguous().reshape(-1)
    head = f"{tensor.dtype} {tuple(tensor.shape)}".encode()
    return hashlib.sha256(head + flat.view(torch.uint8).numpy().tobytes()).digest() if flat.numel() else head


def curve(losses: Sequence[float]) -> LossCurve:
    """The losses, every n-th where there are too many, and the last.

    >>> curve([3.0, 2.0])
    LossCurve(step=(0, 1), value=(3.0, 2.0))
    """
    stride = max(1, -(-len(losses) // (MOST_POINTS - 1)))
    steps = sorted({*range(0, len(losses), stride), *range(len(losses))[-1:]})
    return LossCurve(tuple(steps), tuple(losses[step] for step in steps))
