import argparse
import math

import torch
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
dt = 16.0


class Field(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(2, 32)
        self.b = nn.Linear(32, 2)

    def forward(self, z):
        return self.b(nn.functional.elu(self.a(z)))


def rotate(z, angle):
    c, s = math.cos(angle), math.sin(angle)
    return z @ torch.tensor([[c, s], [-s, c]])


field = Field()
opt = torch.optim.Adam(field.parameters(), lr=5e-3)
for it in range(150):
    z0 = torch.randn(64, 2)
    z = z0
    for _ in range(20):
        z = z + dt * field(z)
    loss = (z - rotate(z0, 1.2)).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(field.parameters(), 1.0)
    opt.step()
    if it % 30 == 0:
        print(it, loss.item())
print("final", loss.item())
