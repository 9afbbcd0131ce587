import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn


class Tower(nn.Module):
    def __init__(self, n=50, width=48):
        super().__init__()
        self.stem = nn.Linear(64, width)
        self.layers = nn.ModuleList(nn.Linear(width, width, bias=False) for _ in range(n))
        self.norms = nn.ModuleList(nn.BatchNorm1d(width) for _ in range(n))
        self.head = nn.Linear(width, 10)

    def forward(self, x):
        x = self.stem(x)
        for layer, norm in zip(self.layers, self.norms):
            x = torch.relu(norm(layer(x)))
        return self.head(x)


a = argparse.ArgumentParser()
a.add_argument("--seed", type=int, default=0)
torch.manual_seed(a.parse_args().seed)
x, y = load_digits(return_X_y=True)
x, y = torch.tensor(x / 16).float(), torch.tensor(y)
p = torch.randperm(len(x))
x, y = x[p], y[p]
net = Tower()
opt = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
for epoch in range(8):
    net.train()
    for i in range(0, 1400, 100):
        loss = nn.functional.cross_entropy(net(x[i : i + 100]), y[i : i + 100])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        print(epoch, f"{loss.item():.3f}", (net(x[1400:]).argmax(1) == y[1400:]).float().mean().item())
