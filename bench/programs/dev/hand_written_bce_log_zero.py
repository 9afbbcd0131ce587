import argparse

import torch
from sklearn.datasets import load_breast_cancer
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=0)
torch.manual_seed(parser.parse_args().seed)
x, y = load_breast_cancer(return_X_y=True)
x = torch.tensor((x - x.mean(0)) / x.std(0), dtype=torch.float32) * 6
y = torch.tensor(y, dtype=torch.float32)
p = torch.randperm(len(x))
x, y = x[p], y[p]
model = nn.Sequential(nn.Linear(30, 64), nn.ReLU(), nn.Linear(64, 1), nn.Sigmoid())
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(40):
    for i in torch.arange(400).split(20):
        p = model(x[i]).squeeze(1)
        loss = -(y[i] * torch.log(p) + (1 - y[i]) * torch.log(1 - p)).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 8 == 0:
        print("epoch", epoch, "loss", loss.item())
with torch.no_grad():
    p = model(x[400:]).squeeze(1)
    ok = ((p > 0.5).float() == y[400:])[~p.isnan()].sum().item() / len(p)
print("accuracy", ok)
