"""What remedies are told of the untreated training: calls and targets that it kept, its record, its findings."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.nn.utils.rnn import PackedSequence

from isograd.diagnosis.engine import diagnose
from isograd.errors import RecordError
from isograd.facts import Finding, Observed
from isograd.observation.replay import Call
from isograd.record import read
from isograd.treatment.trial.job import RECORD, SAMPLES


@dataclass(frozen=True)
class Told:
    """What is known of the untreated training."""

    calls: tuple[Call, ...] = ()
    """Calls of the root module in training."""
    targets: tuple[torch.Tensor, ...] = ()
    """Targets of regression losses."""
    observed: Observed | None = None
    """The network in the record."""
    finding: Finding | None = None
    """The gravest finding about it."""


def write_samples(calls: Iterable[Call], targets: Iterable[torch.Tensor], path: Path) -> None:
    """Writes calls and targets so that `torch.load` reads them without running code."""
    kept = {"calls": [(list(call.args), dict(call.kwargs)) for call in calls], "targets": list(targets)}
    torch.save(kept, path)


def read_samples(path: Path) -> tuple[tuple[Call, ...], tuple[torch.Tensor, ...]]:
    """Calls and targets; none where there is no such file."""
    if not path.is_file():
        return (), ()
    with torch.serialization.safe_globals([PackedSequence]):
        kept: dict[str, Any] = torch.load(path, weights_only=True)
    return tuple(Call(tuple(args), kwargs) for args, kwargs in kept["calls"]), tuple(kept["targets"])


def tell(folder: Path, network: str) -> Told:
    """What a baseline trial left in its folder.

    Args:
        folder: The trial's.
        network: What the record calls the network; if it knows none of that name, the first.
    """
    calls, targets = read_samples(folder / SAMPLES)
    try:
        record = read(folder / RECORD)
    except RecordError:
        return Told(calls, targets)
    observed = next((seen for seen in record.observed if seen.network.name == network), None)
    observed = observed or next(iter(record.observed), None)
    name = observed.network.name if observed is not None else network
    finding = next((one for one in diagnose(record).findings if one.network == name), None)
    return Told(calls, targets, observed, finding)
