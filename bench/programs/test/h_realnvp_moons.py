import argparse

import torch
from sklearn.datasets import make_moons
from torch import nn


class Coupling(nn.Module):
    def __init__(self, flip):
        super().__init__()
        self.flip = flip
        self.net = nn.Sequential(nn.Linear(1, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2))
        nn.init.zeros_(self.net[-1].weight)
        nn.init.zeros_(self.net[-1].bias)

    def forward(self, x):
        a, b = x.chunk(2, 1)
        if self.flip:
            a, b = b, a
        s, t = self.net(a).chunk(2, 1)
        s = torch.tanh(s)
        b = b * s.exp() + t
        return torch.cat((b, a) if self.flip else (a, b), 1), s.sum(1)


ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
data = torch.tensor(make_moons(2000, noise=0.08, random_state=0)[0]).float()
data = (data - data.mean(0)) / data.std(0)
flow = nn.ModuleList([Coupling(i % 2 == 1) for i in range(6)])
opt = torch.optim.Adam(flow.parameters(), lr=3e-3)
hist = []
for step in range(350):
    x = data[torch.randint(0, 2000, (128,))]
    logdet = 0
    for layer in flow:
        x, ld = layer(x)
        logdet = logdet + ld
    nll = (0.5 * x.pow(2).sum(1) + 1.8379 - logdet).mean()
    opt.zero_grad()
    nll.backward()
    opt.step()
    hist.append(nll.item())
    if step % 70 == 0:
        print(step, nll.item())
print("nll", sum(hist[-30:]) / 30)
