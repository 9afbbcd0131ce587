"""What `isograd check` costs: the probe and each intervention, in forward-and-backward passes of the same batch.

    python bench/check.py              a table
    python bench/check.py --json -     the same as JSON

The ratio is paired: a plain pass before and after each measured one, the median over rounds. A probe may cost 1.5
passes and an intervention 2; `whole check` is what `isograd check` measures of a healthy model, its forecast left out.
"""

import argparse
import json
import math
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, scaled_dot_product_attention

from isograd.diagnosis.experiment import Bench, explain, prepare
from isograd.diagnosis.interventions import INTERVENTIONS
from isograd.observation.probe import measure

Row = dict[str, Any]


class Block(nn.Module):
    """Two 3x3 convolutions with batch normalisation and a shortcut, as in ResNet-18."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        short = [nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)]
        self.short = nn.Sequential(*(short if stride > 1 or inputs != outputs else []))

    def forward(self, x: Tensor) -> Tensor:
        """Same height and width, or half of them."""
        return torch.relu(self.main(x) + self.short(x))


def resnet18(width: int = 32) -> nn.Module:
    """Eighteen layers, half the usual width, for images of 32 x 32."""
    stages = [(width, 1), (2 * width, 2), (4 * width, 2), (8 * width, 2)]
    layers: list[nn.Module] = [nn.Conv2d(3, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
    inputs = width
    for outputs, stride in stages:
        layers += [Block(inputs, outputs, stride), Block(outputs, outputs, 1)]
        inputs = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, 10))


class Gpt(nn.Module):
    """Six pre-norm layers of causal attention and a perceptron."""

    def __init__(self, width: int = 192, layers: int = 6, heads: int = 6, words: int = 256, length: int = 128) -> None:
        super().__init__()
        self.words, self.places = nn.Embedding(words, width), nn.Parameter(0.02 * torch.randn(length, width))
        self.heads = heads
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2 * layers + 1))
        self.qkv = nn.ModuleList(nn.Linear(width, 3 * width) for _ in range(layers))
        self.out = nn.ModuleList(nn.Linear(width, width) for _ in range(layers))
        self.mlp = nn.ModuleList(
            nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)) for _ in range(layers)
        )
        self.head = nn.Linear(width, words)

    def forward(self, tokens: Tensor) -> Tensor:
        """Scores of the next word at each place."""
        x = self.words(tokens) + self.places[: tokens.shape[1]]
        for index, (qkv, out, mlp) in enumerate(zip(self.qkv, self.out, self.mlp, strict=True)):
            parts = qkv(self.norms[2 * index](x)).chunk(3, -1)
            q, k, v = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in parts)
            x = x + out(scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))
            x = x + mlp(self.norms[2 * index + 1](x))
        return self.head(self.norms[-1](x))  # type: ignore[no-any-return]  # nn.Module's call is untyped


def subjects() -> dict[str, tuple[nn.Module, Any, Callable[[nn.Module, Any], Tensor]]]:
    """Model, batch and loss by name."""
    torch.manual_seed(0)
    images = (torch.randn(16, 3, 32, 32), torch.randint(0, 10, (16,)))
    text = torch.randint(0, 256, (4, 129))
    return {
        "resnet-18": (resnet18(), images, lambda model, batch: cross_entropy(model(batch[0]), batch[1])),
        "gpt-6": (
            Gpt(),
            text,
            lambda model, batch: cross_entropy(model(batch[:, :-1]).flatten(0, 1), batch[:, 1:].flatten()),
        ),
    }


def seconds(function: Callable[[], object]) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


def paired(plain: Callable[[], object], other: Callable[[], object], rounds: int) -> float:
    """Median ratio of the other to the plain calls before and after it."""
    ratios = []
    before = seconds(plain)
    for _ in range(rounds):
        middle, after = seconds(other), seconds(plain)
        ratios.append(2 * middle / (before + after))
        before = after
    return statistics.median(ratios)


def rows_of(name: str, rounds: int) -> list[Row]:
    """The probe and every intervention that can be made on one model."""
    model, batch, loss = subjects()[name]
    modules, parameters = {"model": model}, [p for p in model.parameters() if p.requires_grad]

    def plain() -> None:
        torch.autograd.grad(loss(model, batch), parameters)

    plain()
    rows = [
        {
            "model": name,
            "what": "probe",
            "passes": paired(plain, lambda: measure(modules, lambda: loss(model, batch)), rounds),
        }
    ]
    subject, _ = prepare(modules, lambda data: loss(model, data), batch)
    for one in INTERVENTIONS:
        if one.name == "number-format" or not one.applies(subject):
            continue

        def alone(one: Any = one) -> None:
            bench = Bench(subject, {one.name: one})
            if math.isnan(bench(frozenset((one.name,)))):
                raise RuntimeError(f"{name} did not run with {one.name}")

        rows.append({"model": name, "what": one.name, "passes": paired(plain, alone, rounds)})
    rows.append(
        {
            "model": name,
            "what": "whole check",
            "passes": paired(plain, lambda: explain(modules, lambda d: loss(model, d), batch), rounds),
        }
    )
    return rows


def main() -> None:
    """Measures both models and prints what each thing costs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", metavar="FILE", help="write the rows as JSON; - for standard output")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    out = sys.stderr if args.json == "-" else sys.stdout
    print(f"{'model':<12}{'what':<20}passes", file=out)
    rows = []
    for name in subjects():
        for row in rows_of(name, args.rounds):
            rows.append(row)
            print(f"{row['model']:<12}{row['what']:<20}{row['passes']:>6.2f}", file=out, flush=True)
    if args.json:
        text = json.dumps({"torch": torch.__version__, "threads": args.threads, "rows": rows}, indent=1) + "\n"
        sys.stdout.write(text) if args.json == "-" else Path(args.json).write_text(text)


if __name__ == "__main__":
    main()
