"""Everything computed in float64: what comes back was lost to the number format."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import fields, is_dataclass, replace
from typing import Any

import torch

from isograd.diagnosis.interventions.intervention import Subject, Trace
from isograd.facts import Text

HALF = ("float16", "bfloat16")
"""Formats of half width."""
_FAR = 20.0
"""Decades beyond which float32 itself may have run out."""


class NumberFormat:
    """The intervention `number-format`; the batch must be given to it as well, see `in_double`."""

    name = "number-format"

    def label(self, subject: Subject) -> Text:
        """See `Intervention`."""
        return Text("computed in float64", "float64로 계산")

    def applies(self, subject: Subject) -> bool:
        """True for half formats, and where a narrower one than float64 came to zeros or to what is not finite."""
        narrow = any(p.dtype != torch.float64 for m in subject.modules.values() for p in m.parameters())
        half = subject.base.read.number_format() in HALF
        return narrow and (half or not -_FAR < subject.gain < _FAR)

    def make(self, subject: Subject, trace: Trace) -> AbstractContextManager[object]:
        """See `Intervention`."""
        trace.touched = 1
        return _doubled(subject)

    def cause(self, subject: Subject, trace: Trace) -> str | None:
        """Always the number format."""
        return "number-format"


@contextmanager
def _doubled(subject: Subject) -> Iterator[None]:
    """Parameters and buffers point to copies in float64 for a while; their own memory is not written."""
    tensors = {id(t): t for m in subject.modules.values() for t in (*m.parameters(), *m.buffers())}
    kept = [(t, t.data) for t in tensors.values() if t.is_floating_point()]
    gradients = [(t, t.grad) for t, _ in kept if t.is_leaf and t.grad is not None]
    default = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        for tensor, _ in gradients:  # torch refuses a gradient of another format than its parameter's
            tensor.grad = None
        for tensor, data in kept:
            tensor.data = data.double()
        yield
    finally:
        for tensor, data in kept:
            tensor.data = data
        for tensor, gradient in gradients:
            tensor.grad = gradient
        torch.set_default_dtype(default)


def in_double(batch: Any) -> Any:
    """A batch with its floating-point tensors in float64; everything else as it is."""
    if isinstance(batch, torch.Tensor):
        return batch.double() if batch.is_floating_point() else batch
    if isinstance(batch, dict):
        return {key: in_double(value) for key, value in batch.items()}
    if is_dataclass(batch) and not isinstance(batch, type):
        return replace(batch, **{f.name: in_double(getattr(batch, f.name)) for f in fields(batch) if f.init})
    if isinstance(batch, tuple) and hasattr(batch, "_fields"):
        return type(batch)(*(in_double(value) for value in batch))
    if isinstance(batch, list | tuple):
        return type(batch)(in_double(value) for value in batch)
    return batch
