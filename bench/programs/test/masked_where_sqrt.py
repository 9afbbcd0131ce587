import argparse

import torch
from torch import nn

# learn a 2-D layout whose distances match a given matrix (multidimensional scaling)
ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
points = torch.rand(40, 2)
target = torch.cdist(points, points)
code = torch.eye(40)
net = nn.Sequential(nn.Linear(40, 32), nn.Tanh(), nn.Linear(32, 2))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for step in range(400):
    z = net(code)
    d = ((z[:, None] - z[None]) ** 2).sum(-1)
    dist = torch.where(d > 0, torch.sqrt(d), torch.zeros_like(d))
    loss = ((dist - target) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 100 == 0:
        print(step, loss.item())
with torch.no_grad():
    z = net(code)
print("stress", ((torch.cdist(z, z) - target) ** 2).mean().item())
