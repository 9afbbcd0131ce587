"""Initial values that suit the model."""

from isograd.treatment.remedies.init.chrono import CHRONO, chrono_
from isograd.treatment.remedies.init.forget_bias import FORGET_BIAS, forget_bias_
from isograd.treatment.remedies.init.he import HE, critical_, he_
from isograd.treatment.remedies.init.identity_recurrent import IDENTITY_RECURRENT, identity_recurrent_
from isograd.treatment.remedies.init.lecun import LECUN, lecun_
from isograd.treatment.remedies.init.lsuv import LSUV, lsuv_
from isograd.treatment.remedies.init.orthogonal import ORTHOGONAL, orthogonal_
from isograd.treatment.remedies.init.xavier import XAVIER, xavier_
from isograd.treatment.remedies.remedy import Remedy

REMEDIES: tuple[Remedy, ...] = (XAVIER, HE, LECUN, ORTHOGONAL, LSUV, IDENTITY_RECURRENT, FORGET_BIAS, CHRONO)
"""Of this family, in the order of the vocabulary."""

__all__ = [
    "REMEDIES",
    "chrono_",
    "critical_",
    "forget_bias_",
    "he_",
    "identity_recurrent_",
    "lecun_",
    "lsuv_",
    "orthogonal_",
    "xavier_",
]
