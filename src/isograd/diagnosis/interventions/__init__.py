"""Changes that can be made to a running model without touching it, the least invasive first."""

from isograd.diagnosis.interventions.activation import Activation, Linear
from isograd.diagnosis.interventions.attention_scale import AttentionScale
from isograd.diagnosis.interventions.bias import Bias
from isograd.diagnosis.interventions.forget_gate import ForgetGate
from isograd.diagnosis.interventions.input_scale import InputScale
from isograd.diagnosis.interventions.intervention import Intervention, Subject, Trace
from isograd.diagnosis.interventions.normalisation import Normalisation
from isograd.diagnosis.interventions.number_format import NumberFormat
from isograd.diagnosis.interventions.recurrence import Recurrence
from isograd.diagnosis.interventions.residual_scale import ResidualScale
from isograd.diagnosis.interventions.target_scale import TargetScale
from isograd.diagnosis.interventions.weight_scale import WeightScale
from isograd.diagnosis.interventions.zero_weights import ZeroWeights

INTERVENTIONS: tuple[Intervention, ...] = (
    NumberFormat(),
    ZeroWeights(),
    ForgetGate(),
    ResidualScale(),
    AttentionScale(),
    WeightScale(),
    Recurrence(),
    Bias(),
    TargetScale(),
    InputScale(),
    Normalisation(),
    Activation(),
)
"""The least invasive first: where several do, the first of them is named first."""

__all__ = ["INTERVENTIONS", "Intervention", "Linear", "Subject", "Trace"]
