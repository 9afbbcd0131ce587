"""A detailed reading: one row of quantities a site, from one backward pass and the step that followed."""

import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from isograd.facts import QUANTITIES
from isograd.observation.gradients import Gradients
from isograd.observation.ledger import COLUMNS, Row
from isograd.observation.passes import Pass
from isograd.observation.sites import Seen
from isograd.observation.statistics import sum_log10
from isograd.observation.updates import WeightStatistics

LASTING = 4
"""A unit is lastingly dead if it was silent in this many readings in a row."""
INDEX = {name: column for column, name in enumerate(QUANTITIES)}


@dataclass
class SilentUnits:
    """Which units of each site were silent in the last readings."""

    recent: dict[str, deque[torch.Tensor]] = field(default_factory=dict)

    def shares(self, site: str, silent: torch.Tensor) -> tuple[float, float]:
        """Takes in one reading; (share silent now, share silent in each of the last readings, nan if too few)."""
        history = self.recent.setdefault(site, deque(maxlen=LASTING))
        if history and history[-1].shape != silent.shape:
            history.clear()
        history.append(silent.cpu())
        lasting = math.nan
        if len(history) == LASTING:
            lasting = float(torch.stack(tuple(history)).all(dim=0).float().mean())
        return float(silent.float().mean()), lasting


def empty_reading(num_sites: int) -> NDArray[np.float32]:
    """Nothing measured yet, shape (S, Q)."""
    return np.full((num_sites, len(QUANTITIES)), np.nan, dtype=np.float32)


def fill_gradients(values: NDArray[np.float32], read: Pass, seen: Sequence[Seen], rows: Mapping[str, int]) -> None:
    """Enters what the hooks measured at each site."""
    for entry in seen:
        row = values[rows[entry.site.name]]
        parts = [read.gradients.outputs[vertex] for vertex in entry.vertices if vertex in read.gradients.outputs]
        if parts:
            row[INDEX["gradient_log10"]] = sum_log10(*(part.log10 for part in parts))
            for name in ("zero_share", "nonfinite_share", "underflow_share"):
                shares = [share for part in parts if not math.isnan(share := getattr(part, name))]
                row[INDEX[name]] = sum(shares) / len(shares) if shares else math.nan
        if entry.vertices and (statistics := read.inputs.get(entry.vertices[0])) is not None:
            row[INDEX["input_rms"]] = statistics.rms
            row[INDEX["input_max"]] = statistics.largest
            row[INDEX["input_share"]] = statistics.varying_share


def fill_activations(
    values: NDArray[np.float32], read: Pass, seen: Sequence[Seen], rows: Mapping[str, int], silent: SilentUnits
) -> None:
    """Enters saturation and silent units of the activation after each site."""
    for entry in seen:
        activation = read.activations.get(entry.vertices[0]) if entry.vertices else None
        if activation is None:
            continue
        row = values[rows[entry.site.name]]
        row[INDEX["saturation_share"]] = activation.saturation_share
        if activation.silent is not None:
            now, lasting = silent.shares(entry.site.name, activation.silent)
            row[INDEX["dead_share"]], row[INDEX["dead_lasting_share"]] = now, lasting


def fill_ledger(
    values: NDArray[np.float32], ledger: Sequence[Row], by_vertex: Mapping[int, str], rows: Mapping[str, int]
) -> None:
    """Enters the gain across each layer and its parts; gains across repeated calls of a layer are summed."""
    touched: set[int] = set()
    for entry in ledger:
        if entry.vertex not in by_vertex or entry.towards not in by_vertex:
            continue
        index = rows[by_vertex[entry.vertex]]
        parts = [entry.rho, *(entry.columns[name] for name in COLUMNS)]
        columns = [INDEX["rho"], *(INDEX[name] for name in COLUMNS)]
        if index in touched:
            values[index, columns] += parts
        else:
            values[index, columns] = parts
            touched.add(index)


def fill_weight(row: NDArray[np.float32], statistics: WeightStatistics, gradient_log10: float) -> None:
    """Enters what the step did to a site's weight."""
    row[INDEX["weight_gradient_log10"]] = gradient_log10
    row[INDEX["weight_scale"]] = statistics.scale
    row[INDEX["weight_max"]] = statistics.largest
    row[INDEX["update_ratio"]] = statistics.update_ratio
    row[INDEX["epsilon_floor_share"]] = statistics.epsilon_floor_share


def chain_gain(ledger: Sequence[Row], by_vertex: Mapping[int, str], gradients: Gradients) -> float:
    """G of a network in decades, from the last to the first of the chain's layers that are its own.

    Returns:
        log10(||dL/dz_first|| / ||dL/dz_last||); -inf if nothing arrives, nan if there are not two layers.
    """
    own = [row for row in ledger if row.vertex in by_vertex and row.towards in by_vertex]
    if not own:
        return math.nan
    first, last = gradients.output_log10(own[-1].towards), gradients.output_log10(own[0].vertex)
    return first - last if math.isfinite(last) else math.nan
