import argparse

import torch
from sklearn.datasets import make_moons
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
data = torch.tensor(make_moons(2000, noise=0.05, random_state=1)[0]).float()
data = (data - data.mean(0)) / data.std(0)
alphas = torch.cumprod(1 - torch.linspace(1e-4, 0.1, 60), 0)
net = nn.Sequential(nn.Linear(3, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, 2))
opt = torch.optim.Adam(net.parameters(), lr=1e-7)
last = []
for step in range(600):
    x = data[torch.randint(0, 2000, (128,))]
    t = torch.randint(0, 60, (128,))
    eps = torch.randn_like(x)
    a = alphas[t].unsqueeze(1)
    noisy = a.sqrt() * x + (1 - a).sqrt() * eps
    loss = ((net(torch.cat([noisy, t.unsqueeze(1) / 60], 1)) - eps) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    last.append(loss.item())
    if step % 150 == 0:
        print(step, loss.item())
print("noise error", sum(last[-50:]) / 50)
