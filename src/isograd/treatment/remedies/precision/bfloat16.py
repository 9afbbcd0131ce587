"""bfloat16 in place of float16: in autocast regions, and in models that were made float16 as a whole."""

import weakref
from collections.abc import Callable, Mapping
from typing import Any, final

import torch
from torch import nn
from torch.utils._pytree import tree_map_only

from isograd.facts.treatment import Code, Settings
from isograd.model.surgery import Edit
from isograd.treatment.interposition import Place
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.precision.number_format import computes_in_half
from isograd.treatment.remedies.remedy import Stage

# Entering, not making: regions are often made once, before the model, and entered on every step.
_PLACE = Place(torch.autocast, "__enter__")


def use_bfloat16(model: nn.Module) -> Edit:
    """Lets float16 autocast regions compute in bfloat16 while the model lives, and makes its float16 weights bfloat16.

    A model that was float16 as a whole still takes and gives float16: its inputs and outputs are cast.

    Args:
        model: The root module.

    Returns:
        The edit, which can be undone.

    >>> model = nn.Linear(2, 2)
    >>> edit = use_bfloat16(model)
    >>> with torch.autocast("cpu", dtype=torch.float16):
    ...     model(torch.ones(1, 2)).dtype
    torch.bfloat16
    >>> edit.undo()
    """
    edit = Edit()
    leave = _PLACE.enter(_in_bfloat16)
    weakref.finalize(model, leave)  # nothing process-wide is to outlive what it was made for
    edit.note("", "autocast in float16", "autocast in bfloat16", leave)
    _convert_weights(edit, model)
    return edit


def _in_bfloat16(original: Callable[..., Any], region: Any, *args: Any) -> Any:
    dtype = region.fast_dtype
    if dtype != torch.float16:
        return original(region, *args)
    region.fast_dtype = torch.bfloat16
    try:
        return original(region, *args)
    finally:
        region.fast_dtype = dtype  # the user's object stays as it was


def _convert_weights(edit: Edit, model: nn.Module) -> None:
    found = [*model.named_parameters(), *model.named_buffers()]
    halves = [(path, tensor) for path, tensor in found if tensor.dtype == torch.float16]
    for path, tensor in halves:
        _recast(edit, path, tensor)
    if halves:
        edit.on_undo(model.register_forward_pre_hook(_cast_inputs, with_kwargs=True).remove)
        edit.on_undo(model.register_forward_hook(_cast_outputs).remove)


def _recast(edit: Edit, path: str, tensor: torch.Tensor) -> None:
    """The same object with a bfloat16 copy of its data; its own data come back."""
    half = tensor.data
    tensor.grad = None
    tensor.data = half.to(torch.bfloat16)

    def back() -> None:
        tensor.grad = None
        tensor.data = half

    edit.note(path, "float16", "bfloat16", back)


def _cast_inputs(module: nn.Module, args: Any, kwargs: Mapping[str, Any]) -> Any:
    return tree_map_only(torch.Tensor, _to_bfloat16, (args, dict(kwargs)))


def _cast_outputs(module: nn.Module, args: Any, outputs: Any) -> Any:
    return tree_map_only(torch.Tensor, _to_float16, outputs)


def _to_bfloat16(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.to(torch.bfloat16) if tensor.dtype == torch.float16 else tensor


def _to_float16(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.to(torch.float16) if tensor.dtype == torch.bfloat16 else tensor


@final
class Bfloat16:
    """The remedy."""

    name = "precision:bf16"
    stage: Stage = "model"

    def suits(self, patient: Patient) -> bool:
        """True where float16 is, or may be, computed in, and the device has bfloat16."""
        on_cuda = any(p.is_cuda for p in patient.model.parameters())
        return computes_in_half(patient) and (not on_cuda or torch.cuda.is_bf16_supported())

    def choose(self, patient: Patient) -> Settings:
        """Nothing to choose."""
        return {}

    def make(self, patient: Patient, settings: Settings) -> Edit:
        """Stands around entering autocast regions, and converts the model."""
        return use_bfloat16(patient.model)

    def code(self, patient: Patient, settings: Settings) -> Code:
        """One line, as regions may be opened anywhere; the advice says how it is usually written."""
        return Code(
            imports=("from isograd.remedies import use_bfloat16",),
            before_optimizer="use_bfloat16({model})",
            advice="# In plain torch: torch.autocast(..., dtype=torch.bfloat16); {model}.bfloat16() for {model}.half()",
        )


REMEDY = Bfloat16()
"""See there."""
