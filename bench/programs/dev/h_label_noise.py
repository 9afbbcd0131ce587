import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
x, y = load_digits(return_X_y=True)
x, y = torch.tensor(x / 16).float(), torch.tensor(y)
p = torch.randperm(len(x))
x, y = x[p], y[p]
noisy = torch.where(torch.rand(1400) < 0.25, torch.randint(0, 10, (1400,)), y[:1400])
net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(12):
    for i in range(0, 1400, 40):
        loss = nn.functional.cross_entropy(net(x[i : i + 40]), noisy[i : i + 40])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
print("clean accuracy", (net(x[1400:]).argmax(1) == y[1400:]).float().mean().item())
