import argparse

import torch
from sklearn.datasets import load_digits
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument("--seed", type=int, default=0)
torch.manual_seed(ap.parse_args().seed)
x, t = load_digits(return_X_y=True)
keep = (t != 8) | (torch.rand(len(t)) < 0.5).numpy()
x, y = torch.tensor(x[keep] / 16).float(), torch.tensor(t[keep] == 8).float()
p = torch.randperm(len(x))
x, y = x[p], y[p]
net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
crit = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(10.0))
opt = torch.optim.AdamW(net.parameters(), lr=2e-3)
for epoch in range(20):
    for i in range(0, 1300, 50):
        loss = crit(net(x[i : i + 50]).squeeze(1), y[i : i + 50])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 5 == 0:
        print(epoch, loss.item())
hit = (net(x[1300:]).squeeze(1) > 0).float() == y[1300:]
print("balanced", 0.5 * (hit[y[1300:] == 1].float().mean() + hit[y[1300:] == 0].float().mean()).item())
