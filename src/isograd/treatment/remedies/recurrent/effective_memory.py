"""Effective memory of the recurrent layers, in time steps, as the gradient by lag tells."""

import math
from collections.abc import Mapping, Sequence

from isograd.diagnosis.memory import memories
from isograd.model.surgery import Edit
from isograd.observation.probe import as_record
from isograd.theory.memory_length import memory_length
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.init.following import measured


def memory_steps(patient: Patient, paths: Sequence[str]) -> dict[str, float]:
    """Time steps in which the gradient falls e-fold, for each layer; infinite where it does not fall.

    Args:
        patient: The model as it is now.
        paths: Recurrent layers.

    Returns:
        By path; of several layers or directions in one module the shortest. What could not be measured is left out.
    """
    seen = measured(patient)
    if seen is None or not seen.profiles:
        return {}
    observed = as_record(seen, {"model": patient.model}, "memory", 0.0).observed[0]
    found: dict[str, float] = {}
    for memory in memories(observed):
        path = next((path for path in paths if memory.site == path or memory.site.startswith(f"{path}.")), None)
        if path is not None and not math.isnan(memory.per_step):
            found[path] = min(found.get(path, math.inf), memory_length(memory.per_step))
    return found


def note_memory(edit: Edit, name: str, before: Mapping[str, float], after: Mapping[str, float]) -> None:
    """Adds to an edit what became of the memory of each layer that was measured both times.

    >>> edit = Edit()
    >>> note_memory(edit, "recurrent:gru", {"rnn": 1.8}, {"rnn": math.inf})
    >>> edit.changes[0].before, edit.changes[0].after
    ('memory 1.8 steps', 'memory without end')
    """
    both = [path for path in before if path in after]
    for path in both:
        edit.note(path, _words(before[path]), _words(after[path]))
    if both:
        figures = {
            f"{name} memory_before_steps": min(before[path] for path in both),
            f"{name} memory_after_steps": min(after[path] for path in both),
        }
        edit.tells(lambda: figures)


def _words(steps: float) -> str:
    return f"memory {steps:.3g} steps" if math.isfinite(steps) else "memory without end"
