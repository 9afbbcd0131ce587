import argparse
import math

import torch
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)


def waves(n):
    kind = torch.randint(0, 3, (n,))
    t = torch.linspace(0, 4, 64) * (0.7 + 0.6 * torch.rand(n, 1)) + torch.rand(n, 1) * 4
    s = torch.sin(2 * math.pi * t)
    tri = 2 / math.pi * torch.asin(s)
    x = torch.stack([s, s.sign(), tri], 0)[kind, torch.arange(n)]
    label = torch.randint(0, 3, (n,))
    return x.unsqueeze(1) + 0.1 * torch.randn(n, 1, 64), label


x, y = waves(900)
xt, yt = waves(300)
net = nn.Sequential(
    nn.Conv1d(1, 16, 7, padding=3), nn.BatchNorm1d(16), nn.ReLU(), nn.MaxPool1d(2),
    nn.Conv1d(16, 16, 5, padding=2), nn.BatchNorm1d(16), nn.ReLU(), nn.AdaptiveMaxPool1d(1), nn.Flatten(), nn.Linear(16, 3),
)
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(8):
    net.train()
    for b in torch.randperm(900).split(30):
        loss = nn.functional.cross_entropy(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
net.eval()
print("acc", (net(xt).argmax(1) == yt).float().mean().item())
