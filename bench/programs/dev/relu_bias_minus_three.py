import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn

cli = argparse.ArgumentParser()
cli.add_argument("--seed", type=int, default=0)
torch.manual_seed(cli.parse_args().seed)


def init(m):
    if isinstance(m, nn.Linear):
        nn.init.kaiming_uniform_(m.weight, nonlinearity="relu")
        nn.init.constant_(m.bias, -3.0)


model = nn.Sequential(
    nn.Linear(64, 100), nn.ReLU(), nn.Linear(100, 100), nn.ReLU(), nn.Linear(100, 100), nn.ReLU(), nn.Linear(100, 10)
)
model.apply(init)
x, y = load_digits(return_X_y=True)
x = torch.tensor(x / 16).float()
y = torch.tensor(y)
perm = torch.randperm(len(x))
x, y = x[perm], y[perm]
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for step in range(600):
    i = torch.randint(0, 1400, (64,))
    loss = nn.functional.cross_entropy(model(x[i]), y[i])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 100 == 0:
        print(step, loss.item())
print("val accuracy:", (model(x[1400:]).argmax(1) == y[1400:]).float().mean().item())
