"""What is known before any training: mean-field theory of random networks, numbers in and numbers out, numpy only."""

from isograd.theory.activation import Activation
from isograd.theory.activations import ACTIVATIONS, find_activation
from isograd.theory.criticality import Criticality, critical_initialisation, edge_of_chaos
from isograd.theory.forecast import GainForecast, Layer, forecast_gain

__all__ = [
    "ACTIVATIONS",
    "Activation",
    "Criticality",
    "GainForecast",
    "Layer",
    "critical_initialisation",
    "edge_of_chaos",
    "find_activation",
    "forecast_gain",
]
