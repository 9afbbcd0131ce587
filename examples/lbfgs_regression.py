"""Predict the progression of diabetes from ten measurements with a small network fitted by LBFGS.

Data: scikit-learn's diabetes study, 442 patients, 342 to train and 100 to test, measurements and target standardised.
Network: two hidden layers of 16 tanh units.
Training: LBFGS on the whole training set, squared error with a penalty on the weights.
"""

import argparse

import numpy as np
import torch
from sklearn.datasets import load_diabetes
from torch import Tensor, nn


def load_patients() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    inputs, target = load_diabetes(return_X_y=True, scaled=False)
    order = np.random.default_rng(0).permutation(len(inputs))
    table = np.column_stack([inputs, target])[order]
    table = (table - table[:342].mean(axis=0)) / table[:342].std(axis=0)
    x, y = torch.from_numpy(table[:, :-1]).float(), torch.from_numpy(table[:, -1:]).float()
    return x[:342], y[:342], x[342:], y[342:]


def build_model(inputs: int, width: int = 16) -> nn.Sequential:
    model = nn.Sequential(
        nn.Linear(inputs, width),
        nn.Tanh(),
        nn.Linear(width, width),
        nn.Tanh(),
        nn.Linear(width, 1),
    )
    for layer in model:
        if isinstance(layer, nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
    return model


@torch.no_grad()
def explained(model: nn.Module, x: Tensor, y: Tensor) -> float:
    return 1 - ((model(x) - y) ** 2).mean().item() / y.var(unbiased=False).item()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--penalty", type=float, default=3e-2)
    args = parser.parse_args()

    torch.set_num_threads(1)  # more threads only slow so small a network down
    torch.manual_seed(args.seed)
    train_x, train_y, test_x, test_y = load_patients()
    model = build_model(train_x.shape[1])
    criterion = nn.MSELoss()
    optimizer = torch.optim.LBFGS(model.parameters(), lr=1.0, max_iter=10, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        weights = sum((layer.weight**2).sum() for layer in model if isinstance(layer, nn.Linear))
        loss = criterion(model(train_x), train_y) + args.penalty * weights
        loss.backward()
        return loss

    for step in range(args.steps):
        loss = optimizer.step(closure)
        if step % 4 == 0:
            print(f"step {step:3d}  loss {loss.item():.4f}  test R2 {explained(model, test_x, test_y):.3f}", flush=True)

    print(f"train R2 {explained(model, train_x, train_y):.3f}  test R2 {explained(model, test_x, test_y):.3f}")


if __name__ == "__main__":
    main()
