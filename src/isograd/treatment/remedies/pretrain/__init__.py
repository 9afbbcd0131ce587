"""Layer by layer pre-training before fine-tuning."""

from isograd.treatment.remedies.pretrain.autoencoder import StackedAutoencoder
from isograd.treatment.remedies.pretrain.dbn import DeepBelief
from isograd.treatment.remedies.remedy import Remedy

REMEDIES: tuple[Remedy, ...] = (DeepBelief(), StackedAutoencoder())
"""Of this family, best first."""
