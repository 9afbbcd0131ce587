"""Gradients cut back before the step."""

from isograd.treatment.remedies.remedy import Remedy

REMEDIES: tuple[Remedy, ...] = ()
"""Of this family, best first."""
