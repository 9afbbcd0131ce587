import argparse

import torch
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
net = nn.Sequential(nn.Linear(10, 128), nn.ReLU(), nn.Linear(128, 1))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)


def bits(n):
    x = torch.randint(0, 2, (n, 10)).float() * 2 - 1
    return x, (x[:, :3].prod(1) > 0).float()


for step in range(1000):
    x, y = bits(64)
    loss = nn.functional.binary_cross_entropy_with_logits(net(x).squeeze(1), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 150 == 0:
        print(step, loss.item())
x, y = bits(2000)
print("acc", ((net(x).squeeze(1) > 0).float() == y).float().mean().item())
