"""Layer by layer pre-training before fine-tuning."""

from isograd.treatment.remedies.remedy import Remedy

REMEDIES: tuple[Remedy, ...] = ()
"""Of this family, best first."""
