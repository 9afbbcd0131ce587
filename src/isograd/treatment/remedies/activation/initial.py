"""Initial values drawn to match an activation, and the same lines as source.

He: Var w = 2 / ((1 + a^2) n). LeCun: 1 / n. Xavier: 2 / (n + m). Critical: sigma_w^2 / n, and biases of variance
sigma_b^2. n inputs and m outputs of a layer, a the slope on the negative side.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from isograd.facts.treatment import Settings
from isograd.model.surgery import Edit
from isograd.treatment.remedies.activation.kind import Kind

_NEAR = 1.25
"""Layers whose weights are within this factor of what is wanted keep them."""


def wanted_sigma(kind: Kind, settings: Settings) -> float:
    """sqrt(n) times the standard deviation of the weights, for as many outputs as inputs."""
    if settings["init"] == "critical":
        return float(settings["sigma_w"])  # type: ignore[arg-type]  # a number, by `choose`
    return math.sqrt(2 / (1 + kind.slope**2)) if settings["init"] == "he" else 1.0


def is_initialised(layer: nn.Module, kind: Kind, settings: Settings) -> bool:
    """True if a layer's weights already have about the size that is wanted."""
    weight = layer.get_parameter("weight").detach()
    if weight.numel() < 2:
        return True
    fan_in, fan_out = weight[0].numel(), weight.numel() // weight[0].numel() * (weight[0].numel() // weight.shape[1])
    wanted = wanted_sigma(kind, settings) / math.sqrt(fan_in)
    if settings["init"] == "xavier":
        wanted = math.sqrt(2 / (fan_in + fan_out))
    found = float(weight.double().std(correction=0))
    return wanted / _NEAR <= found <= wanted * _NEAR


def initialise(edit: Edit, model: nn.Module, paths: Sequence[str], kind: Kind, settings: Settings) -> None:
    """Draws weights and biases of layers anew, from torch's global generator, layer by layer as `lines` do."""
    for path in paths:
        layer = model.get_submodule(path)
        for name, draw in _draws(kind, settings).items():
            parameter = layer._parameters.get(name)
            if parameter is not None:
                _draw(edit, parameter, f"{path}.{name}", draw)


def _draws(kind: Kind, settings: Settings) -> Mapping[str, Callable[[Tensor], Any]]:
    init, sigma_b = settings["init"], float(settings.get("sigma_b") or 0.0)  # type: ignore[arg-type]  # a number
    weights: dict[Any, Callable[[Tensor], Any]] = {
        "he": lambda w: nn.init.kaiming_normal_(w, a=kind.slope, nonlinearity="leaky_relu"),
        "lecun": lambda w: nn.init.kaiming_normal_(w, nonlinearity="linear"),
        "xavier": nn.init.xavier_normal_,
        "critical": lambda w: nn.init.normal_(w, std=wanted_sigma(kind, settings) / w[0].numel() ** 0.5),
    }
    if init == "none":
        return {}
    bias = (lambda b: nn.init.normal_(b, std=sigma_b)) if sigma_b else nn.init.zeros_
    return {"weight": weights[init], "bias": bias}


@torch.no_grad()
def _draw(edit: Edit, parameter: nn.Parameter, site: str, draw: Callable[[Tensor], Any]) -> None:
    kept = parameter.detach().clone()
    draw(parameter)

    def back() -> None:
        with torch.no_grad():
            parameter.copy_(kept)

    edit.note(
        site, f"std {float(kept.float().std(correction=0)):.3g}", f"std {float(parameter.std(correction=0)):.3g}", back
    )


def lines(paths: Sequence[str], kind: Kind, settings: Settings) -> list[str]:
    """What `initialise` does, as source with `nn` imported and `{model}` for the model."""
    init, sigma_b = settings["init"], float(settings.get("sigma_b") or 0.0)  # type: ignore[arg-type]  # a number
    if init == "none" or not paths:
        return []
    sigma_w = wanted_sigma(kind, settings)
    slope = f'a={kind.slope}, nonlinearity="leaky_relu"' if kind.slope else 'nonlinearity="relu"'
    weight = {
        "he": f"nn.init.kaiming_normal_(layer.weight, {slope})",
        "lecun": 'nn.init.kaiming_normal_(layer.weight, nonlinearity="linear")',
        "xavier": "nn.init.xavier_normal_(layer.weight)",
        "critical": f"nn.init.normal_(layer.weight, std={sigma_w} / layer.weight[0].numel() ** 0.5)",
    }[str(init)]
    bias = f"nn.init.normal_(layer.bias, std={sigma_b})" if sigma_b else "nn.init.zeros_(layer.bias)"
    return [
        *_loop(paths),
        "    layer = {model}.get_submodule(name)",
        f"    {weight}",
        "    if layer.bias is not None:",
        f"        {bias}",
    ]


def _loop(paths: Sequence[str]) -> list[str]:
    """`for name in (...):`, over several lines where it is long."""
    names = ", ".join(f'"{path}"' for path in paths) + ("," if len(paths) == 1 else "")
    if len(names) <= 100:
        return [f"for name in ({names}):"]
    chunks = [", ".join(f'"{path}"' for path in paths[i : i + 6]) + "," for i in range(0, len(paths), 6)]
    return ["for name in (", *(f"    {chunk}" for chunk in chunks), "):"]
