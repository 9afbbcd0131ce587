import argparse

import torch
from sklearn.datasets import make_moons
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
data = torch.tensor(make_moons(2000, noise=0.05, random_state=1)[0]).float()
data = (data - data.mean(0)) / data.std(0)
T = 60
abar = torch.cumprod(1 - torch.linspace(1e-4, 0.1, T), 0)


class Denoiser(nn.Module):
    def __init__(self, d=64):
        super().__init__()
        self.time = nn.Embedding(T, d)
        self.inp = nn.Linear(2, d)
        self.mid = nn.ModuleList(nn.Linear(d, d) for _ in range(3))
        self.out = nn.Linear(d, 2)
        nn.init.zeros_(self.out.weight)

    def forward(self, x, t):
        h = self.inp(x) + self.time(t)
        for m in self.mid:
            h = h + m(nn.functional.silu(h))
        return self.out(h)


net, ema = Denoiser(), Denoiser()
ema.load_state_dict(net.state_dict())
opt = torch.optim.AdamW(net.parameters(), lr=2e-3)
hist = []
for step in range(600):
    x = data[torch.randint(0, 2000, (128,))]
    t = torch.randint(0, T, (128,))
    eps = torch.randn_like(x)
    a = abar[t].unsqueeze(1)
    loss = (net(a.sqrt() * x + (1 - a).sqrt() * eps, t) - eps).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    with torch.no_grad():
        for p, q in zip(ema.parameters(), net.parameters()):
            p.lerp_(q, 0.02)
    hist.append(loss.item())
    if step % 150 == 0:
        print(step, loss.item())
print("noise error", sum(hist[-50:]) / 50)
