import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
x, y = load_digits(return_X_y=True)
x, y = torch.tensor((x - 4.9) / 6).float(), torch.tensor(y)
p = torch.randperm(len(x))
x, y = x[p], y[p]
mlp = nn.Sequential(
    nn.Linear(64, 80), nn.ELU(), nn.Linear(80, 80), nn.ELU(), nn.Linear(80, 80), nn.ELU(), nn.Linear(80, 10)
)
opt = torch.optim.SGD(mlp.parameters(), lr=0.05, momentum=0.9, weight_decay=0.5)
for epoch in range(12):
    for i in range(0, 1400, 64):
        loss = nn.functional.cross_entropy(mlp(x[i : i + 64]), y[i : i + 64])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
print("val acc", (mlp(x[1400:]).argmax(1) == y[1400:]).float().mean().item())
