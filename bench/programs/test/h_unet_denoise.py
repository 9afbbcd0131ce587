import argparse

import torch
import torch.nn.functional as F
from sklearn.datasets import load_sample_image
from torch import nn


def double(i, o):
    return nn.Sequential(nn.Conv2d(i, o, 3, 1, 1), nn.GroupNorm(4, o), nn.ReLU(), nn.Conv2d(o, o, 3, 1, 1), nn.ReLU())


class UNet(nn.Module):
    def __init__(self, c=8):
        super().__init__()
        self.down1, self.down2, self.mid = double(1, c), double(c, 2 * c), double(2 * c, 2 * c)
        self.up2 = nn.ConvTranspose2d(2 * c, 2 * c, 2, 2)
        self.dec2 = double(4 * c, c)
        self.up1 = nn.ConvTranspose2d(c, c, 2, 2)
        self.dec1 = double(2 * c, c)
        self.out = nn.Conv2d(c, 1, 1)

    def forward(self, x):
        a = self.down1(x)
        b = self.down2(F.max_pool2d(a, 2))
        m = self.mid(F.max_pool2d(b, 2))
        b = self.dec2(torch.cat([self.up2(m), b], 1))
        return self.out(self.dec1(torch.cat([self.up1(b), a], 1)))


ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
img = torch.tensor(load_sample_image("china.jpg")).float().mean(2)
patches = img.unfold(0, 16, 16).unfold(1, 16, 16).reshape(-1, 1, 16, 16)
patches = (patches - patches.mean()) / patches.std()
patches = patches[torch.randperm(len(patches))]
net = UNet()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for step in range(120):
    clean = patches[torch.randint(0, 800, (16,))]
    loss = F.mse_loss(net(clean + 0.7 * torch.randn_like(clean)), clean)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 30 == 0:
        print(step, loss.item())
net.eval()
with torch.no_grad():
    v = patches[800:900]
    print("error", F.mse_loss(net(v + 0.7 * torch.randn_like(v)), v).item())
