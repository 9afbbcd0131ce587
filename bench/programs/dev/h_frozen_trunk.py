import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
x, y = load_digits(return_X_y=True)
x, y = torch.tensor(x / 16).float(), torch.tensor(y)
low = y < 5
trunk = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU())


def fit(net, params, x, y, epochs, lr):
    opt = torch.optim.Adam(params, lr=lr)
    for epoch in range(epochs):
        for b in torch.randperm(len(x)).split(50):
            opt.zero_grad()
            loss = nn.functional.cross_entropy(net(x[b]), y[b])
            loss.backward()
            opt.step()
    print("loss", loss.item())


pre = nn.Sequential(trunk, nn.Linear(64, 5))
fit(pre, pre.parameters(), x[low], y[low], 8, 2e-3)
for p in trunk.parameters():
    p.requires_grad = False
tuned = nn.Sequential(trunk, nn.Linear(64, 5))
xh, yh = x[~low], y[~low] - 5
fit(tuned, filter(lambda p: p.requires_grad, tuned.parameters()), xh[:700], yh[:700], 30, 1e-2)
print("accuracy", (tuned(xh[700:]).argmax(1) == yh[700:]).float().mean().item())
