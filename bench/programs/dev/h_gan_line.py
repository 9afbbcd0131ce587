import argparse

import torch
import torch.nn as nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(3, 24), nn.ReLU(), nn.Linear(24, 1))

    def forward(self, z):
        return self.net(z)


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(1, 24), nn.LeakyReLU(0.2), nn.Linear(24, 24), nn.LeakyReLU(0.2), nn.Linear(24, 1))

    def forward(self, x):
        return self.net(x)


netG, netD = Generator(), Discriminator()
optG = torch.optim.Adam(netG.parameters(), lr=2e-3, betas=(0.5, 0.99))
optD = torch.optim.Adam(netD.parameters(), lr=2e-3, betas=(0.5, 0.99))
loss = nn.BCEWithLogitsLoss()
for step in range(800):
    real = 2 + 0.5 * torch.randn(64, 1)
    optD.zero_grad()
    fake = netG(torch.randn(64, 3))
    d = loss(netD(real), torch.ones(64, 1)) + loss(netD(fake.detach()), torch.zeros(64, 1))
    d.backward()
    optD.step()
    optG.zero_grad()
    g = loss(netD(netG(torch.randn(64, 3))), torch.ones(64, 1))
    g.backward()
    optG.step()
    if step % 200 == 0:
        print(step, d.item(), g.item())
with torch.no_grad():
    s = netG(torch.randn(5000, 3))
print("mean and std are off by", (s.mean() - 2).abs().item() + 0.5 * (s.std() - 0.5).abs().item())
