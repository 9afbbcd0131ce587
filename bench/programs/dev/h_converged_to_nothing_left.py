import argparse

import torch
from sklearn.datasets import make_blobs
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
x, y = make_blobs(600, centers=3, cluster_std=0.8, random_state=2)
x, y = torch.tensor(x).float() / 5, torch.tensor(y)
model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 3))
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
for step in range(1500):
    loss = nn.functional.cross_entropy(model(x[:400]), y[:400])
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 300 == 0:
        print(step, loss.item())
print("acc", (model(x[400:]).argmax(1) == y[400:]).float().mean().item())
