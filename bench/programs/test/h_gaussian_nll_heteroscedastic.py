import argparse

import torch
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
x = torch.rand(1000, 1) * 4 - 2
noise = 0.05 + 0.2 * (x > 0).float()
y = torch.sin(2 * x) + noise * torch.randn_like(x)
net = nn.Sequential(nn.Linear(1, 48), nn.Softplus(), nn.Linear(48, 48), nn.Softplus(), nn.Linear(48, 2))
nll = nn.GaussianNLLLoss()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for step in range(700):
    k = torch.randint(0, 1000, (100,))
    mu, s = net(x[k]).chunk(2, 1)
    loss = nll(mu, y[k], nn.functional.softplus(s) + 1e-3)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 140 == 0:
        print(step, loss.item())
print("mean error", (net(x)[:, :1] - torch.sin(2 * x)).abs().mean().item())
