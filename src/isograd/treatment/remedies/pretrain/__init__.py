"""Layer by layer pre-training before fine-tuning."""

from isograd.observation.replay import Call
from isograd.treatment.remedies.pretrain.autoencoder import StackedAutoencoder
from isograd.treatment.remedies.pretrain.autoencoder_stack import AutoencoderStack
from isograd.treatment.remedies.pretrain.batches import first_batches
from isograd.treatment.remedies.pretrain.belief_network import DeepBeliefNetwork
from isograd.treatment.remedies.pretrain.by_hand import pretrain_autoencoder, pretrain_dbn
from isograd.treatment.remedies.pretrain.chance import own_generator
from isograd.treatment.remedies.pretrain.contrastive_divergence import Schedule, train_rbm
from isograd.treatment.remedies.pretrain.dbn import DeepBelief
from isograd.treatment.remedies.pretrain.likelihood import log_likelihood, log_partition, pseudo_log_likelihood
from isograd.treatment.remedies.pretrain.rbm import RBM
from isograd.treatment.remedies.remedy import Remedy

REMEDIES: tuple[Remedy, ...] = (DeepBelief(), StackedAutoencoder())
"""Of this family, best first."""

__all__ = [
    "RBM",
    "REMEDIES",
    "AutoencoderStack",
    "Call",
    "DeepBeliefNetwork",
    "Schedule",
    "first_batches",
    "log_likelihood",
    "log_partition",
    "own_generator",
    "pretrain_autoencoder",
    "pretrain_dbn",
    "pseudo_log_likelihood",
    "train_rbm",
]
