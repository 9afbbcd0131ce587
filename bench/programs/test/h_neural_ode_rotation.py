import argparse
import math

import torch
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
f = nn.Sequential(nn.Linear(2, 24), nn.Tanh(), nn.Linear(24, 2))
opt = torch.optim.Adam(f.parameters(), lr=0.01)
c, s = math.cos(1.2), math.sin(1.2)
R = torch.tensor([[c, s], [-s, c]])


def solve(z, n=12, h=1 / 12):
    for _ in range(n):
        k1 = f(z)
        k2 = f(z + h / 2 * k1)
        z = z + h * k2
    return z


for it in range(250):
    z0 = torch.randn(64, 2)
    loss = (solve(z0) - z0 @ R).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 50 == 0:
        print(it, loss.item())
print("final", loss.item())
