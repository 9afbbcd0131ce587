"""Whose gradients are clipped together: all that the optimizer updates, in its order."""

import torch

from isograd.treatment.patient import Patient
from isograd.treatment.updates import parameters_of


def pool(patient: Patient) -> list[torch.Tensor]:
    """What the optimizer updates; the model's own parameters before there is one."""
    return list(patient.model.parameters() if patient.optimizer is None else parameters_of(patient.optimizer))


def written_pool(patient: Patient) -> str:
    """An expression for the same parameters in the same order, as the order decides the last bit of a norm."""
    own = list(patient.model.parameters())
    held = pool(patient)
    ids = {id(p) for p in held}
    same_order = [id(p) for p in own if id(p) in ids] == [id(p) for p in held]
    if same_order and not any(p.requires_grad and id(p) not in ids for p in own):
        return "{model}.parameters()"
    return '[p for group in {optimizer}.param_groups for p in group["params"]]'
