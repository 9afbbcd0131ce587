"""Finds, explains and cures vanishing and exploding gradients in PyTorch training.

The names below are loaded on first use, so that `import isograd` does not import torch.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_WHERE = {
    "watch": "isograd.verbs",
    "check": "isograd.diagnosis.checking",
    "forecast": "isograd.observation.forecast",
    "probe": "isograd.observation.probe",
    "singular_values": "isograd.observation.singular_values",
    "prove": "isograd.treatment.curing.prove",
    "Task": "isograd.facts",
    "read": "isograd.record",
    "diagnose": "isograd.diagnosis",
    "IsogradError": "isograd.errors",
}

__all__ = [
    "IsogradError",
    "Task",
    "__version__",
    "check",
    "diagnose",
    "forecast",
    "probe",
    "prove",
    "read",
    "singular_values",
    "watch",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'isograd' has no attribute {name!r}; it offers {', '.join(sorted(__all__))}")
    return getattr(import_module(_WHERE[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
