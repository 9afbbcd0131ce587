"""Number formats that hold small gradients."""

from isograd.treatment.remedies.remedy import Remedy

REMEDIES: tuple[Remedy, ...] = ()
"""Of this family, best first."""
