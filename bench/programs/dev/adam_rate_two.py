import argparse

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(1, 8, 3, stride=2, padding=1)
        self.c2 = nn.Conv2d(8, 16, 3, stride=2, padding=1)
        self.f1 = nn.Linear(64, 32)
        self.f2 = nn.Linear(32, 10)

    def forward(self, x):
        x = F.relu(self.c1(x))
        x = F.relu(self.c2(x))
        x = F.relu(self.f1(x.flatten(1)))
        return F.log_softmax(self.f2(x), 1)


ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
d = load_digits()
x, y = torch.tensor(d.images).float().unsqueeze(1) / 16, torch.tensor(d.target)
p = torch.randperm(len(x))
x, y = x[p], y[p]
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=2.0)
for epoch in range(8):
    for i in range(0, 1400, 50):
        opt.zero_grad()
        loss = F.nll_loss(net(x[i : i + 50]), y[i : i + 50])
        loss.backward()
        opt.step()
    print(epoch, loss.item())
print("acc", (net(x[1400:]).argmax(1) == y[1400:]).float().mean().item())
