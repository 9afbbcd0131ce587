"""Activations exchanged: modules and functional calls; gates and outputs stay."""

from isograd.treatment.remedies.remedy import Remedy

REMEDIES: tuple[Remedy, ...] = ()
"""Of this family, best first."""
