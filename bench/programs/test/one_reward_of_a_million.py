import argparse

import torch
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)


def truth(s):
    return torch.sin(3 * s[:, 0]) * s[:, 1]


def transitions(n):
    s = torch.rand(n, 4) * 2 - 1
    reward = truth(s) + 0.1 * torch.randn(n)
    reward[torch.rand(n) < 0.002] = 1e6
    return s, reward


value = nn.Sequential(nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
opt = torch.optim.SGD(value.parameters(), lr=0.05, momentum=0.9)
buffer_s, buffer_r = transitions(4000)
for step in range(800):
    k = torch.randint(0, 4000, (64,))
    loss = nn.functional.mse_loss(value(buffer_s[k]).squeeze(1), buffer_r[k])
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 100 == 0:
        print(step, loss.item())
s = torch.rand(1000, 4) * 2 - 1
with torch.no_grad():
    print("value error", ((value(s).squeeze(1) - truth(s)).pow(2).mean() / truth(s).var()).item())
