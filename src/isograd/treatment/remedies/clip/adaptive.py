"""Adaptive gradient clipping: the gradient of each unit is limited to a share of the norm of the unit's weights.

    G_i <- lambda max(||W_i||, eps) / ||G_i|| G_i   where ||G_i|| > lambda max(||W_i||, eps)

Legend: W_i, G_i the weights into unit i and their gradient (a row of a linear layer's weight, all fan-in dimensions of
a filter; a bias or gain as a whole); lambda `clipping`, 0.01; eps 1e-3. Brock and others, High-performance large-scale
image recognition without normalization, 2021, equation 3; the last linear layer is left out as there.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, final

import torch
from torch import nn
from torch.nn.modules.conv import _ConvTransposeNd

from isograd.facts.treatment import Code, Settings
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.clip.clipper import Clipper, Outcome, gradients_of, leave_out, size_of
from isograd.treatment.remedies.clip.gradient_size import whole
from isograd.treatment.remedies.clip.injection import Clipping, attached
from isograd.treatment.remedies.clip.untreated import last_linear
from isograd.treatment.remedies.numbers import number

_CLIPPING: Final = 0.01
_EPS: Final = 1e-3


@final
class AdaptiveClip(Clipper):
    """Limits the gradient of each unit to a share of its weights' norm (AGC).

    Args:
        parameters: Whose gradients; use `of` to leave out the last linear layer of a model, as the paper does.
        clipping: The share lambda, above 0.
        eps: Least norm of the weights that is reckoned with, so that weights that start at 0 can move.
        units: By `id` of a parameter, the dimension that counts its units where that is not the first.
        unclipped: By `id`, parameters whose gradients stay; they are looked at only for whether they are finite.

    Raises:
        ValueError: The share is not above 0.

    >>> weight = torch.nn.Parameter(torch.ones(2, 4)); weight.grad = torch.tensor([[1.0] * 4, [1e-3] * 4])
    >>> clip = AdaptiveClip([weight])
    >>> clip.clip_() > 2, [round(g, 6) for g in weight.grad[:, 0].tolist()]
    (True, [0.01, 0.001])
    """

    def __init__(
        self,
        parameters: Iterable[torch.Tensor],
        clipping: float = _CLIPPING,
        eps: float = _EPS,
        units: Mapping[int, int] | None = None,
        unclipped: Collection[int] = (),
    ) -> None:
        super().__init__(parameters)
        if not clipping > 0:
            raise ValueError(f"clipping must be above 0. Got {clipping!r} instead.")
        self.clipping, self.eps = float(clipping), float(eps)
        self._units = {p: (units or {}).get(id(p), 0) for p in self._parameters if id(p) not in unclipped}

    @classmethod
    def of(cls, model: nn.Module, clipping: float = _CLIPPING, eps: float = _EPS) -> "AdaptiveClip":
        """Of a model: all its parameters but those of the last linear layer; transposed convolutions by their outputs.

        Args:
            model: The model.
            clipping: The share lambda.
            eps: Least norm of the weights.
        """
        last = last_linear(model)
        out = {id(module) for module in last.modules()} if last is not None else set()
        mine = {id(p) for module in model.modules() if id(module) not in out for p in module._parameters.values()}
        last_ones = {id(p) for p in model.parameters()} - mine  # what the last layer shares with others is clipped
        turned = [m for m in model.modules() if isinstance(m, _ConvTransposeNd) and m.groups == 1]
        units = {id(m.weight): 1 for m in turned}
        return cls(model.parameters(), clipping, eps, units, last_ones if mine else ())

    def _clip(self, parameters: Sequence[torch.Tensor]) -> Outcome:
        size = size_of(gradients_of(parameters))
        if not size.finite:
            return leave_out(parameters, size)
        cut = [self._clip_one(p, p.grad) for p in parameters if p.grad is not None and p in self._units]
        bound = bool(cut) and bool(torch.stack(cut).any())  # one read by the host, not one a parameter
        return Outcome(size.norm, bound)

    def _clip_one(self, parameter: torch.Tensor, gradient: torch.Tensor) -> torch.Tensor:
        """Clips one gradient; true, as a tensor of shape (), if any unit was cut."""
        unit = self._units[parameter]
        weight, values = parameter.detach(), gradient
        if gradient.is_sparse:
            if gradient.sparse_dim() != 1:
                raise ValueError(f"a sparse gradient must be sparse by rows only. Got {gradient.sparse_dim()} dims.")
            weight, values = weight[gradient._indices()[0]], gradient._values()
        limit = _unit_norm(weight, unit).clamp_(min=self.eps).mul_(self.clipping)
        norm = _unit_norm(values, unit)
        above = norm > limit
        values.mul_(torch.where(above, limit / norm, torch.ones_like(norm)).to(values.dtype))
        return whole(above.any())


def _unit_norm(tensor: torch.Tensor, unit: int) -> torch.Tensor:
    """L2 norm of each unit, kept to broadcast; of a vector as a whole. Rescaled, as float32 squares leave the range."""
    if tensor.is_complex():
        tensor = tensor.abs()
    wide = tensor.float() if tensor.dtype in (torch.float16, torch.bfloat16) else tensor
    dims = tuple(range(wide.ndim)) if wide.ndim < 2 else tuple(d for d in range(wide.ndim) if d != unit)
    if wide.numel() == 0:
        return wide.new_zeros(())
    largest = wide.abs().amax(dim=dims, keepdim=True) if dims else wide.abs()
    scale = largest.clamp(min=torch.finfo(wide.dtype).tiny)
    norm: torch.Tensor = torch.linalg.vector_norm(wide / scale, dim=dims or None, keepdim=True)
    return norm * scale


def _choose(patient: Patient) -> Settings:
    return {"clipping": _CLIPPING, "eps": _EPS}


def _make(patient: Patient, settings: Settings) -> Clipper:
    return AdaptiveClip.of(patient.model, number(settings, "clipping"), number(settings, "eps"))


def _write(patient: Patient, settings: Settings) -> Code:
    numbers = (("clipping", _CLIPPING), ("eps", _EPS))
    told = "".join(f", {name}={settings[name]}" for name, usual in numbers if settings[name] != usual)
    return attached("AdaptiveClip.of", f"{{model}}{told}")


REMEDY = Clipping("clip:adaptive", _choose, _make, _write)
"""With the paper's numbers."""
