"""The learning rate: lower, higher, warmed up."""

from isograd.treatment.remedies.remedy import Remedy

REMEDIES: tuple[Remedy, ...] = ()
"""Of this family, best first."""
