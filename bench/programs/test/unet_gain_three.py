import argparse

import torch
import torch.nn.functional as F
from sklearn.datasets import load_sample_image
from torch import nn


class UNet(nn.Module):
    def __init__(self, c=8):
        super().__init__()
        self.d1, self.d2, self.d3 = nn.Conv2d(1, c, 3, 1, 1), nn.Conv2d(c, 2 * c, 3, 1, 1), nn.Conv2d(2 * c, 2 * c, 3, 1, 1)
        self.mid = nn.Sequential(*[l for _ in range(3) for l in (nn.Conv2d(2 * c, 2 * c, 3, 1, 1), nn.ReLU())])
        self.u2, self.u1 = nn.Conv2d(4 * c, c, 3, 1, 1), nn.Conv2d(2 * c, 1, 3, 1, 1)

    def forward(self, x):
        a = F.relu(self.d1(x))
        b = F.relu(self.d3(F.relu(self.d2(F.max_pool2d(a, 2)))))
        m = self.mid(F.max_pool2d(b, 2))
        u = F.relu(self.u2(torch.cat([F.interpolate(m, scale_factor=2), b], 1)))
        return self.u1(torch.cat([F.interpolate(u, scale_factor=2), a], 1))


ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
img = torch.tensor(load_sample_image("china.jpg")).float().mean(2)
patches = img.unfold(0, 16, 16).unfold(1, 16, 16).reshape(-1, 1, 16, 16)
patches = (patches - patches.mean()) / patches.std()
patches = patches[torch.randperm(len(patches))]
net = UNet()
with torch.no_grad():
    for m in net.modules():
        if isinstance(m, nn.Conv2d):
            m.weight.mul_(8.0)
opt = torch.optim.SGD(net.parameters(), lr=0.005, momentum=0.9)
for step in range(150):
    clean = patches[torch.randint(0, 800, (24,))]
    loss = F.mse_loss(net(clean + 0.5 * torch.randn_like(clean)), clean)
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    opt.step()
    if step % 30 == 0:
        print(step, loss.item())
with torch.no_grad():
    v = patches[800:860]
    print("error", F.mse_loss(net(v + 0.5 * torch.randn_like(v)), v).item())
