"""Every remedy by hand, on your own model and optimizer.

Each function edits the model in place and returns an `Edit`: `edit.changes` says what it did, `edit.undo()` takes it back
bit for bit. Make edits of the model before its optimizer, so that new parameters reach it. What a remedy does, when it
fails and where it comes from: `isograd explain norm:batch`.

>>> import torch
>>> from torch import nn
>>> model = nn.Sequential(nn.Linear(8, 16), nn.Sigmoid(), nn.Linear(16, 4))
>>> edit = batch_normalise(model, torch.randn(32, 8))
>>> edit.changes[0].site
'0'
>>> edit.undo()

| family | functions and classes |
|---|---|
| activation | `swap_activations` |
| initial values | `xavier_`, `he_`, `critical_`, `lecun_`, `orthogonal_`, `lsuv_`, `identity_recurrent_`, `forget_bias_`, `chrono_` |
| normalisation | `batch_normalise`, `layer_normalise`, `rms_normalise`, `group_normalise`, `weight_normalise` |
| shortcuts | `add_skips`, `rezero`, `scale_branches` |
| clipping | `ClipNorm`, `ClipValue`, `AdaptiveClip`, `AutoClip`, `ZClip` |
| recurrence | `lstm_for_rnn`, `gru_for_rnn`, `LSTMBehindRNN`, `LSTMCellBehindRNNCell` |
| pre-training | `pretrain_dbn`, `pretrain_autoencoder`, `DeepBeliefNetwork`, `AutoencoderStack`, `RBM`, ... |
| data | `standardise_input`, `standardise_target` |
| learning rate | `ScaledRate`, `warm_up` |
| number format | `LossScale`, `use_bfloat16` |
| loss | `stable_losses` |
"""  # noqa: E501  a table

from isograd.model.surgery import Edit
from isograd.observation.replay import Call
from isograd.treatment.remedies import REMEDIES, Remedy
from isograd.treatment.remedies.activation.by_hand import swap_activations
from isograd.treatment.remedies.clip import AdaptiveClip, AutoClip, ClipNorm, ClipValue, ZClip
from isograd.treatment.remedies.init import (
    chrono_,
    critical_,
    forget_bias_,
    he_,
    identity_recurrent_,
    lecun_,
    lsuv_,
    orthogonal_,
    xavier_,
)
from isograd.treatment.remedies.loss.stable import stable_losses
from isograd.treatment.remedies.lr import ScaledRate, warm_up
from isograd.treatment.remedies.norm import (
    batch_normalise,
    group_normalise,
    layer_normalise,
    rms_normalise,
    weight_normalise,
)
from isograd.treatment.remedies.precision import LossScale, use_bfloat16
from isograd.treatment.remedies.pretrain import (
    RBM,
    AutoencoderStack,
    DeepBeliefNetwork,
    Schedule,
    first_batches,
    log_likelihood,
    log_partition,
    own_generator,
    pretrain_autoencoder,
    pretrain_dbn,
    pseudo_log_likelihood,
    train_rbm,
)
from isograd.treatment.remedies.recurrent import LSTMBehindRNN, LSTMCellBehindRNNCell, gru_for_rnn, lstm_for_rnn
from isograd.treatment.remedies.residual import add_skips, rezero, scale_branches
from isograd.treatment.remedies.scale.input_scale import standardise_input
from isograd.treatment.remedies.scale.target_scale import standardise_target

__all__ = [
    "RBM",
    "REMEDIES",
    "AdaptiveClip",
    "AutoClip",
    "AutoencoderStack",
    "Call",
    "ClipNorm",
    "ClipValue",
    "DeepBeliefNetwork",
    "Edit",
    "LSTMBehindRNN",
    "LSTMCellBehindRNNCell",
    "LossScale",
    "Remedy",
    "ScaledRate",
    "Schedule",
    "ZClip",
    "add_skips",
    "batch_normalise",
    "chrono_",
    "critical_",
    "first_batches",
    "forget_bias_",
    "group_normalise",
    "gru_for_rnn",
    "he_",
    "identity_recurrent_",
    "layer_normalise",
    "lecun_",
    "log_likelihood",
    "log_partition",
    "lstm_for_rnn",
    "lsuv_",
    "orthogonal_",
    "own_generator",
    "pretrain_autoencoder",
    "pretrain_dbn",
    "pseudo_log_likelihood",
    "rezero",
    "rms_normalise",
    "scale_branches",
    "stable_losses",
    "standardise_input",
    "standardise_target",
    "swap_activations",
    "train_rbm",
    "use_bfloat16",
    "warm_up",
    "weight_normalise",
    "xavier_",
]
