"""What a remedy is called, and what it changes in PyTorch code unless a finding says it better."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from isograd.facts import Text
from isograd.report.catalogue.remedies_model import MODEL_REMEDIES
from isograd.report.catalogue.remedies_training import TRAINING_REMEDIES


@dataclass(frozen=True)
class RemedyEntry:
    """One remedy."""

    title: Text
    """What it is called."""
    change: Text
    """What to change in the user's code, in one sentence."""


REMEDIES: Mapping[str, RemedyEntry] = MappingProxyType(
    {name: RemedyEntry(title, change) for name, (title, change) in {**MODEL_REMEDIES, **TRAINING_REMEDIES}.items()}
)
"""The entry of each remedy of `vocabulary.REMEDIES`."""
