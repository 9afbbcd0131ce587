import argparse

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.conv1 = nn.Conv2d(c, c, 3, padding=1)
        self.conv2 = nn.Conv2d(c, c, 3, padding=1)
        self.alpha = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return x + self.alpha * self.conv2(F.relu(self.conv1(x)))


class Net(nn.Module):
    def __init__(self, c=12):
        super().__init__()
        self.stem = nn.Conv2d(1, c, 3, 2, 1)
        self.blocks = nn.Sequential(*[Block(c) for _ in range(4)])
        self.head = nn.Linear(c * 16, 10)

    def forward(self, x):
        return self.head(self.blocks(self.stem(x)).flatten(1))


parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=0)
torch.manual_seed(parser.parse_args().seed)
d = load_digits()
x, y = torch.tensor(d.images).float().unsqueeze(1) / 16, torch.tensor(d.target)
p = torch.randperm(len(x))
x, y = x[p], y[p]
net = Net()
opt = torch.optim.AdamW(net.parameters(), lr=5e-3)
for epoch in range(6):
    for i in range(0, 1400, 70):
        loss = F.cross_entropy(net(x[i : i + 70]), y[i : i + 70])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        print(epoch, loss.item(), (net(x[1400:]).argmax(1) == y[1400:]).float().mean().item())
