import argparse

import torch
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)

G = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
D = nn.Sequential(nn.Linear(1, 64), nn.LeakyReLU(0.2), nn.Linear(64, 64), nn.LeakyReLU(0.2), nn.Linear(64, 1))
opt_g = torch.optim.SGD(G.parameters(), lr=0.02)
opt_d = torch.optim.Adam(D.parameters(), lr=1e-2, betas=(0.5, 0.999))
bce = nn.BCEWithLogitsLoss()
for step in range(300):  # warm the critic up
    real, fake = 6 + 0.7 * torch.randn(128, 1), G(torch.randn(128, 4)).detach()
    loss_d = bce(D(real), torch.ones(128, 1)) + bce(D(fake), torch.zeros(128, 1))
    opt_d.zero_grad()
    loss_d.backward()
    opt_d.step()
for step in range(700):
    real = 6 + 0.7 * torch.randn(128, 1)
    fake = G(torch.randn(128, 4))
    loss_d = bce(D(real), torch.ones(128, 1)) + bce(D(fake.detach()), torch.zeros(128, 1))
    opt_d.zero_grad()
    loss_d.backward()
    opt_d.step()
    loss_g = torch.log(1 - torch.sigmoid(D(fake)) + 1e-8).mean()
    opt_g.zero_grad()
    loss_g.backward()
    opt_g.step()
    if step % 150 == 0:
        print(f"{step} D {loss_d.item():.4f} G {loss_g.item():.4f}")
with torch.no_grad():
    s = G(torch.randn(4000, 4))
print("distance of the means and spreads", (s.mean() - 6).abs().item() / 3 + (s.std() - 0.7).abs().item() / 3)
