import argparse

import torch
from sklearn.datasets import load_sample_image
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
img = torch.tensor(load_sample_image("flower.jpg")).float().mean(2)
patches = img.unfold(0, 8, 8).unfold(1, 8, 8).reshape(-1, 64)
patches = patches[torch.randperm(len(patches))][:2000]
energy = patches.pow(2).sum(1)
x = patches / 255
net = nn.Sequential(nn.Linear(64, 32), nn.SELU(), nn.Linear(32, 32), nn.SELU(), nn.Linear(32, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
for epoch in range(8):
    for b in torch.randperm(1600).split(40):
        loss = nn.functional.mse_loss(net(x[b]).squeeze(1), energy[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    e = energy[1600:]
    print("unexplained", (nn.functional.mse_loss(net(x[1600:]).squeeze(1), e) / e.var()).item())
