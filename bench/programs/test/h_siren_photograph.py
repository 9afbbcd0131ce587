import argparse
import math

import torch
from sklearn.datasets import load_sample_image
from torch import nn


class Sine(nn.Module):
    def __init__(self, i, o, w0=30.0, first=False):
        super().__init__()
        self.w0 = w0
        self.linear = nn.Linear(i, o)
        bound = 1 / i if first else math.sqrt(6 / i) / w0
        nn.init.uniform_(self.linear.weight, -bound, bound)

    def forward(self, x):
        return torch.sin(self.w0 * self.linear(x))


ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
img = torch.tensor(load_sample_image("flower.jpg")).float().mean(2)[::12, ::12]
img = (img - img.mean()) / img.std()
h, w = img.shape
grid = torch.stack(torch.meshgrid(torch.linspace(-1, 1, h), torch.linspace(-1, 1, w), indexing="ij"), -1).view(-1, 2)
net = nn.Sequential(Sine(2, 64, first=True), Sine(64, 64), Sine(64, 64), nn.Linear(64, 1))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for step in range(200):
    k = torch.randint(0, len(grid), (512,))
    loss = (net(grid[k]).squeeze(1) - img.view(-1)[k]).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 40 == 0:
        print(step, loss.item())
print("mse", (net(grid).squeeze(1) - img.view(-1)).pow(2).mean().item())
