import argparse

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn


class Block(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.fc1 = nn.Linear(n, n)
        self.fc2 = nn.Linear(n, n)
        for fc in (self.fc1, self.fc2):
            nn.init.kaiming_normal_(fc.weight)

    def forward(self, x):
        x = x + 2.0 * self.fc2(F.relu(self.fc1(x)))
        return x


parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=0)
torch.manual_seed(parser.parse_args().seed)
x, y = load_digits(return_X_y=True)
x, y = torch.tensor(x / 16).float(), torch.tensor(y)
p = torch.randperm(len(x))
x, y = x[p], y[p]
net = nn.Sequential(nn.Linear(64, 32), *[Block(32) for _ in range(24)], nn.Linear(32, 10))
opt = torch.optim.SGD(net.parameters(), lr=0.01)
for epoch in range(10):
    for i in range(0, 1400, 50):
        loss = F.cross_entropy(net(x[i : i + 50]), y[i : i + 50])
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_value_(net.parameters(), 0.5)
        opt.step()
    print(epoch, loss.item())
print("acc", (net(x[1400:]).argmax(1) == y[1400:]).float().mean().item())
