"""Tell benign from malignant tumours by thirty measurements of cell nuclei.

Data: scikit-learn's breast cancer study as recorded, 569 patients, 456 to train and 113 to test.
Network: two hidden layers of 64 ReLU units.
Training: stochastic gradient descent with momentum on the cross-entropy, batches of 32.
"""

import argparse

import numpy as np
import torch
from sklearn.datasets import load_breast_cancer
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class TumourNet(nn.Module):
    def __init__(self, inputs: int = 30, width: int = 64) -> None:
        super().__init__()
        self.fc1 = nn.Linear(inputs, width)
        self.fc2 = nn.Linear(width, width)
        self.out = nn.Linear(width, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.fc1(x))
        x = torch.relu(self.fc2(x))
        return self.out(x)


def load_patients() -> tuple[TensorDataset, TensorDataset]:
    inputs, labels = load_breast_cancer(return_X_y=True)
    order = torch.from_numpy(np.random.default_rng(0).permutation(len(inputs)))
    x, y = torch.from_numpy(inputs).float()[order], torch.from_numpy(labels)[order]
    return TensorDataset(x[:456], y[:456]), TensorDataset(x[456:], y[456:])


@torch.no_grad()
def accuracy(model: nn.Module, data: TensorDataset) -> float:
    x, y = data.tensors
    return (model(x).argmax(dim=1) == y).float().mean().item()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--steps", type=int, default=None, help="stop after so many steps")
    parser.add_argument("--lr", type=float, default=5e-3)
    args = parser.parse_args()

    torch.set_num_threads(1)  # more threads only slow so small a network down
    torch.manual_seed(args.seed)
    train_set, test_set = load_patients()
    loader = DataLoader(train_set, batch_size=32, shuffle=True)
    model = TumourNet()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=0.9)

    step, last = 0, args.epochs * len(loader) if args.steps is None else args.steps
    while step < last:
        total = 0.0
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item()
            step += 1
            if step >= last:
                break
        if step % (5 * len(loader)) == 0 or step >= last:
            mean = total / len(loader)
            print(f"step {step:4d}  loss {mean:.4f}  test accuracy {accuracy(model, test_set):.3f}", flush=True)


if __name__ == "__main__":
    main()
