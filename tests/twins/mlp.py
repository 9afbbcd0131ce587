"""Slow twin of the first reading of a plain perceptron: the same batch in float64, by autograd alone.

Nothing of isograd is used here, and only the example's own functions build data and model, so that an agreement of
both is evidence. Notation: z_l is the output of the l-th linear layer, L the mean loss of the batch.
"""

import importlib.util
import math
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def load_script(path: Path) -> ModuleType:
    """The script as a module, its `main` not run."""
    spec = importlib.util.spec_from_file_location(f"twin_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def linear_names(model: nn.Module) -> list[str]:
    """Paths of the linear layers, in the order in which they are written."""
    return [name for name, module in model.named_modules() if isinstance(module, nn.Linear)]


def preactivation_gradients(model: nn.Module, inputs: Tensor, labels: Tensor) -> dict[str, Tensor]:
    """dL/dz by linear layer, L the mean cross-entropy.

    Args:
        model: float64; every linear layer is called exactly once.
        inputs: (batch, inputs), float64.
        labels: (batch,), classes.

    Returns:
        Name of the layer -> gradient of shape (batch, units), in the order of the calls.
    """
    outputs: dict[str, Tensor] = {}
    names = {module: name for name, module in model.named_modules() if isinstance(module, nn.Linear)}
    handles = [
        module.register_forward_hook(lambda module, args, output: outputs.__setitem__(names[module], output))
        for module in names
    ]
    loss = F.cross_entropy(model(inputs), labels)
    for handle in handles:
        handle.remove()
    return dict(zip(outputs, torch.autograd.grad(loss, list(outputs.values())), strict=True))


def log10_norms(gradients: dict[str, Tensor]) -> dict[str, float]:
    """log10 of each L2 norm; -inf for an exact zero."""
    norms = {name: float(gradient.norm()) for name, gradient in gradients.items()}
    return {name: math.log10(norm) if norm > 0 else -math.inf for name, norm in norms.items()}


def first_step(script: ModuleType, seed: int, batch_size: int = 200) -> tuple[nn.Module, Tensor, Tensor]:
    """Model, inputs and labels of the script's first step, in float64; random numbers are drawn in its order."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        images, labels, _, _ = script.load_digits()
        model = script.SigmoidMLP()
        batch_images, batch_labels = next(script.batches(images, labels, batch_size, 1))
    return model.double(), batch_images.double(), batch_labels


def twin_gains(module_path: Path, seed: int) -> dict[str, float]:
    """log10 ||dL/dz|| by layer at step 0 of `mnist_sigmoid_mlp.py`, in execution order.

    Args:
        module_path: path of the example.
        seed: what the example is given as `--seed`.

    Returns:
        Path of the layer in the model, e.g. `layers.3` -> decades.
    """
    return log10_norms(preactivation_gradients(*first_step(load_script(module_path), seed)))


def twin_run(
    module_path: Path, seed: int, steps: int, rate: float = 0.1, momentum: float = 0.9, batch_size: int = 200
) -> list[float]:
    """G at every step of a training in float64, by autograd and by the update rule written out; decades.

    Notation: v <- mu v + dL/dw, w <- w - eta v, with eta the rate and mu the momentum.
    """
    script = load_script(module_path)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        images, labels, _, _ = script.load_digits()
        model = script.SigmoidMLP().double()
        batches = list(script.batches(images, labels, batch_size, steps))
    weights = list(model.parameters())
    speeds = [torch.zeros_like(weight) for weight in weights]
    gains = []
    for inputs, targets in batches:
        gains.append(total_gain(log10_norms(preactivation_gradients(model, inputs.double(), targets))))
        loss = F.cross_entropy(model(inputs.double()), targets)
        with torch.no_grad():
            for weight, speed, slope in zip(weights, speeds, torch.autograd.grad(loss, weights), strict=True):
                speed.mul_(momentum).add_(slope)
                weight.sub_(rate * speed)
    return gains


def rho(gains: dict[str, float]) -> dict[str, float]:
    """Gain across each layer but the first: log10(||dL/dz_{l-1}|| / ||dL/dz_l||), in decades."""
    names = list(gains)
    return {name: gains[before] - gains[name] for before, name in pairwise(names)}


def total_gain(gains: dict[str, float]) -> float:
    """G = log10(||dL/dz_first|| / ||dL/dz_last||), in decades."""
    values = list(gains.values())
    return values[0] - values[-1]
